"""What the SAM says about itself: fields at their places, certificates that hold, reading in parts."""

from __future__ import annotations

import datetime

import pytest

from reference.card.certificates import verify_chain
from reference.standard import Standard
from reference.terminal.sam_session import SamSession
from simulators.cards import demo_sam
from simulators.cards.sam import SamCard
from simulators.cards.sam.content import ROOT, demo_signing_key
from tests.simulators.cards.dialogue import ask

APPLICATION, MASTER = "00A4000002DF01", "00A40000023F00"


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_the_fields_stand_at_their_places(standard: Standard, number: int) -> None:
    sam = SamSession(demo_sam(number, standard), standard)
    assert sam.field("0015", "sam-serial").hex() == f"410120121018{number:08}"
    assert sam.field("0015", "key-card-type") == bytes((number,))
    assert sam.field("0016", "province") == b"\x41"
    assert sam.field("0016", "sequence") == number.to_bytes(3, "big")
    assert sam.field("DF01/001A", "start-date").hex() == "20121018"
    assert sam.field("DF01/001A", "expiry-date").hex() == "20321017"


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_the_certificates_hold_up_to_the_demo_root(standard: Standard, number: int) -> None:
    sam = SamSession(demo_sam(number, standard), standard)
    below = verify_chain(
        standard,
        sam.read_file("DF01/001C"),
        sam.read_file("DF01/001B"),
        demo_signing_key(ROOT).public_key(),
        datetime.date(2026, 1, 2),
    )
    assert below.subject_id == sam.field("0015", "sam-serial")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00B00000", "6700"),
        ("00B000000F", "6C0E"),
        ("00B0000E01", "6B00"),
        ("00B0950001", "6A86"),
        ("00B0000001AA01", "6700"),
        ("80B000000E", "6E00"),
    ],
)
def test_a_malformed_reading_is_refused(sam: SamCard, command: str, answer: str) -> None:
    assert ask(sam, MASTER, "00A40000020015", command) == answer


def test_a_file_is_read_in_parts_or_whole(sam: SamCard) -> None:
    whole = ask(sam, APPLICATION, "00A4000002001C", "00B0000000")
    assert len(whole) == 2 * 190 + 4
    assert ask(sam, "00B0000080")[:-4] + ask(sam, "00B000803E") == whole
    assert ask(sam, "00B0000A04") == whole[20:28] + "9000"
