"""Mutation testing of the judging code: `python -m tests.mutation` (docs/mutation-testing.md)."""
