"""The platform's clock steps, forward and back: what is used stays used, and requests outside the window wait.

In process, with a clock that the test sets; a machine's own clock is nobody's to step in a test.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from load.cases import Case
from load.corpus import Extent, Mix, cases_of, fill, read_cards
from load.faults.books import check_books
from load.faults.ledger import Findings
from load.judging import ACCEPTANCE, Outcome
from reference.ecard.verbs import Verify
from reference.gateway.wire import Received, Request, WireRefusal
from reference.store import Store
from reference.store.migrating import migrate
from tests.platform import NOON_MS
from tests.reference.gateway.asking import Asking, asking

SINGLE_USE, STALE = "fault.clock-stepped.single-use", "fault.clock-stepped.stale"
RECEIVED = Asking.received
HOUR = 3600
STEPS = (HOUR, -HOUR, 300, -2 * HOUR, 2 * HOUR)
"""Seconds by which the clock steps, one after the other."""
FORGETS = """CREATE TRIGGER variation AFTER INSERT ON requests_seen
BEGIN DELETE FROM requests_seen WHERE sent_ms < new.sent_ms - 900000; END"""
REVIVES = """CREATE TRIGGER variation AFTER INSERT ON uses WHEN new.outcome = 'code.consumed'
BEGIN UPDATE codes SET state = 'issued', uses_left = 1 WHERE code_id = new.code_id; END"""


class Scene:
    """A platform at noon, with codes that were never shown."""

    def __init__(self, ask: Asking, cases: list[Case]) -> None:
        self.ask = ask
        self.clock = ask.clock
        self._cases = iter(cases)

    def fresh(self) -> Case:
        """A code that is right."""
        return next(case for case in self._cases if case.kind == "dynamic")

    def replaced(self) -> Case:
        """A code that a newer one replaced."""
        return next(case for case in self._cases if case.kind == "superseded")

    def written(self, case: Case) -> Request:
        """The request for a code, as of now."""
        return self.ask.write(Verify(text=case.text, step=case.step))

    def sent(self, request: Request) -> Outcome:
        """What the platform says to a request."""
        try:
            self.ask.client.read(Verify(text=""), self.ask.send(request).body)
        except WireRefusal as refusal:
            return Outcome(refusal.ids)
        return ACCEPTANCE

    def shown(self, case: Case) -> Outcome:
        """What the platform says to a code, asked now."""
        return self.sent(self.written(case))


@contextmanager
def scene(folder: Path, variation: str = "") -> Iterator[Scene]:
    store = Store(f"sqlite:///{folder}/platform.db")
    migrate(store)
    fill(store, folder / "cards", 300, NOON_MS, extent=Extent.VERIFICATION, processes=1)
    if variation:
        with store.begin() as connection:
            connection.execute(text(variation))
    mix = Mix(dynamic=3, superseded=1)
    cases = list(cases_of(read_cards(folder / "cards"), store, 200, NOON_MS, mix=mix))
    yield Scene(asking(store, "sichuan"), cases)
    findings = Findings()
    check_books(store, findings)
    store.close()
    assert findings.words == []


def used_codes_stay_used(scene: Scene) -> list[Outcome]:
    """What a used, a replaced and an admitted request meet at every step of the clock."""
    used, replaced = scene.fresh(), scene.replaced()
    first = scene.written(used)
    assert scene.sent(first).accepted
    told = []
    for step in STEPS:
        scene.clock.advance(seconds=step)
        assert scene.shown(scene.fresh()).accepted
        told += [scene.shown(used), scene.shown(replaced)]
    # The clock is back at noon and five minutes: the first request is within its window again.
    scene.clock.at_ms = NOON_MS
    told.append(scene.sent(first))
    return told


def wrong_at_any_step(told: list[Outcome]) -> list[str]:
    expected = [*("code.consumed", "code.superseded") * len(STEPS), "request.replayed"]
    return [outcome.name for outcome, id in zip(told, expected, strict=True) if id not in outcome.ids]


@pytest.mark.parametrize(
    ("built", "broken"),
    [("", set()), (FORGETS, {SINGLE_USE}), (REVIVES, {SINGLE_USE})],
    ids=["right", "forgets requests", "revives codes"],
)
def test_used_codes_stay_used_wherever_the_clock_steps(tmp_path: Path, built: str, broken: set[str]) -> None:
    with scene(tmp_path, built) as played:
        wrong = wrong_at_any_step(used_codes_stay_used(played))
    assert bool(wrong) is (SINGLE_USE in broken), wrong


def off_by_an_hour(scene: Scene) -> list[str]:
    """What requests meet while the platform's clock is wrong either way, and once it is right again."""
    told = []
    for step in (HOUR, -HOUR):
        request = scene.written(scene.fresh())
        scene.clock.advance(seconds=step)
        told.append(scene.sent(request).name)
        scene.clock.advance(seconds=-step)
        told.append(scene.shown(scene.fresh()).name)
    return told


def trusting(ask: Asking, request: Request, query: bytes = b"") -> Received:
    """Takes the time from the request, as if it could not be wrong."""
    right, ask.clock.at_ms = ask.clock.at_ms, int(json.loads(request.body)["timestamp"])
    try:
        return RECEIVED(ask, request, query)
    finally:
        ask.clock.at_ms = right


@pytest.mark.parametrize(("built", "broken"), [("", set()), ("trusts the time of the request", {STALE})])
def test_requests_wait_while_the_clock_is_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, built: str, broken: set[str]
) -> None:
    if built:
        monkeypatch.setattr(Asking, "received", trusting)
    with scene(tmp_path) as played:
        stale, after, future, again = off_by_an_hour(played)
    assert ("request.stale" in stale, "request.future" in future) == (STALE not in broken, STALE not in broken)
    assert (after, again) == ("accepted", "accepted")
