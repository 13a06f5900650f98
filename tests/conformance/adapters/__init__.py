"""Tests of the adapters to real products."""
