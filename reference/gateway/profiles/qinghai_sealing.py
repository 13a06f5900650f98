"""Enciphered fields of Qinghai's interface: those of the list in `qinghai.toml`, one by one, under the sender's secret.

Source: EC-QH 4.2.1, ``encryption`` 1 enciphers the sensitive data of a resident. Cipher, encoding, list and keys are
decisions: SM4 in ECB with PKCS#7, in Base64, under the application's secret. An institution has no secret but its
password: its key is the first half of SM3 over institution, user name and password. That keeps the residents' data
out of copies and logs of messages; on the way TLS protects them together with the password.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping

from reference.crypto.block_texts import decipher, encipher
from reference.gateway.profiles.qinghai_xml import SETTINGS, Content

SENSITIVE = frozenset(SETTINGS["sensitive"])


class UnreadableField(ValueError):
    """A field that is not enciphered, or under another key; ``field`` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def institution_key(institution: str, user_name: str, password: str) -> bytes:
    """The 16-byte key of an institution. Source: decision."""
    return hashlib.new("sm3", f"{institution}\n{user_name}\n{password}".encode()).digest()[:16]


def seal_text(text: str, key: bytes) -> str:
    """One enciphered value; an empty one stays empty."""
    return base64.b64encode(encipher(key, text.encode())).decode() if text else ""


def open_fields(fields: Mapping[str, str], key: bytes) -> dict[str, str]:
    """The fields with the sensitive ones in plain text. Raises UnreadableField."""
    return {name: _open(name, value, key) if name in SENSITIVE else value for name, value in fields.items()}


def seal_content(content: Content, key: bytes) -> Content:
    """An answer with the sensitive fields enciphered, however deep they stand."""
    return _each(content, lambda name, value: seal_text(value, key))


def open_content(content: Content, key: bytes) -> Content:
    """The inverse of `seal_content`. Raises UnreadableField."""
    return _each(content, lambda name, value: _open(name, value, key))


def _each(content: Content, change: Callable[[str, str], str]) -> Content:
    changed: dict[str, str | Content | list[Content]] = {}
    for name, value in content.items():
        if isinstance(value, str):
            changed[name] = change(name, value) if name in SENSITIVE else value
        elif isinstance(value, list):
            changed[name] = [_each(one, change) for one in value]
        else:
            changed[name] = _each(value, change)
    return changed


def _open(name: str, value: str, key: bytes) -> str:
    if not value:
        return ""
    try:
        return decipher(key, base64.b64decode(value, validate=True)).decode()
    except ValueError:  # Base64, blocks, padding or characters
        raise UnreadableField(name) from None
