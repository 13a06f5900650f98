"""A fault on a platform that runs already, staged by commands: real ones, idle ones, and one that is cut off."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from conformance.evidence.model import Verdict
from load.cases import write_cases
from load.faults.filled import filled
from load.faults.result import FaultResult
from load.faults.serving import PROJECT, serving
from load.self_target import SelfTarget, self_target
from reference.command_line import Exit
from tests.load.faults.faulted import those
from tests.load.faults.test_soak_command import called, ends_as_before
from tests.load.faults.test_workers import within

__all__ = ["ends_as_before"]

STEPPED = (sys.executable, "-m", "tests.load.faults.stepped_server")
CASES = 4000


def staged(fault: str, url: str, cases: Path, *arguments: object) -> tuple[int, FaultResult]:
    """The exit code of the command, and its JSON."""
    result = called("load", "fault", fault, "--url", url, "--cases", cases, "--json", "-", *arguments)
    assert result.stdout.startswith("{"), result.output
    return result.exit_code, msgspec.json.decode(result.stdout, type=FaultResult)


@pytest.fixture(scope="module")
def target() -> Iterator[SelfTarget]:
    """A platform that speaks the form of Qinghai, of which nothing else is known than its address."""
    with self_target("qinghai", CASES, 1) as served:
        yield served


def test_a_full_disk_of_a_running_platform_is_staged_by_its_owner_and_its_books_are_read(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/platform.db"
    with filled(database, 300, 1) as (_, codes, arguments), serving(*arguments) as served:
        write_cases(tmp_path / "cases", codes.wave(CASES))
        limit = f"prlimit --pid {served.pid} --fsize="
        code, found = staged(
            "disk-full",
            served.url,
            tmp_path / "cases",
            *("--breaks", f"{limit}0:unlimited", "--heals", f"{limit}unlimited:unlimited", "--database", database),
        )
    assert code == Exit.CONFORMANT, found
    assert (found.run.staged_by, found.run.breaking_status, found.run.healing_status) == ("command", 0, 0)
    assert found.run.turned_away > 0
    assert {"fault.disk-full.no-acceptance", "fault.every.no-lost-use", "fault.every.true-health"} <= those(
        found, Verdict.PASSED
    )


def test_a_clock_that_is_stepped_refuses_requests_and_brings_no_code_back(tmp_path: Path) -> None:
    for name, seconds in (("offset", "0"), ("right", "0"), ("ahead", "7200")):
        (tmp_path / name).write_text(seconds)
    offset = tmp_path / "offset"
    with (
        filled("", 300, 1) as (_, codes, arguments),
        serving(*arguments, command=(*STEPPED, str(offset), "serve")) as served,
    ):
        write_cases(tmp_path / "cases", codes.wave(CASES))
        code, found = staged(
            "clock-stepped",
            served.url,
            tmp_path / "cases",
            *("--breaks", f"cp {tmp_path / 'ahead'} {offset}", "--heals", f"cp {tmp_path / 'right'} {offset}"),
        )
    assert found.run.out_of_time > 0, found
    assert found.run.shown_again > 0
    assert {"fault.clock-stepped.stale", "fault.clock-stepped.single-use"} <= those(found, Verdict.PASSED)
    assert code == Exit.CONFORMANT


def test_a_command_that_does_nothing_passes_nothing_in_any_wire_profile(target: SelfTarget) -> None:
    nothing = ("--breaks", "true", "--heals", "true", "--profile", "qinghai")
    code, found = staged("crypto-machine", target.url, target.cases, *nothing)
    assert code == Exit.INCOMPLETE
    assert those(found, Verdict.PASSED, Verdict.FAILED) == set()
    assert found.run.figures.accepted_meanwhile > 0
    assert found.run.signs == 0
    assert "took nothing away" in found.why_invalid[0].en


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_ended_heals_the_platform(target: SelfTarget, tmp_path: Path, ending: signal.Signals) -> None:
    broken, healed = tmp_path / "broken", tmp_path / "healed"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "healthcard", "load", "fault", "database", "--url", target.url),
            *("--cases", str(target.cases), "--profile", "qinghai", "--lasts", "60"),
            *("--breaks", f"touch {broken}", "--heals", f"touch {healed}"),
        ],
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # A shell may have started the tests with Ctrl-C ignored, which children inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert within(60, broken.exists)
        assert not healed.exists()
        process.send_signal(ending)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert healed.exists(), said
    assert process.returncode not in (Exit.CONFORMANT, Exit.NOT_CONFORMANT), said
