"""Tests of the evidence package: its records, verdicts, signature and file form."""
