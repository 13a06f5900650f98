"""Texts under SM4 in ECB, as the wire profiles of the electronic card encipher fields and bodies.

Padding: PKCS#7 (``pkcs7``) or zeros (``zero``, which loses trailing zero bytes). Source: the profiles' facts; Sichuan's
variant names PKCS5, Guangdong's ZeroBytePadding.
"""

from __future__ import annotations

from typing import Final, Literal

from reference.crypto.face import BLOCK
from reference.crypto.selection import engine

Padding = Literal["pkcs7", "zero"]
MOST_PADDING: Final = BLOCK


class UnreadableCipherText(ValueError):
    """Deciphered bytes that do not end in the padding that was agreed, or a length that is no whole blocks."""


def encipher(key: bytes, plain: bytes, padding: Padding = "pkcs7") -> bytes:
    """The plain bytes filled up and enciphered under a 16-byte key."""
    missing = BLOCK - len(plain) % BLOCK
    filling = bytes([missing]) * missing if padding == "pkcs7" else bytes(missing % BLOCK)
    return engine().sm4_encrypt(key, plain + filling)


def decipher(key: bytes, blocks: bytes, padding: Padding = "pkcs7") -> bytes:
    """The inverse of `encipher`. Raises UnreadableCipherText."""
    if len(blocks) % BLOCK or (padding == "pkcs7" and not blocks):
        raise UnreadableCipherText("not a number of whole blocks")
    plain = engine().sm4_decrypt(key, blocks)
    if padding == "zero":
        return plain.rstrip(b"\x00")
    missing = plain[-1]
    if not 1 <= missing <= MOST_PADDING or plain[-missing:] != bytes([missing]) * missing:
        raise UnreadableCipherText("the padding is wrong")
    return plain[:-missing]
