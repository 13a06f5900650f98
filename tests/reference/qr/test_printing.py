"""Printing: images that readers can read, the print log, and lost prints."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import select

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, PrintCode, RevokeCode, SetColour, Who
from reference.qr import print_code, revoke_code, set_colour
from reference.qr.images import png, svg
from reference.serving import Surroundings
from reference.store.code_tables import prints
from tests.reference.qr.residents import NATIONAL, SICHUAN, dynamic, outcome, resident, static

LONGEST = "A" * 64 + ":0:" + "B" * 32 + ":" + "c" * 128 + ":5101A0001"


def read_back(image: bytes) -> str:
    """What a reader reads."""
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(image)))
    return str(found.text)


@pytest.mark.parametrize("colour", [0, 1, 2, 3])
def test_the_image_is_a_square_of_200_pixels_that_reads_back_in_every_colour(
    small_platform: Surroundings, colour: int
) -> None:
    card = resident(small_platform)
    code = static(small_platform, card)
    set_colour(small_platform, NATIONAL, SetColour(who=Who(ecard_id=card), colour=colour))

    printed = print_code(small_platform, NATIONAL, PrintCode(who=Who(ecard_id=card), medium="label"))

    assert Image.open(io.BytesIO(printed.image)).size == (200, 200)
    assert (read_back(printed.image), printed.code.colour) == (code.text, colour)
    assert len(printed.image) < 4096


def test_dynamic_and_longest_texts_read_back(small_platform: Surroundings) -> None:
    code = dynamic(small_platform, resident(small_platform), caller=SICHUAN)

    assert read_back(png(code.text, 0, 200)) == code.text
    assert read_back(png(LONGEST, 3, 400)) == LONGEST


def test_a_square_too_small_for_the_symbol_is_refused() -> None:
    with pytest.raises(Refusal, match=r"system\.failure"):
        png(LONGEST, 0, 60)


def test_an_svg_is_drawn_in_the_colour_with_its_quiet_zone() -> None:
    drawn = svg("A" * 64 + ":1", 1).decode()

    assert 'viewBox="0 0 41 41"' in drawn
    assert "#007030" in drawn


def test_every_print_is_logged_and_counted(platform: Surroundings) -> None:
    card = resident(platform)
    static(platform, card)
    clerk = Caller(profile="qinghai", institution="630100001", terminal="t-1", operator="clerk-1")

    numbers = [
        print_code(
            platform, clerk, PrintCode(who=Who(ecard_id=card), medium=medium, format="svg", reason="worn")
        ).number
        for medium in ("wristband", "slip")
    ]

    assert numbers == [1, 2]
    with platform.store.read() as connection:
        rows = connection.execute(select(prints).order_by(prints.c.print_id)).all()
    assert [(row.medium, row.institution, row.terminal, row.operator, row.reason) for row in rows] == [
        ("wristband", "630100001", "t-1", "clerk-1", "worn"),
        ("slip", "630100001", "t-1", "clerk-1", "worn"),
    ]


@pytest.mark.parametrize(("medium", "reason"), [("billboard", ""), ("label", "r" * 65), ("label", "\x00")])
def test_a_print_that_the_log_cannot_keep_is_not_made(small_platform: Surroundings, medium: str, reason: str) -> None:
    card = resident(small_platform)
    static(small_platform, card)

    with pytest.raises(Refusal, match=r"request\.field-malformed"):
        print_code(small_platform, NATIONAL, PrintCode(who=Who(ecard_id=card), medium=medium, reason=reason))
    with small_platform.store.read() as connection:
        assert connection.execute(select(prints)).all() == []


def test_a_code_that_was_not_issued_or_was_revoked_is_not_printed(small_platform: Surroundings) -> None:
    card = resident(small_platform)
    verb = PrintCode(who=Who(ecard_id=card), medium="label")
    with pytest.raises(Refusal, match=r"code\.not-issued"):
        print_code(small_platform, NATIONAL, verb)

    static(small_platform, card)
    revoke_code(small_platform, NATIONAL, RevokeCode(who=Who(ecard_id=card)))
    with pytest.raises(Refusal, match=r"code\.revoked"):
        print_code(small_platform, NATIONAL, verb)


def test_a_printed_code_is_accepted_until_revoked_and_a_new_one_after_it(platform: Surroundings) -> None:
    card = resident(platform)
    who = Who(ecard_id=card)
    code = static(platform, card)
    print_code(platform, NATIONAL, PrintCode(who=who, medium="booklet"))
    assert outcome(platform, code.text) == "accepted"

    revoke_code(platform, NATIONAL, RevokeCode(who=who, reason="lost"))
    assert outcome(platform, code.text) == "code.revoked"
    with pytest.raises(Refusal, match=r"code\.revoked"):
        revoke_code(platform, NATIONAL, RevokeCode(who=who))

    assert outcome(platform, static(platform, card).text) == "accepted"


def test_a_code_that_was_not_issued_cannot_be_revoked(small_platform: Surroundings) -> None:
    with pytest.raises(Refusal, match=r"code\.not-issued"):
        revoke_code(small_platform, NATIONAL, RevokeCode(who=Who(ecard_id=resident(small_platform))))
