"""Printing: images that readers can read, the print log, and lost prints."""

from __future__ import annotations

import io
import sqlite3
from typing import Any

import msgspec
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, Done, PrintCode, RevokeCode, SetColour, Who
from reference.qr import print_code, revoke_code, set_colour
from reference.qr.images import png, svg
from reference.serving import Surroundings
from reference.store import audit
from reference.store.audit import audit_lines
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


def test_the_print_log_and_the_audit_log_tell_of_lost_prints_that_work_again(platform: Surroundings) -> None:
    card = resident(platform)
    who = Who(ecard_id=card)
    static(platform, card)
    print_code(platform, NATIONAL, PrintCode(who=who, medium="booklet"))
    revoke_code(platform, NATIONAL, RevokeCode(who=who, reason="lost"))
    static(platform, card)
    print_code(platform, NATIONAL, PrintCode(who=who, medium="label"))

    with platform.store.read() as connection:
        revoked = list(connection.scalars(select(prints.c.revoked_ms).order_by(prints.c.print_id)))
        lines = connection.execute(select(audit_lines.c.action, audit_lines.c.details).order_by(audit_lines.c.number))
        details = [(action, msgspec.json.decode(written)) for action, written in lines]
    assert revoked == [platform.clock.now_ms(), None]
    assert [one.get("revived_prints", 0) for action, one in details if action == "code.issue"] == [0, 1]
    assert [one["prints"] for action, one in details if action == "code.revoke"] == [1]


@pytest.mark.parametrize("service", ["print", "revoke", "colour"])
def test_a_conflict_with_another_transaction_is_tried_again(
    small_platform: Surroundings, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    card = resident(small_platform)
    who = Who(ecard_id=card)
    static(small_platform, card)
    append = audit.append
    tried: list[str] = []

    def in_the_way(*arguments: Any, **details: Any) -> str:
        tried.append(service)
        if len(tried) == 1:
            raise OperationalError("statement", None, sqlite3.OperationalError("database is locked"))
        return append(*arguments, **details)

    monkeypatch.setattr(audit, "append", in_the_way)
    if service == "print":
        assert print_code(small_platform, NATIONAL, PrintCode(who=who, medium="label")).number == 1
    elif service == "revoke":
        assert revoke_code(small_platform, NATIONAL, RevokeCode(who=who)) == Done()
    else:
        assert set_colour(small_platform, NATIONAL, SetColour(who=who, colour=2)).colour == 2
    assert len(tried) == 2
