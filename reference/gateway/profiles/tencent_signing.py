"""The signature of Tencent's open platform: SHA-256 over the sorted fields of both parts, with the secret at the end.

Source: EC-TX: Base64 of SHA-256 over the non-empty ``k=v`` of commonIn and req, sorted by name, joined by ``&``,
complex values as JSON, the application's secret appended. Decisions: complex values are written without spaces, their
names sorted and without empty fields, as clients of hospitals write them (field); the secret is its hexadecimal text.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from reference.ecard.refusals import Refusal

UNSIGNED = "sign"
_sorted_json = msgspec.json.Encoder(order="sorted")


def signed_parts(common: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, str]:
    """The text of each non-empty field of both parts, by name, in the order in which they are signed."""
    fields = {**common, **asked}
    written = ((name, _text(fields[name])) for name in sorted(fields) if name != UNSIGNED)
    return {name: text for name, text in written if text.strip()}


def signature(parts: Mapping[str, str], secret: bytes) -> str:
    """The signature of `signed_parts`: 44 characters of Base64."""
    text = "&".join(f"{name}={value}" for name, value in parts.items()) + secret.hex()
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def ambiguity(names: Iterable[str]) -> re.Pattern[str]:
    """What must not stand inside a signed field: the beginning of another field of the service."""
    return re.compile("&(?:" + "|".join(sorted(map(re.escape, names))) + ")=")


def require_unambiguous(parts: Mapping[str, str], pattern: re.Pattern[str]) -> None:
    """Raise Refusal ``request.forbidden-character`` where a field holds the beginning of another.

    The signed text does not mark where a field ends: without this, somebody on the way could hide fields inside
    others, under the sender's own signature.
    """
    for name, value in parts.items():
        if pattern.search(f"{name}={value}"):
            raise Refusal("request.forbidden-character", name[:32])


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str | int):
        return str(value)
    return _sorted_json.encode(_filled(value)).decode()


def _filled(value: Any) -> Any:
    """A complex value without its empty fields."""
    if isinstance(value, list):
        return [_filled(one) for one in value]
    return {name: one for name, one in value.items() if one is not None}
