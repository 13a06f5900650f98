"""Tests of the capacity report."""
