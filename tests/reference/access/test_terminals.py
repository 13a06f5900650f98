"""Reader terminals are registered, assigned, heard of, blocked and retired for ever (P-ECARD-13)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reference.access import terminals
from reference.access.desk import KEPT_MS, STRANGERS_KEPT, Desk
from reference.access.terminals import Terminal
from reference.serving import Surroundings
from tests.platform import SettableClock
from tests.reference.access.refusing import actions, refused

READER = Terminal("5101000770001", "510100777", "A03", "window", "1.0", "T-2026-1", "大厅")


def known(around: Surroundings) -> Terminal:
    """The reader as it is registered now."""
    with around.store.read() as connection:
        return terminals.known(connection, READER.terminal_id)


def test_a_terminal_is_registered_assigned_heard_blocked_and_retired(
    around: Surroundings, clock: SettableClock
) -> None:
    terminals.register(around, READER, "clerk")
    assert known(around) == READER
    terminals.assign(around, READER.terminal_id, "510100778", "B01", "clerk")
    terminals.heartbeat(around, READER.terminal_id, "1.1")
    moved = replace(READER, institution="510100778", department="B01", software="1.1", heard_ms=clock.at_ms)
    assert known(around) == moved
    events = ("repair", "return", "block", "unblock", "retire")
    states = [terminals.change(around, READER.terminal_id, event, "clerk") for event in events]
    assert states == ["repair", "in-service", "blocked", "in-service", "retired"]
    assert actions(around) == ["terminal.register", "terminal.assign", *(f"terminal.{event}" for event in events)]


def test_a_blocked_terminal_reads_nothing(around: Surroundings, desk: Desk, clock: SettableClock) -> None:
    terminals.register(around, READER, "clerk")
    assert desk.terminal(READER.terminal_id).state == "in-service"
    terminals.change(around, READER.terminal_id, "block", "clerk")
    clock.at_ms += KEPT_MS
    assert refused(desk.terminal, READER.terminal_id) == "request.terminal-blocked"


@pytest.mark.parametrize("event", ["repair", "retire"])
def test_a_terminal_out_of_service_reads_nothing(around: Surroundings, desk: Desk, event: str) -> None:
    terminals.register(around, READER, "clerk")
    terminals.change(around, READER.terminal_id, event, "clerk")
    assert refused(desk.terminal, READER.terminal_id) == "request.terminal-blocked"


def test_a_retired_identifier_is_never_used_again(around: Surroundings) -> None:
    terminals.register(around, READER, "clerk")
    terminals.change(around, READER.terminal_id, "retire", "clerk")
    assert refused(terminals.register, around, READER, "clerk") == "registry.already-registered"
    for event in ("return", "unblock", "block", "retire"):
        assert refused(terminals.change, around, READER.terminal_id, event, "clerk") == "registry.wrong-state"


def test_an_unknown_terminal_is_told_and_known_soon_after_it_is_registered(
    around: Surroundings, desk: Desk, clock: SettableClock
) -> None:
    assert refused(desk.terminal, READER.terminal_id) == "request.unknown-terminal"
    assert refused(terminals.heartbeat, around, READER.terminal_id, "1.0") == "registry.unknown"
    assert refused(terminals.assign, around, READER.terminal_id, "510100777", "", "clerk") == "registry.unknown"
    assert refused(terminals.change, around, READER.terminal_id, "block", "clerk") == "registry.unknown"
    terminals.register(around, READER, "clerk")
    clock.at_ms += KEPT_MS
    assert desk.terminal(READER.terminal_id).place == "大厅"


def test_of_unknown_terminals_only_so_many_are_remembered(around: Surroundings, desk: Desk) -> None:
    for number in range(STRANGERS_KEPT + 2):
        assert refused(desk.terminal, f"stranger {number}") == "request.unknown-terminal"
    assert len(desk._strangers) == 2


def test_the_terminals_of_an_institution_come_in_order(around: Surroundings) -> None:
    for number in (3, 1, 2):
        terminals.register(around, replace(READER, terminal_id=f"510100077000{number}"), "clerk")
    terminals.register(around, replace(READER, terminal_id="9", institution="other"), "clerk")
    with around.store.read() as connection:
        found = terminals.of_institution(connection, READER.institution)
    assert [one.terminal_id[-1] for one in found] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (replace(READER, terminal_id=""), "request.empty-field"),
        (replace(READER, institution=""), "request.empty-field"),
        (replace(READER, terminal_id="1" * 33), "request.field-too-long"),
        (replace(READER, place="大\n厅"), "request.forbidden-character"),
    ],
)
def test_a_terminal_out_of_form_is_not_registered(around: Surroundings, wrong: Terminal, reason: str) -> None:
    assert refused(terminals.register, around, wrong, "clerk") == reason
    assert actions(around) == []
