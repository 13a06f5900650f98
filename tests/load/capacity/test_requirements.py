"""What a search says of requirements: right answers over all steps, and whether its figure is the saturation point."""

from __future__ import annotations

import pytest

from conformance.evidence.model import Verdict
from load.capacity.report import as_html
from load.capacity.requirements import FOUND, NOT_READ, judged_rows
from load.capacity.result import CapacityResult, Saturation, saturation_of
from load.capacity.search import Bracket, Outcome
from load.gates import bounds_of, gates
from reference.command_line import Exit
from reference.standard import load
from tests.load.capacity.results import RIGHT, capacity_result, result_with, step
from tests.load.hollow_platforms import HOLLOW, Platform, run_against

NOTHING: Saturation = saturation_of(Bracket(ended="lowest"), ())


def verdicts(found: CapacityResult) -> dict[str, Verdict]:
    return {row.id: row.verdict for row in found.requirements}


def test_every_row_stands_in_the_catalogue() -> None:
    ids = set(verdicts(capacity_result()))
    assert ids == {*RIGHT, FOUND}
    assert ids <= set(load().requirements)
    assert {id for id in load().requirements if id.startswith("load.capacity.")} == {FOUND}


def test_a_platform_that_gives_way_with_right_answers_passes_all_rows() -> None:
    found = capacity_result()
    assert set(verdicts(found).values()) == {Verdict.PASSED}
    assert found.exit_code is Exit.CONFORMANT


def test_a_lower_bound_leaves_the_saturation_point_open_and_fails_nobody() -> None:
    found = capacity_result(generator=300.0)
    row = next(row for row in found.requirements if row.id == FOUND)
    assert (row.verdict, row.level) == (Verdict.INCONCLUSIVE, "should")
    assert row.because == found.explanation
    assert found.exit_code is Exit.CONFORMANT


def test_one_wrong_answer_in_one_step_fails_its_row() -> None:
    steps = (step(200.0), step(400.0, Outcome.WRONG, 2))
    found = result_with(Bracket(held=200.0, ended="wrong"), steps)
    assert verdicts(found)["load.qr.no-wrong-accept"] is Verdict.FAILED
    assert verdicts(found)[FOUND] is Verdict.INCONCLUSIVE
    assert found.exit_code is Exit.NOT_CONFORMANT


@pytest.mark.parametrize("hollow", HOLLOW, ids=lambda hollow: hollow.__name__)
def test_who_accepts_or_refuses_or_serves_nobody_is_not_praised_for_refusing_forged_codes(
    hollow: type[Platform],
) -> None:
    run = run_against(hollow(), bounds=bounds_of("correctness"))
    told = {gate.id: gate.verdict for gate in run.gates if gates()[gate.id].always is not None}
    rows = {row.id: row.verdict for row in judged_rows(NOTHING, (step(200.0, verdicts=told),))}
    assert rows["load.qr.no-wrong-accept"] is not Verdict.PASSED
    assert set(rows.values()) != {Verdict.PASSED}


def test_records_that_nobody_could_read_are_not_applicable_and_say_why() -> None:
    unread = dict.fromkeys(RIGHT, Verdict.PASSED) | {"load.qr.no-lost-use": Verdict.NOT_APPLICABLE}
    rows = {row.id: row for row in judged_rows(NOTHING, (step(200.0, verdicts=unread),))}
    assert rows["load.qr.no-lost-use"].verdict is Verdict.NOT_APPLICABLE
    assert rows["load.qr.no-lost-use"].because == NOT_READ


def test_without_a_step_nothing_is_passed() -> None:
    assert {row.verdict for row in judged_rows(NOTHING, ())} == {Verdict.INCONCLUSIVE}


def test_the_page_shows_every_row_in_both_languages() -> None:
    page = as_html(capacity_result(generator=300.0), "en").decode("utf-8")
    assert all(f"<code>{id}</code>" in page for id in (*RIGHT, FOUND))
    assert "inconclusive" in page
    assert "饱和点搜索应因平台" in page
