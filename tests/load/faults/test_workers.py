"""A worker that dies is replaced and the others answer; the process that watches over them ends with all of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.evidence.model import Verdict
from conformance.evidence.under_faults import RECOVERY
from load.faults.promises import seconds
from load.faults.serving import serving
from load.soak.result import SoakResult
from load.soak.run import soak
from load.soak.settings import SoakSettings
from tests.load.faults.stage import variation


def killed(built: str) -> SoakResult:
    return soak(
        SoakSettings(seconds=6, kill_every=1, cards=300, connections=32, wave=2000, command=tuple(variation(built)))
    )


@pytest.mark.parametrize(("built", "broken"), [("", set()), ("never_replaces", {RECOVERY})])
def test_a_worker_that_is_killed_is_replaced_while_the_others_answer(built: str, broken: set[str]) -> None:
    result = killed(built)
    assert result.findings.words == []
    assert result.kills >= 1
    assert {id for id, verdict in result.verdicts.items() if verdict is Verdict.FAILED} == broken
    assert (result.verdicts[RECOVERY] is Verdict.PASSED) is not bool(broken)
    assert (result.longest_gap <= seconds(RECOVERY)) is not bool(broken)


@pytest.mark.parametrize("workers", ["1", "3"])
def test_all_processes_end_with_the_server(tmp_path: Path, workers: str) -> None:
    with serving("--demo", "--database", f"sqlite:///{tmp_path}/platform.db", "--workers", workers) as served:
        pids = served.workers()
        assert len(pids) == int(workers)
    assert within(30, lambda: not any(runs(pid) for pid in pids))


def runs(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}/status") and "zombie" not in Path(f"/proc/{pid}/status").read_text()


def within(longest: float, holds: Callable[[], bool]) -> bool:
    last = time.monotonic() + longest
    while not holds() and time.monotonic() < last:
        time.sleep(0.02)
    return holds()
