"""Signing and enciphering of Guangdong's interface: headSign, bodySign, signString, and fields under SM4.

Source: EC-GD names the modes (MD5 or SM3, SM4/ECB/ZeroBytePadding) and what is signed: application, nonce, enciphered
time stamp, version, and the institution where the head names it; of the body all fields, as they travel. Decisions,
because the recipe is a service of the platforms and not published: the non-empty fields sorted by name, ``k=v`` joined
by ``&``, then ``&key=`` and the application's secret as hexadecimal text; the digest in lower-case hexadecimal, its
case not significant; cipher texts in upper-case hexadecimal.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from reference.crypto.block_texts import UnreadableCipherText, decipher, encipher
from reference.crypto.face import BLOCK
from reference.ecard.refusals import Refusal

HEAD_SIGNED = ("appId", "nonceStr", "orgCode", "timestamp", "version")
"""Fields of the head that headSign covers, in their order."""


def sign(values: Mapping[str, str | int], secret: bytes, mode: str) -> str:
    """The signature of the fields: 64 (SM3) or 32 (MD5) hexadecimal digits."""
    parts = [f"{name}={value}" for name in sorted(values) if (value := values[name]) != ""]
    parts.append(f"key={secret.hex()}")
    text = "&".join(parts).encode()
    if mode == "MD5":
        # The interface's older mode; the secret stands inside, and SM3 is there for whoever can choose.
        return hashlib.md5(text, usedforsecurity=False).hexdigest()
    return hashlib.new("sm3", text).hexdigest()


def is_signed(values: Mapping[str, str | int], secret: bytes, mode: str, signature: str) -> bool:
    """Whether the signature is that of the fields, compared in constant time."""
    return hmac.compare_digest(sign(values, secret, mode).encode(), signature.lower().encode())


def conceal(text: str, secret: bytes) -> str:
    """A field as it travels; empty stays empty."""
    return encipher(secret, text.encode(), "zero").hex().upper() if text else ""


def conceal_all(values: Mapping[str, Any], names: frozenset[str], secret: bytes) -> dict[str, Any]:
    """The values, those of ``names`` as they travel: enciphered in one go, since ECB takes block by block."""
    plain = {name: text.encode() for name in values if name in names and (text := values[name])}
    sizes = {name: -(-len(text) // BLOCK) * BLOCK for name, text in plain.items()}
    blocks = b"".join(text.ljust(sizes[name], b"\x00") for name, text in plain.items())
    sealed, start = encipher(secret, blocks, "zero").hex().upper(), 0
    concealed: dict[str, Any] = {}
    for name, size in sizes.items():
        concealed[name] = sealed[2 * start : 2 * (start + size)]
        start += size
    return {**values, **concealed}


def reveal(cipher_text: object, secret: bytes, field: str) -> str:
    """The text of an enciphered field; empty stays empty. Raises Refusal ``request.decryption-failed``."""
    if cipher_text in ("", None):
        return ""
    if not isinstance(cipher_text, str):
        raise Refusal("request.decryption-failed", field)
    try:
        return decipher(secret, bytes.fromhex(cipher_text), "zero").decode()
    except (UnreadableCipherText, ValueError):
        raise Refusal("request.decryption-failed", field) from None
