"""Holds products against the standard: engine, suites, evidence, adapters to real products, self-checks."""
