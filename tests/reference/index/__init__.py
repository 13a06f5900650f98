"""Tests of the cross-domain master index."""
