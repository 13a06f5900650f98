"""Signing in the SAM and judging in the back end, link by link of the chain."""

from __future__ import annotations

import hashlib
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.card.certificates import UnusableCertificate, decode
from reference.crypto import engine
from reference.standard import load
from reference.terminal.sam_session import SamRefuses, SamSession
from reference.terminal.signatures import BackEnd, SignedVisit, sign
from simulators.cards import demo_sam
from simulators.cards.sam.content import ROOT, demo_signing_key, issuer_certificate
from tests.reference.terminal.counter import PIN, TODAY, back_end

STANDARD = load()


def opened(number: int = 5) -> SamSession:
    """A SAM whose PIN has been verified."""
    sam = SamSession(demo_sam(number, STANDARD), STANDARD)
    sam.need_pin(PIN)
    return sam


@given(data=st.binary(min_size=1, max_size=700))
@settings(max_examples=30)
def test_groups_add_up_to_the_digest_of_all(data: bytes) -> None:
    assert opened().compress(data) == hashlib.new("sm3", data).digest()


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_every_sam_signs_with_its_own_key_and_the_back_end_accepts_it(number: int) -> None:
    signed = sign(opened(number), b"a visit" * 100)
    assert back_end(STANDARD).fault(signed) is None
    assert decode(STANDARD, "sam", signed.certificate).subject_id.hex().endswith(f"{number:08}")


def test_what_is_signed_is_the_digest_as_a_message() -> None:
    signed = sign(opened(), b"a visit")
    key = decode(STANDARD, "sam", signed.certificate).public_key
    assert engine().sm2_verify(key, hashlib.new("sm3", b"a visit").digest(), signed.signature)
    assert not engine().sm2_verify(key, b"a visit", signed.signature)


def test_without_the_pin_nothing_is_signed() -> None:
    sam = SamSession(demo_sam(5, STANDARD), STANDARD)
    with pytest.raises(SamRefuses, match="DIGITAL SIGNATURES: 6982"):
        sign(sam, b"a visit")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"data": b"another visit"}, "not that of its data"),
        ({"signature": bytes(64)}, "not that of its data"),
        ({"certificate": bytes(190)}, "kind of certificate is 00 instead of 02"),
        ({"certificate": b""}, "0 bytes instead of 190"),
    ],
)
def test_the_back_end_names_what_does_not_hold(change: dict[str, bytes], reason: str) -> None:
    changed = msgspec.structs.replace(sign(opened(), b"a visit"), **change)
    assert re.search(reason, str(back_end(STANDARD).fault(changed)))


def test_a_signature_of_one_sam_is_not_believed_of_another() -> None:
    mine, other = sign(opened(2), b"a visit"), sign(opened(3), b"a visit")
    mixed = SignedVisit(mine.data, mine.signature, other.certificate)
    assert "not that of its data by the SAM named" in str(back_end(STANDARD).fault(mixed))


def test_an_unknown_issuer_is_not_believed() -> None:
    trusting_nobody = BackEnd(STANDARD, demo_signing_key(ROOT).public_key(), [], TODAY)
    assert "4100000000000000000001" in str(trusting_nobody.fault(sign(opened(), b"a visit")))


def test_an_issuer_of_another_root_is_not_believed() -> None:
    elsewhere = BackEnd(STANDARD, demo_signing_key("another root").public_key(), [issuer_certificate(STANDARD)], TODAY)
    found = str(elsewhere.fault(sign(opened(), b"a visit")))
    assert found == "issuer certificate: it is not signed by the key of its signer"


def test_certificates_are_believed_within_their_time_alone() -> None:
    late = BackEnd(
        STANDARD, demo_signing_key(ROOT).public_key(), [issuer_certificate(STANDARD)], TODAY.replace(year=2040)
    )
    assert "not on 2040-01-02" in str(late.fault(sign(opened(), b"a visit")))


def test_a_back_end_does_not_start_with_bytes_that_are_no_certificate() -> None:
    with pytest.raises(UnusableCertificate, match="1 bytes instead of 180"):
        BackEnd(STANDARD, bytes(64), [b"\x00"], TODAY)
