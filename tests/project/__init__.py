"""Tests about the project itself: its house rules, its texts in two languages, its environments."""
