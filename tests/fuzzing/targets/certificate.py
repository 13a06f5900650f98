"""Certificates of issuer and SAM: taken apart, and believed only when their signer signed them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from reference.card.certificates import Kind, UnusableCertificate, decode, verify
from reference.standard import load
from simulators.cards.sam.content import issuer_certificate, sam_certificate, sam_signing_key

REFUSALS = (UnusableCertificate,)
TOKENS = (b"\x20\x26\x01\x01", b"\x99\x99\x99\x99", b"\xff" * 64, b"\x00" * 64)
SHARE = 6
STANDARD = load()
KINDS: tuple[Kind, Kind] = ("issuer", "sam")
HONEST = (issuer_certificate(STANDARD), sam_certificate(STANDARD, 2))
TODAY = datetime.date(2026, 1, 1)
STRANGER = sam_signing_key(3).public_key()


def target(data: bytes) -> None:
    """The first byte chooses the kind; the rest is the certificate, which a stranger never signed."""
    kind = KINDS[data[0] % 2 if data else 0]
    certificate = decode(STANDARD, kind, data[1:])
    assert certificate.kind == kind
    for signer in (STRANGER, certificate.public_key, data[1:65]):
        try:
            verify(STANDARD, kind, data[1:], signer, TODAY)
        except UnusableCertificate:
            continue
        raise AssertionError("a certificate is believed that nobody signed")


def seeds() -> Iterator[bytes]:
    """The demo issuer's and a demo SAM's."""
    for number, raw in enumerate(HONEST):
        yield bytes((number,)) + raw
