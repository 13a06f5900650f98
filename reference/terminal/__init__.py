"""The reference terminal: the flows that a terminal runs against a user card and a SAM (APP11 chapters 5 to 7)."""
