"""Short runs, Locust in a process of its own: correctness and a worked-off schedule, never speed."""

from __future__ import annotations

from pathlib import Path

import pytest

from load.benchmarks.generator import measure
from load.cases import Case, UnreadableCases, read_cases, write_cases
from load.gates import bounds_of
from load.result import result_of
from load.running import run
from load.self_target import self_target
from load.settings import RunSettings
from reference.command_line import Exit

ANY_LAG_MS = 60_000.0


def test_cases_are_read_as_they_were_written(tmp_path: Path) -> None:
    cases = [Case("forged", f"text {number}", frozenset({"code.forged"}), "010101", number) for number in range(7)]
    assert write_cases(tmp_path / "cases", cases) == 7
    assert list(read_cases(tmp_path / "cases")) == cases
    assert list(read_cases(tmp_path / "cases", 1, 3)) == cases[1::3]


def test_a_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cases"
    write_cases(file, [Case("static", "text", frozenset({"accepted"}))])
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(UnreadableCases):
        list(read_cases(file))


def test_every_scheduled_verification_is_sent_to_a_server_that_does_nothing() -> None:
    counts = measure(100, 1).counts
    assert (counts.scheduled, counts.answered, counts.accepted, counts.unanswered) == (100, 100, 100, 0)


def test_the_reference_platform_stays_correct_under_load() -> None:
    settings = RunSettings(url="", cases="", rate=40, duration=1.5)
    with self_target("sichuan", 60, 1) as target:
        settings = RunSettings(url=target.url, cases=str(target.cases), rate=40, duration=1.5)
        measured = run(settings)
        recorded = target.uses.recorded(measured)
    result = result_of(settings, measured, recorded, bounds_of("correctness"), "correctness", lag_bound_ms=ANY_LAG_MS)
    assert result.wrong == ()
    assert result.lost_events == 0
    assert result.exit_code is Exit.CONFORMANT
