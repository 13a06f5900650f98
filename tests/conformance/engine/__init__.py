"""The engine: planning, running, judging."""
