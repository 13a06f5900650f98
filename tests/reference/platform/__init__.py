"""Tests of the platform as a whole: how it asks its rooms and its crypto machine."""
