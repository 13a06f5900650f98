"""Fixtures of this folder's tests."""

from tests.pcsc import pcsc, vicc

__all__ = ["pcsc", "vicc"]
