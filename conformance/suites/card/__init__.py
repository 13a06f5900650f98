"""The user card's suite: tree, elements, rights, secured updates, authentication (APP11 chapters 4 to 6, REV2)."""
