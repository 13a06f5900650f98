"""The face that every engine of SM2, SM3 and SM4 shows, and the errors that all of them raise.

SM2: GB/T 32918.2 and .4 (GM/T 0003.2, .4) on the recommended curve of GB/T 32918.5; SM3: GB/T 32905 (GM/T 0004);
SM4: GB/T 32907 (GM/T 0002), modes of GB/T 17964.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

BLOCK: Final = 16
"""Bytes a block of SM4, and bytes of its key."""

DEFAULT_USER_ID: Final = b"1234567812345678"
"""The user id of GM/T 0009 clause 10, taken where signer and verifier have agreed on no other."""


class EngineUnavailable(Exception):
    """This machine lacks something that the engine needs; the message names it."""


class InvalidKey(ValueError):
    """A key is not of the form that its algorithm asks for."""


class InvalidNonce(ValueError):
    """The given SM2 nonce is out of range, or leads to r = 0, r + k = n or s = 0."""


class WrongCryptogram(ValueError):
    """What was to be deciphered was made for another key, or was changed since."""


class Engine(Protocol):
    """SM2, SM3 and SM4. Engines are stateless to their callers and may be used from several threads."""

    @property
    def name(self) -> str:
        """Short name for reports."""
        ...

    def sm3(self, data: bytes) -> bytes:
        """The 32-byte SM3 digest."""
        ...

    def sm4_encrypt(self, key: bytes, blocks: bytes) -> bytes:
        """Encipher whole 16-byte blocks one by one (ECB, no padding) under a 16-byte key.

        Raises InvalidKey for another key length, ValueError when ``blocks`` is not a multiple of 16 bytes.
        """
        ...

    def sm4_decrypt(self, key: bytes, blocks: bytes) -> bytes:
        """The inverse of `sm4_encrypt`; raises the same."""
        ...

    def sm4_decrypt_each(self, keys: bytes, texts: Sequence[bytes]) -> list[bytes]:
        """As `sm4_decrypt` of each text under its own key; ``keys`` are theirs one after the other, 16 bytes each.

        Raises as `sm4_encrypt`, InvalidKey also where there are not as many keys as texts.
        """
        ...

    def sm4_cbc_encrypt(self, key: bytes, iv: bytes, blocks: bytes) -> bytes:
        """Encipher whole blocks chained (CBC, no padding) from a 16-byte ``iv``; raises as `sm4_encrypt`."""
        ...

    def sm2_public_key(self, private: bytes) -> bytes:
        """The public point x ‖ y (64 bytes) of a 32-byte private key; InvalidKey outside 1 … n-2."""
        ...

    def sm2_sign(
        self, private: bytes, message: bytes, user_id: bytes = DEFAULT_USER_ID, nonce: bytes | None = None
    ) -> bytes:
        """Sign a message: r ‖ s (64 bytes), over e = SM3(Z ‖ message).

        Without ``nonce`` (32 bytes) k is derived from key and message as in RFC 6979 with HMAC-SM3, so that
        the same message always gets the same signature. Raises InvalidKey and InvalidNonce.
        """
        ...

    def sm2_verify(self, public: bytes, message: bytes, signature: bytes, user_id: bytes = DEFAULT_USER_ID) -> bool:
        """Whether r ‖ s is a signature of the message by the owner of the public point x ‖ y.

        Anything malformed (length, range, a point off the curve) is simply not a signature: False, no error.
        """
        ...

    def sm2_encrypt(self, public: bytes, message: bytes, nonce: bytes) -> bytes:
        """Encipher for the owner of x ‖ y: C1 (a point, 64 bytes) ‖ C3 (32 bytes) ‖ C2 (GB/T 32918.4, 6.1).

        ``nonce`` is k, 32 random bytes used once. Raises InvalidKey for a point off the curve, InvalidNonce where k is
        out of range or gives a key stream of zeros.
        """
        ...

    def sm2_decrypt(self, private: bytes, cryptogram: bytes) -> bytes:
        """The message inside a cryptogram of `sm2_encrypt` (GB/T 32918.4, 7.1).

        Raises InvalidKey, and WrongCryptogram when it was made for another key or changed.
        """
        ...


def each_key(keys: bytes, texts: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Each text with its key. Raises InvalidKey unless ``keys`` are as many keys of 16 bytes."""
    if len(keys) != BLOCK * len(texts):
        raise InvalidKey(f"{len(texts)} texts take {BLOCK * len(texts)} bytes of SM4 keys, not {len(keys)}")
    for number, text in enumerate(texts):
        yield keys[number * BLOCK : (number + 1) * BLOCK], text


def require_blocks(key: bytes, blocks: bytes, iv: bytes = bytes(BLOCK)) -> None:
    """Raise InvalidKey or ValueError unless key, iv and data have lengths that SM4 takes without padding."""
    if len(key) != BLOCK:
        raise InvalidKey(f"an SM4 key has {BLOCK} bytes, not {len(key)}")
    if len(iv) != BLOCK:
        raise ValueError(f"an SM4 initial value has {BLOCK} bytes, not {len(iv)}")
    if len(blocks) % BLOCK:
        raise ValueError(f"SM4 takes whole blocks of {BLOCK} bytes, not {len(blocks)} bytes: pad first")
