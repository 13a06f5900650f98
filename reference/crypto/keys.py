"""Keys that do not show themselves: logs, reports and failed assertions get a check value.

The value is taken out by `secret_value` alone, so that a search for that word finds every use of a bare key.
"""

from __future__ import annotations

import hmac
from typing import ClassVar, NoReturn, Self

from reference.crypto.face import DEFAULT_USER_ID, InvalidKey
from reference.crypto.selection import engine
from reference.crypto.sm2 import private_scalar, random_scalar
from reference.ports import Randomness


class Secret:
    """Bytes of a fixed length that repr, str, format, pickle and JSON never show.

    ``demo`` marks a published test key: whoever judges by it says so. Raises InvalidKey for another length.
    """

    __slots__ = ("_value", "demo")
    length: ClassVar[int]

    def __init__(self, value: bytes, *, demo: bool = False) -> None:
        if len(value) != self.length:
            raise InvalidKey(f"{type(self).__name__} has {self.length} bytes, not {len(value)}")
        self._value = bytes(value)
        self.demo = demo

    @property
    def secret_value(self) -> bytes:
        """The bare key: for the engine's arguments and for nothing else."""
        return self._value

    def kcv(self) -> str:
        """The check value that tells keys apart: first two bytes of the key's SM3 digest, in hexadecimal."""
        return engine().sm3(self._value)[:2].hex()

    def __repr__(self) -> str:
        return f"«{'demo ' if self.demo else ''}{type(self).__name__} #{self.kcv()}»"

    def __format__(self, specification: str) -> str:
        return format(repr(self), specification)

    def __eq__(self, other: object) -> bool:
        """Whether both are the same kind of key with the same value, in constant time."""
        return type(other) is type(self) and hmac.compare_digest(self._value, other._value)

    def __hash__(self) -> int:
        return hash((type(self), self._value))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self!r} is not written to files: store it in a key file or a crypto machine")


class SecretKey(Secret):
    """A 16-byte key of the card's block cipher (REV2 table 10-2), diversified or of a session."""

    __slots__ = ()
    length = 16


class SigningKey(Secret):
    """A 32-byte SM2 private key; raises InvalidKey outside 1 … n-2."""

    __slots__ = ()
    length = 32

    def __init__(self, value: bytes, *, demo: bool = False) -> None:
        super().__init__(value, demo=demo)
        private_scalar(value)

    @classmethod
    def drawn_from(cls, randomness: Randomness) -> Self:
        """A new key."""
        return cls(random_scalar(randomness))

    def public_key(self) -> bytes:
        """The public point x ‖ y, 64 bytes."""
        return engine().sm2_public_key(self.secret_value)

    def sign(self, message: bytes, user_id: bytes = DEFAULT_USER_ID) -> bytes:
        """r ‖ s, 64 bytes; the same for the same message every time."""
        return engine().sm2_sign(self.secret_value, message, user_id)
