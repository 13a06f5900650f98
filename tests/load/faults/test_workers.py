"""A worker that dies is replaced and the others answer; the process that watches over them ends with all of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.evidence.under_faults import RECOVERY
from load.faults.promises import seconds
from load.faults.serving import serving
from tests.load.faults.stage import assert_breaks, staged


@pytest.mark.parametrize(("built", "broken"), [("", set()), ("never_replaces", {RECOVERY})])
def test_a_worker_that_is_killed_is_replaced_while_the_others_answer(built: str, broken: set[str]) -> None:
    result = staged("worker-killed", built)
    assert_breaks(result, broken)
    assert result.run.kills >= 1
    assert result.run.figures.longest_gap_s is not None
    assert (result.run.figures.longest_gap_s <= seconds(RECOVERY)) is not bool(broken)


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
