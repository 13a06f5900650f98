"""Benchmarks of the platform and of the load generator: scripts that print ratios from one run, never timed tests."""
