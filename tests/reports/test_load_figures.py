"""The report of a load run: the same page and files, with the figures beside their bounds; and a run's budget."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from conformance.comparing import compare
from conformance.evidence.load_findings import FIGURE_NAMES
from conformance.evidence.load_verdicts import plan_of, results_of
from conformance.evidence.model import SCHEMA_VERSION
from conformance.evidence.package import Package
from conformance.evidence.under_load import OF_FIGURE, Bound, Figures, LoadRun, WrongAnswer, percentile
from reference.standard import load
from reports.load_figures import HEIGHT, WIDTH, drawn
from reports.machine import as_json, as_junit
from reports.page import WRONG_SHOWN, as_html
from reports.summary import summarise
from tests.reports.packages import MANIFEST, PLAN, package

HOSTILE = "<script>alert(1)</script>"
FIGURES = Figures(
    wrong_accepts=60,
    wrong_refusals=0,
    wrong_reasons=0,
    lost_events=None,
    double_uses=0,
    error_share=0.0,
    throughput=100.0,
    p50_ms=5.0,
    p95_ms=80.0,
    p99_ms=80.0,
    p999_ms=80.0,
    generator_lag_p99_ms=1.5,
    interruptions=0,
)
WRONG = WrongAnswer(request="r1", wrong="wrong-accept", kind="forged", expected=("code.forged",), got=("accepted",))
RUN = LoadRun(
    schema_version=SCHEMA_VERSION,
    command="healthcard load qr --self",
    shape="constant",
    rate=100,
    duration=1,
    generators=1,
    connections=64,
    gates_from="own.toml",
    bounds=(
        Bound(requirement="load.qr.no-wrong-accept", figure="wrong_accepts", side="most", limit=0),
        Bound(requirement="load.qr.throughput", figure="throughput", side="least", limit=50),
        Bound(requirement="load.qr.generator-on-time", figure="generator_lag_p99_ms", side="most", limit=10),
    ),
    scheduled=100,
    answered=100,
    unserved=0,
    seconds=1.0,
    figures=FIGURES,
    interruptions=(),
    totals_from="none",
    response=((5_000, 90), (80_000, 10)),
    service=((4_000, 100),),
    outcomes={"forged": {"accepted": 60, "code.forged": 40}},
    kinds=("forged",),
    faults={HOSTILE: 1},
    wrong=(WRONG,) * (WRONG_SHOWN + 10),
)


def of_load(run: LoadRun = RUN) -> Package:
    """The evidence of the run."""
    plan = plan_of(load(), run)
    results = results_of(plan, run, started=MANIFEST.started)
    made = package(results.tests, plan=plan, claimed=results.overall)
    return msgspec.structs.replace(made, load=run, transcripts={})


def page(lang: str) -> html.HtmlElement:
    return html.fromstring(as_html(summarise(of_load()), lang).decode("utf-8"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_shows_every_figure_with_its_bound_in_both_languages(lang: str) -> None:
    section = page(lang).get_element_by_id("load")
    rows = section.xpath(".//table")[0].xpath(".//tbody/tr")
    names = [row.xpath("string(./th)") for row in rows]
    assert names == [name.en + name.zh for name in (FIGURE_NAMES[figure] for figure in OF_FIGURE)]
    assert "at most 0" in rows[0].text_content()
    assert "不超过 0" in rows[0].text_content()


def test_the_page_of_a_load_run_has_no_section_on_chips() -> None:
    found = page("en")
    assert not found.xpath("//*[@id='timing']")
    assert not found.xpath("//a[@href='#timing']")


def test_the_histogram_is_on_the_page_and_inside_its_drawing() -> None:
    bars = page("en").xpath("//*[local-name()='rect'][@class='response' or @class='service']")
    shown = drawn(RUN)
    assert len(bars) == len(shown.response) + len(shown.service) == 3
    assert [round(bar.height) for bar in shown.service] == [HEIGHT]


def test_wrong_answers_beyond_those_shown_are_counted() -> None:
    assert "10 more are in the evidence package." in page("en").get_element_by_id("load").text_content()


def test_hostile_words_of_a_load_run_stay_text() -> None:
    assert HOSTILE in page("en").get_element_by_id("load").text_content()
    assert HOSTILE.encode() not in as_html(summarise(of_load()), "en")


def test_findings_of_a_load_run_name_the_command_that_repeats_it() -> None:
    summary = summarise(of_load())
    report = json.loads(as_json(summary))
    assert [finding["replay"] for finding in report["findings"]] == [RUN.command]
    assert report["load"]["figures"]["wrong_accepts"] == 60
    assert RUN.command.encode() in as_junit(summary, "en")


def test_a_run_of_a_suite_has_no_figures_under_load() -> None:
    summary = summarise(package())
    assert json.loads(as_json(summary))["load"] is None
    assert b'id="load"' not in as_html(summary, "en")


@given(st.lists(st.tuples(st.integers(1, 3_600_000_000), st.integers(1, 1000)), unique_by=lambda cell: cell[0]))
def test_no_bar_leaves_the_drawing_and_none_is_lost(cells: list[tuple[int, int]]) -> None:
    shown = drawn(msgspec.structs.replace(RUN, response=tuple(sorted(cells)), service=()))
    assert bool(shown.response) == bool(cells)
    for bar in shown.response:
        assert 0 <= bar.x <= WIDTH - bar.width + 0.01
        assert 0 <= bar.y < HEIGHT
    assert all(0 <= tick.x <= WIDTH for tick in shown.ticks)


def test_a_percentile_is_the_value_that_so_many_do_not_exceed() -> None:
    assert [percentile(RUN.response, percent) for percent in (50, 90, 91, 100)] == [5_000, 5_000, 80_000, 80_000]
    assert percentile((), 50) == 0


def test_the_budget_of_a_run_stands_on_its_page_and_in_its_comparison() -> None:
    poor = package(plan=msgspec.structs.replace(PLAN, budget={"wrong-mac": 10, "other": 2}))
    summary = summarise(poor)
    text = html.fromstring(as_html(summary, "en").decode("utf-8")).text_content()
    assert "commands with a wrong MAC" in text
    assert json.loads(as_json(summary))["budget"] == {"wrong-mac": 10, "other": 2}
    changes = {change.key: change for change in compare(package(), poor).circumstances}
    assert changes["budget.wrong-mac"].after is not None
    assert changes["budget.wrong-mac"].after.en == "10"
    assert b"Budget of the run" not in as_html(summarise(package()), "en")
