"""Key files of the sealed part: the laboratory's public file, and its own with the private key."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.evidence.sealing import UnusableSealingKey, opening_key_from, recipient_from
from simulators.cards.sam.content import sam_signing_key
from tests.fuzzing.scratch import written

REFUSALS = (UnusableSealingKey,)
TOKENS = (b'"laboratory"', b'"public_key"', b'"private_key"', b"FF" * 64, b"00" * 64, b"\\ud800")
SHARE = 4


def target(data: bytes) -> None:
    """The first byte chooses which; the rest is the file."""
    path = written("sealing.json", data[1:])
    if data[:1] == b"\x00":
        assert len(bytes.fromhex(recipient_from(path).public_key)) == 64
    else:
        assert len(opening_key_from(path).public_key()) == 64


def seeds() -> Iterator[bytes]:
    """One of each."""
    public = sam_signing_key(2).public_key().hex()
    yield b'\x00{"laboratory": "Lab 1", "public_key": "' + public.encode() + b'"}'
    yield b'\x01{"laboratory": "Lab 1", "private_key": "' + b"07" * 32 + b'"}'
