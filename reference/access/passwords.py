"""Passwords of institutions and operators: what is kept of them, and holding one against it in constant time."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

SALT_BYTES: Final = 16
FAST: Final = 2**12
"""Cost for passwords that come with every request (Qinghai's envelope): about 10 ms. Source: decision."""
SLOW: Final = 2**14
"""Cost for people who sign in once: about 40 ms and 16 MB. Source: decision."""


def password_digest(password: str, salt: bytes, cost: int = FAST) -> bytes:
    """What is kept of a password: scrypt, 32 bytes. Source: decision."""
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=8, p=1, dklen=32)


def fits(password: str, salt: bytes, digest: bytes, cost: int = FAST) -> bool:
    """Whether the password is the one that was kept; never where nothing was, in the same time all the same."""
    right = hmac.compare_digest(password_digest(password, salt or bytes(SALT_BYTES), cost), digest or bytes(32))
    return right and bool(digest)
