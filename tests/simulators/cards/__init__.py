"""Tests of the simulated user card and SAM, command by command."""
