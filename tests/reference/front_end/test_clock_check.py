"""The clock check: what can be told apart, where warning and refusal begin, and what a service or a header tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.ecard.verbs import ServerTime, Time
from reference.front_end.clock_check import ClockCheck, Standing
from reference.front_end.messages import ReadCode
from reference.front_end.refusals import FrontEndRefusal
from tests.platform import NOON_MS
from tests.reference.front_end.pieces import DYNAMIC, TERMINAL, UNREACHED, VERIFIED, Bench


@pytest.mark.parametrize(
    ("ahead_ms", "standing"),
    [
        (0, Standing.RIGHT),
        (15_000, Standing.RIGHT),
        (15_001, Standing.DRIFTING),
        (30_000, Standing.DRIFTING),
        (30_001, Standing.WRONG),
        (-15_000 - 1000, Standing.RIGHT),
        (-15_001 - 1000, Standing.DRIFTING),
        (-30_001 - 1000, Standing.WRONG),
    ],
)
def test_the_standing_follows_from_the_difference(ahead_ms: int, standing: Standing) -> None:
    check = ClockCheck(30)
    check.note(NOON_MS, NOON_MS, NOON_MS + ahead_ms)
    assert check.state.standing is standing


@given(skew=st.integers(-10_000, 10_000), trip=st.integers(0, 5_000), share=st.floats(0, 1))
def test_a_slow_answer_makes_no_right_clock_wrong(skew: int, trip: int, share: float) -> None:
    check = ClockCheck(30)
    platform = (NOON_MS + round(trip * share) + skew) // 1000 * 1000
    check.note(NOON_MS, NOON_MS + trip, platform)
    assert abs(check.state.skew_ms) <= abs(skew)


def test_a_wrong_clock_refuses_codes_but_keeps_uses(front: Bench) -> None:
    front.platform.date_ms = NOON_MS + 60_000
    asked = ReadCode(terminal=TERMINAL, text=DYNAMIC)
    front.front_end.read(asked)
    with pytest.raises(FrontEndRefusal) as caught:
        front.front_end.read(asked)
    assert caught.value.id == "front-end.clock"
    assert front.front_end.state()["clock"] == {"standing": "wrong", "skew_ms": 60_000, "checked_ms": NOON_MS}


def test_the_service_for_the_time_is_asked_where_there_is_one(front: Bench) -> None:
    front.platform.answers = [Time(now_ms=NOON_MS)]
    front.front_end.check_clock()
    assert front.platform.asked == [ServerTime()]
    assert front.check.state.standing is Standing.RIGHT


def test_a_check_that_fails_leaves_what_is_known(front: Bench) -> None:
    front.platform.answers = [UNREACHED]
    front.front_end.check_clock()
    assert front.check.state.standing is Standing.UNCHECKED


def test_a_clock_that_was_set_right_is_believed_again(front: Bench) -> None:
    front.check.note(NOON_MS, NOON_MS, NOON_MS + 60_000)
    front.platform.answers = [Time(now_ms=NOON_MS)]
    front.front_end.check_clock()
    front.platform.answers = [VERIFIED]
    assert front.front_end.read(ReadCode(terminal=TERMINAL, text=DYNAMIC)).outcome == "ok"
