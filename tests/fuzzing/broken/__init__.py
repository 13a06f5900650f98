"""Targets that break every promise, each in its own way: what the runner must find and survive."""
