"""Judging: one answer against its case, totals of single-use codes, and the platform's own count."""

from __future__ import annotations

import pytest

from load.cases import Case
from load.judging import ACCEPTANCE, Judge, Outcome, Recorded, correctness, judge
from load.measuring import Latencies, Measured, merged
from reference.qr.use_log import ACCEPTED

CONSUMED = Outcome(frozenset({"code.consumed"}))
FORGED = Outcome(frozenset({"code.forged"}))
BUSY = Outcome(frozenset({"system.busy"}))
ONCE = Case("replayed", "text", frozenset({ACCEPTED, "code.consumed"}), "", 7)
BAD = Case("forged", "text", frozenset({"code.forged"}))
GOOD = Case("static", "text", frozenset({ACCEPTED}))


def measured(*judges: Judge) -> Measured:
    empty = Latencies().encoded()
    return merged(
        Measured(counts=one.counts, response=empty, service=empty, lag=empty, wake=empty, keys=one.keys)
        for one in judges
    )


@pytest.mark.parametrize(
    ("case", "outcome", "wrong"),
    [
        (GOOD, ACCEPTANCE, None),
        (BAD, FORGED, None),
        (ONCE, CONSUMED, None),
        (BAD, ACCEPTANCE, "wrong-accept"),
        (GOOD, FORGED, "wrong-refusal"),
        (ONCE, FORGED, "wrong-refusal"),
        (BAD, CONSUMED, "wrong-reason"),
        (GOOD, BUSY, None),
    ],
)
def test_an_answer_is_right_when_some_state_allows_it(case: Case, outcome: Outcome, wrong: str | None) -> None:
    assert judge(case, outcome) == wrong


def test_a_shared_return_code_is_right_when_one_of_its_meanings_is() -> None:
    assert judge(BAD, Outcome(frozenset({"code.forged", "code.foreign"}))) is None


def test_a_single_use_code_accepted_at_two_generators_is_a_double_use() -> None:
    one, other = Judge(), Judge()
    one.answered(ONCE, ACCEPTANCE, "1")
    other.answered(ONCE, ACCEPTANCE, "2")
    assert correctness(measured(one, other), None).double_uses == 1


def test_a_code_used_up_by_nobody_is_a_wrong_refusal() -> None:
    one = Judge()
    one.answered(ONCE, CONSUMED, "1")
    assert correctness(measured(one), None).wrong_refusals == 1


def test_an_unanswered_request_may_have_used_the_code_up() -> None:
    one, other = Judge(), Judge()
    one.answered(ONCE, CONSUMED, "1")
    other.silent(ONCE, "TimeoutError", "2")
    assert correctness(measured(one, other), None).wrong_refusals == 0


def test_an_answered_use_that_is_not_recorded_is_lost() -> None:
    one = Judge()
    one.answered(GOOD, ACCEPTANCE, "1")
    one.answered(BAD, FORGED, "2")
    assert correctness(measured(one), Recorded(accepted=1, refused=0)).lost_events == 1
    assert correctness(measured(one), Recorded(accepted=1, refused=1)).lost_events == 0


def test_without_the_platforms_count_lost_uses_stay_unknown() -> None:
    found = correctness(measured(Judge()), None)
    assert (found.lost_events, found.totals_from) == (None, "none")
