"""Tests of the reference: the standard as data, crypto, card, terminal."""
