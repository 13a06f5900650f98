"""Tests of lifelong records."""
