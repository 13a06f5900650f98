"""Which exchanges may have left a sample changed when the product is lost."""

from __future__ import annotations

from typing import Literal

import pytest

from conformance.engine.changed_samples import CHANGING, may_be_changed
from conformance.evidence.model import Exchange
from reference.standard import load

STANDARD = load()
UPDATE, SELECT = "00DC0104020102", "00A4000002DDF1"


def exchange(
    sent: str, received: str, kind: Literal["reset", "apdu", "lost"] = "apdu", channel: str = "card"
) -> Exchange:
    return Exchange(channel=channel, kind=kind, sent=sent, received=received, at_us=0, took_us=1)


@pytest.mark.parametrize(
    ("seen", "changed"),
    [
        ([], False),
        ([exchange(UPDATE, "9000")], True),
        ([exchange(UPDATE, "6982")], False),
        ([exchange(UPDATE, "", "lost")], True),
        ([exchange(SELECT, "9000")], False),
        ([exchange(SELECT, "", "lost")], False),
        ([exchange("", "3B8D8001", "reset")], False),
        ([exchange(UPDATE, "9000", channel="sam")], False),
        ([exchange(UPDATE, "", "lost", channel="sam")], False),
        ([exchange(SELECT, "9000"), exchange(UPDATE, "9000"), exchange(UPDATE, "6982")], True),
        ([exchange("00A40000DC", "9000")], False),
        ([exchange("DC", "9000")], False),
    ],
)
def test_only_a_changing_command_to_the_card_that_was_granted_or_lost_may_have_changed_it(
    seen: list[Exchange], changed: bool
) -> None:
    assert may_be_changed(seen, STANDARD) is changed


@pytest.mark.parametrize("command", sorted(CHANGING))
def test_each_changing_command_is_known_by_its_instruction(command: str) -> None:
    instruction = STANDARD.commands[command].ins
    assert may_be_changed([exchange(f"80{instruction:02X}000000", "9000")], STANDARD)


def test_no_command_that_only_reads_counts() -> None:
    changing = {STANDARD.commands[id].ins for id in CHANGING}
    for row in STANDARD.commands.values():
        if row.ins not in changing:
            assert not may_be_changed([exchange(f"80{row.ins:02X}000000", "9000")], STANDARD), row
