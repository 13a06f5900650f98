"""Fixtures of this folder's tests."""

from tests.pcsc import pcsc

__all__ = ["pcsc"]
