"""Tests of the one entry to care, insurance and drugs."""
