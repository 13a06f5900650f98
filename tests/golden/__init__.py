"""Literal byte exchanges: what fielded terminals send, and one exchange frozen to the last byte."""
