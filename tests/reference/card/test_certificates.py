"""Certificates: laid out as their table says, believed only when every link holds."""

from __future__ import annotations

import datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.card.certificates import Certificate, UnusableCertificate, decode, issue, verify, verify_chain
from reference.crypto import DEFAULT_USER_ID, SigningKey
from reference.crypto.oracle import GmsslEngine
from reference.standard import load

STANDARD = load()
DAY = datetime.date(2020, 2, 29)
ROOT, ISSUER, SAM = (SigningKey(bytes((number,)) * 32, demo=True) for number in (1, 2, 3))
ABOVE = Certificate(
    kind="issuer",
    signer_id=b"ROOT0001",
    subject_id=bytes(range(11)),
    serial=bytes(8),
    valid_from=datetime.date(2012, 1, 1),
    valid_to=datetime.date(2032, 12, 31),
    public_key=ISSUER.public_key(),
)
BELOW = msgspec.structs.replace(
    ABOVE, kind="sam", signer_id=ABOVE.subject_id, subject_id=bytes(10), public_key=SAM.public_key()
)
ISSUER_RAW, SAM_RAW = issue(STANDARD, ABOVE, ROOT), issue(STANDARD, BELOW, ISSUER)


def test_certificates_have_180_and_190_bytes_and_come_back_as_they_were() -> None:
    assert (len(ISSUER_RAW), len(SAM_RAW)) == (180, 190)
    assert decode(STANDARD, "issuer", ISSUER_RAW) == ABOVE
    assert decode(STANDARD, "sam", SAM_RAW) == BELOW


def test_the_bytes_are_those_of_the_layout() -> None:
    assert ISSUER_RAW[:2].hex() == "0101"
    assert ISSUER_RAW[2:10] == b"ROOT0001"
    assert ISSUER_RAW[10:21] == bytes(range(11))
    assert ISSUER_RAW[29:37].hex() == "2012010120321231"
    assert ISSUER_RAW[37:101] == ISSUER.public_key()
    assert ISSUER_RAW[101:116] == bytes(15)
    assert SAM_RAW[:2].hex() == "0201"
    assert SAM_RAW[39:103] == SAM.public_key()
    assert SAM_RAW[103:126] == bytes(23)


def test_the_other_engine_finds_the_signature_right() -> None:
    assert GmsslEngine().sm2_verify(ROOT.public_key(), ISSUER_RAW[:116], ISSUER_RAW[116:], DEFAULT_USER_ID)


def test_the_chain_holds() -> None:
    assert verify_chain(STANDARD, SAM_RAW, ISSUER_RAW, ROOT.public_key(), DAY) == BELOW


@given(position=st.integers(0, 189), change=st.integers(1, 255))
@settings(max_examples=60, deadline=None)
def test_no_byte_can_be_changed(position: int, change: int) -> None:
    changed = bytearray(SAM_RAW)
    changed[position] ^= change
    with pytest.raises(UnusableCertificate):
        verify_chain(STANDARD, bytes(changed), ISSUER_RAW, ROOT.public_key(), DAY)


@pytest.mark.parametrize("day", [datetime.date(2011, 12, 31), datetime.date(2033, 1, 1)])
def test_a_certificate_holds_on_its_days_alone(day: datetime.date) -> None:
    with pytest.raises(UnusableCertificate, match=f"from 2012-01-01 to 2032-12-31, not on {day}"):
        verify(STANDARD, "issuer", ISSUER_RAW, ROOT.public_key(), day)
    for day_within in (ABOVE.valid_from, ABOVE.valid_to):
        assert verify(STANDARD, "issuer", ISSUER_RAW, ROOT.public_key(), day_within) == ABOVE


def test_a_certificate_that_names_another_issuer_is_not_believed() -> None:
    stranger = issue(STANDARD, msgspec.structs.replace(BELOW, signer_id=bytes(11)), ISSUER)
    with pytest.raises(UnusableCertificate, match="names the issuer 0000000000000000000000"):
        verify_chain(STANDARD, stranger, ISSUER_RAW, ROOT.public_key(), DAY)


def test_an_issuer_certificate_is_no_sam_certificate() -> None:
    with pytest.raises(UnusableCertificate, match="180 bytes instead of 190") as fault:
        decode(STANDARD, "sam", ISSUER_RAW)
    assert fault.value.text.zh != fault.value.text.en


@pytest.mark.parametrize(
    ("at", "raw", "told"), [(0, "02", "is 02 instead of 01"), (29, "20121301", "no date|not a date")]
)
def test_a_wrong_field_is_named(at: int, raw: str, told: str) -> None:
    changed = bytearray(ISSUER_RAW)
    changed[at : at + len(raw) // 2] = bytes.fromhex(raw)
    with pytest.raises(UnusableCertificate, match=told):
        decode(STANDARD, "issuer", bytes(changed))


def test_a_value_that_does_not_fit_is_not_issued() -> None:
    with pytest.raises(UnusableCertificate, match="who signed it has 3 bytes instead of 8"):
        issue(STANDARD, msgspec.structs.replace(ABOVE, signer_id=b"ABC"), ROOT)
