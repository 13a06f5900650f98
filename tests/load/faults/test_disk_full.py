"""The disk is full: what the platform promises holds on real processes.

The same episode on a variation of the platform that somebody might well build must break the promise it is about.
"""

from __future__ import annotations

import pytest

from tests.load.faults.stage import assert_breaks, staged


@pytest.mark.parametrize(
    ("built", "broken"),
    [
        ("", set()),
        ("answers_before_the_disk", {"fault.every.no-lost-use", "fault.disk-full.no-acceptance"}),
        ("gives_up", {"fault.disk-full.recovery"}),
    ],
)
def test_nobody_is_accepted_whose_use_the_disk_does_not_take(built: str, broken: set[str]) -> None:
    assert_breaks(staged("disk-full", built), broken)
