"""Tests of the electronic card's rules."""
