"""Tests of the simulated clients."""
