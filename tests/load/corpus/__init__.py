"""Corpora for load tests, held against the reference itself."""
