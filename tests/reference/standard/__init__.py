"""Tests of the standard as data: the shipped tables against the documents, the loader against mistakes."""
