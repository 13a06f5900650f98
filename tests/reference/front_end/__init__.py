"""Tests of the institution front-end."""
