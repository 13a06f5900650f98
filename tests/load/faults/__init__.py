"""Tests of the promises under faults, on real processes, and of variations of the platform that break them."""
