"""The disk is full: what the platform promises holds on real processes.

The same episode on a variation of the platform that somebody might well build must break the promise it is about.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.load.faults.stage import disk_full, staged


@pytest.mark.parametrize(
    ("built", "broken"),
    [
        ("", set()),
        ("answers_before_the_disk", {"fault.every.no-lost-use", "fault.disk-full.no-acceptance"}),
        ("gives_up", {"fault.disk-full.recovery"}),
    ],
)
def test_nobody_is_accepted_whose_use_the_disk_does_not_take(tmp_path: Path, built: str, broken: set[str]) -> None:
    episode = staged(f"sqlite:///{tmp_path}/platform.db", tmp_path, "disk-full", "store", disk_full, built=built)
    assert broken <= episode.broken(), episode
    assert broken or not episode.broken(), episode
