"""Signing ahead: in order, dated by the intended start, bounded, and never another request than without it."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from load import look_ahead
from load.cases import Case, write_cases
from load.look_ahead import LookAhead
from load.settings import RunSettings
from reference.ecard.verbs import Verify
from reference.gateway.profiles.sichuan import Envelope
from reference.gateway.wire import Request

RATE, SECONDS = 10.0, 5.0
COUNT = int(RATE * SECONDS)
ACCEPTED = frozenset({"accepted"})


@pytest.fixture
def settings(tmp_path: Path) -> RunSettings:
    cases = tmp_path / "cases"
    write_cases(cases, (Case("dynamic", f"code {number}", ACCEPTED, "010101") for number in range(COUNT)))
    return RunSettings(url="http://127.0.0.1:9", cases=str(cases), rate=RATE, duration=SECONDS)


def begun(settings: RunSettings, index: int = 0, since: float = 0.0) -> LookAhead:
    """A look-ahead whose schedule began ``since`` seconds ago."""
    ahead = LookAhead(settings, index, settings.client(), lambda request: request.body)
    ahead.begin(time.perf_counter() - since, time.time_ns() // 1_000_000 - int(since * 1000))
    return ahead


def signed(ahead: LookAhead) -> int:
    count = 0
    while ahead.sign():
        count += 1
    return count


def dated_s(encoded: bytes) -> float:
    return int(msgspec.json.decode(encoded, type=Envelope).timestamp) / 1000


def test_only_the_next_seconds_of_the_schedule_are_signed(settings: RunSettings) -> None:
    ahead = begun(settings)
    assert signed(ahead) == pytest.approx(look_ahead.LOOK_AHEAD * RATE, abs=1)
    assert not ahead.all_signed


def test_no_more_requests_are_kept_than_there_is_room_for(
    settings: RunSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_ahead, "MOST_AHEAD", 7)
    assert signed(begun(settings)) == 7


def test_a_request_is_dated_by_its_intended_start(settings: RunSettings) -> None:
    ahead = begun(settings)
    signed(ahead)
    start = time.time()
    arrivals = [ahead.take() for _ in range(10)]
    dates = [dated_s(arrival.encoded) - start for arrival in arrivals if arrival]
    assert dates == pytest.approx([number / RATE for number in range(10)], abs=0.5)
    assert dates == sorted(dates)


def test_arrivals_come_in_order_signed_before_or_not(settings: RunSettings) -> None:
    ahead = begun(settings)
    taken = [ahead.take()]
    signed(ahead)
    while (arrival := ahead.take()) is not None:
        taken.append(arrival)
    assert [arrival.number for arrival in taken if arrival] == list(range(COUNT))
    assert [arrival.case.text for arrival in taken if arrival] == [f"code {number}" for number in range(COUNT)]
    assert ahead.exhausted


def test_two_generators_share_the_cases(settings: RunSettings) -> None:
    both = msgspec.structs.replace(settings, generators=2)
    second = begun(both, index=1)
    assert [arrival.number for arrival in iter(second.take, None)] == list(range(1, COUNT, 2))


def test_a_request_that_waited_for_long_is_signed_anew(settings: RunSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = begun(settings)
    assert ahead.sign()
    monkeypatch.setattr(look_ahead, "LONGEST_KEPT", -10.0)
    written: list[int] = []
    client = settings.client()

    class Noting:
        id = client.id

        def write(self, verb: Verify, now_ms: int, nonce: bytes) -> Request:
            written.append(now_ms)
            return client.write(verb, now_ms, nonce)

    monkeypatch.setattr(ahead, "_client", Noting())
    arrival = ahead.take()
    assert arrival is not None
    assert written == [pytest.approx(time.time() * 1000, abs=2000)]


def test_a_late_arrival_is_dated_now(settings: RunSettings) -> None:
    arrival = begun(settings, since=100.0).take()
    assert arrival is not None
    assert dated_s(arrival.encoded) == pytest.approx(time.time(), abs=2)


def test_cases_that_run_out_end_the_arrivals(settings: RunSettings, tmp_path: Path) -> None:
    write_cases(tmp_path / "few", [Case("static", "code", ACCEPTED)])
    ahead = begun(msgspec.structs.replace(settings, cases=str(tmp_path / "few")))
    assert signed(ahead) == 1
    assert not ahead.exhausted
    assert ahead.take() is not None
    assert ahead.exhausted
    assert ahead.take() is None
