"""Tests of the requirement catalogue and of the command that lists it."""
