"""Tests of the simulated partners of an electronic card platform."""
