"""Tests of the room reference/keys: protocol, key versions, software machine and pool."""
