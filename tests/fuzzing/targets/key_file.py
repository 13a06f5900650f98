"""Signing keys in files: JSON with the signer's name and 64 hexadecimal digits, or refused without showing them."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.evidence.signing import UnusableKeyFile, signer_from
from tests.fuzzing.scratch import written

REFUSALS = (UnusableKeyFile,)
TOKENS = (
    b'"signer"',
    b'"standing"',
    b'"vendor"',
    b'"laboratory"',
    b'"private_key"',
    b"FF" * 32,
    b"00" * 32,
    b"\\u0000",
)
SHARE = 8


def target(data: bytes) -> None:
    """The bytes as the file."""
    signer = signer_from(written("signer.json", data))
    assert signer.standing in ("vendor", "laboratory")
    assert len(signer.key.public_key()) == 64


def seeds() -> Iterator[bytes]:
    """A vendor's and a laboratory's."""
    for standing in (b"vendor", b"laboratory"):
        yield b'{"signer": "Lab 1", "standing": "' + standing + b'", "private_key": "' + b"07" * 32 + b'"}'
