"""DATA COMPRESS and DIGITAL SIGNATURES: digests over groups, signatures after the PIN, malformed commands."""

from __future__ import annotations

import hashlib

import pytest

from reference.card.certificates import decode
from reference.crypto import engine
from simulators.cards.sam import SamCard
from tests.simulators.cards.dialogue import ask

APPLICATION, MASTER = "00A4000002DF01", "00A40000023F00"
PIN = "00200000021234"
DIGEST = hashlib.new("sm3", b"abcdefgh").digest()
SIGN = "80F4000020" + DIGEST.hex().upper()


def test_the_last_group_is_answered_with_the_digest_of_all(sam: SamCard) -> None:
    assert ask(sam, APPLICATION, "80F20200046162" + "6364", "80F20200026566") == "9000"
    assert ask(sam, "80F20000026768") == "6120"
    assert ask(sam, "00C0000020") == DIGEST.hex().upper() + "9000"


def test_each_digest_begins_anew(sam: SamCard) -> None:
    ask(sam, APPLICATION, "80F2000001FF", "00C0000020")
    assert ask(sam, "80F20000086162636465666768", "00C0000020") == DIGEST.hex().upper() + "9000"


@pytest.mark.parametrize("between", ["0084000008", APPLICATION, "00A4000002001C", SIGN, PIN])
def test_another_command_breaks_a_digest_off(sam: SamCard, between: str) -> None:
    ask(sam, APPLICATION, "80F2020001FF", between)
    assert ask(sam, APPLICATION, "80F20000086162636465666768", "00C0000020") == DIGEST.hex().upper() + "9000"


def test_a_digest_is_signed_after_the_pin_with_the_key_of_the_certificate(sam: SamCard) -> None:
    assert ask(sam, MASTER, PIN, APPLICATION, SIGN) == "6140"
    signature = bytes.fromhex(ask(sam, "00C0000040"))[:-2]
    certificate = decode(sam.standard, "sam", sam.memory.files["DF01/001C"])
    assert engine().sm2_verify(certificate.public_key, DIGEST, signature)


def test_without_the_pin_nothing_is_signed(sam: SamCard) -> None:
    assert ask(sam, APPLICATION, SIGN) == "6982"
    ask(sam, MASTER, PIN)
    sam.reset()
    assert ask(sam, APPLICATION, SIGN) == "6982"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("80F20000", "6700"),
        ("80F2000005FFFF", "6700"),
        ("80F2010001FF", "6A86"),
        ("80F2000101FF", "6A86"),
        ("00F2000001FF", "6E00"),
        ("80F400001F" + "AB" * 31, "6700"),
        ("80F4000021" + "AB" * 33, "6700"),
        ("80F40000", "6700"),
        ("80F4010020" + "AB" * 32, "6A86"),
        ("00F4000020" + "AB" * 32, "6E00"),
    ],
)
def test_a_malformed_command_is_refused(sam: SamCard, command: str, answer: str) -> None:
    assert ask(sam, MASTER, PIN, APPLICATION, command) == answer


@pytest.mark.parametrize("command", ["80F2000001FF", SIGN])
def test_both_work_in_the_application_alone(sam: SamCard, command: str) -> None:
    assert ask(sam, MASTER, PIN, command) == "6985"
