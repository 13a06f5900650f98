"""The crypto machine is lost: what the platform promises holds on real processes.

The same episode on a variation of the platform that somebody might well build must break the promise it is about.
"""

from __future__ import annotations

import pytest

from tests.load.faults.stage import assert_breaks, staged


@pytest.mark.parametrize(
    ("built", "broken"),
    [
        ("", set()),
        ("checks_by_itself", {"fault.crypto-machine.nothing-unchecked"}),
        ("loses_the_machine_for_ever", {"fault.crypto-machine.recovery"}),
    ],
)
def test_nothing_is_accepted_while_the_crypto_machine_is_lost(built: str, broken: set[str]) -> None:
    assert_breaks(staged("crypto-machine", built), broken)
