"""What a personalised card holds: file contents, keys and its reset answer; no rules and no state of a session."""

from __future__ import annotations

import msgspec

from reference.crypto.keys import SecretKey


class Content(msgspec.Struct):
    """Content of one elementary file; a cyclic file holds its newest record first."""

    records: list[bytes] = []
    binary: bytes = b""


class CardImage(msgspec.Struct):
    """A card as it leaves personalisation."""

    historical: bytes
    files: dict[str, Content]
    keys: dict[str, SecretKey]


class SamImage(msgspec.Struct):
    """A SAM as it leaves personalisation. Keys stand at the level that the SAM diversifies from."""

    historical: bytes
    type: int
    pin: bytes
    files: dict[str, bytes]
    keys: dict[str, SecretKey]
