"""The registry of mutants."""
