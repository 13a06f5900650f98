"""Times, transports and re-runs in the report."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest

from conformance.evidence.model import Manifest
from conformance.evidence.package import Package
from reports.machine import as_json
from reports.page import as_html
from reports.summary import summarise
from reports.wording import DATA_SET_NAMES
from tests.reports.packages import MANIFEST, PASSING, TRANSCRIPT, package

EARLIER = "ab" * 32


def page(of: Package) -> str:
    """The page on one line."""
    return " ".join(as_html(summarise(of), "en").decode().split())


def section(of: Package, name: str) -> str:
    """The section of the page that has this id."""
    found = re.search(rf'<section id="{name}".*?</section>', page(of))
    assert found is not None
    return found.group()


def report(of: Package) -> dict[str, Any]:
    """The content of report.json."""
    loaded: dict[str, Any] = json.loads(as_json(summarise(of)))
    return loaded


def with_manifest(**fields: Any) -> Package:
    """A package whose manifest has these fields."""
    manifest: Manifest = msgspec.structs.replace(MANIFEST, **fields)
    return package(PASSING, manifest=manifest)


def test_the_json_has_the_times_of_every_command() -> None:
    rows = {(row["channel"], row["command"]): row for row in report(package(PASSING))["timings"]}
    tests = len(package(PASSING).transcripts)
    assert set(rows) == {("card", "RESET"), ("card", "00A4"), ("card", "00B2"), ("sam", "0084")}
    select = rows["card", "00A4"]
    assert select == {
        "channel": "card",
        "command": "00A4",
        "name": {"en": "SELECT", "zh": "选择文件"},
        "count": 3 * tests,
        "p50": 412,
        "p95": 412,
        "p99": 412,
        "longest": 412,
    }
    assert rows["card", "RESET"]["p50"] == TRANSCRIPT[0].took_us


def test_the_page_shows_the_times_by_name_and_says_that_they_judge_nothing() -> None:
    shown = section(package(PASSING), "timing")
    assert "no verdict rests on them" in shown
    assert "没有任何结论以此为据" in shown
    assert "READ RECORD" in shown
    assert "读记录" in shown
    assert ">0.412<" in shown
    assert '<a href="#timing">' in page(package(PASSING))


def test_a_run_without_exchanges_says_so() -> None:
    silent = msgspec.structs.replace(package(PASSING), transcripts={})
    assert "Nothing was exchanged with a chip." in section(silent, "timing")
    assert report(silent)["timings"] == []


@pytest.mark.parametrize(
    ("transport", "shown"),
    [
        ("in process", '<span lang="en">in process</span><span lang="zh">进程内</span>'),
        (
            "PC/SC (virtual reader)",
            '<span lang="en">PC/SC (virtual reader)</span><span lang="zh">PC/SC（虚拟读写器）</span>',
        ),
        ("PC/SC: Desk <Reader>", "PC/SC: Desk &lt;Reader&gt;"),
    ],
)
def test_how_the_product_was_reached_is_told_in_both_languages(transport: str, shown: str) -> None:
    assert shown in page(with_manifest(transport=transport))


def test_a_re_run_names_the_package_that_results_were_taken_over_from() -> None:
    shown = page(with_manifest(rerun_of=EARLIER))
    assert "taken over from an earlier package" in shown
    assert "其余结果取自先前的证据包" in shown
    assert EARLIER in section(with_manifest(rerun_of=EARLIER), "evidence")
    assert report(with_manifest(rerun_of=EARLIER))["rerun_of"] == EARLIER


def test_a_whole_run_speaks_of_no_earlier_package() -> None:
    assert "earlier package" not in page(package(PASSING))
    assert report(package(PASSING))["rerun_of"] == ""


def test_real_data_are_said_to_be_redacted() -> None:
    shown = page(with_manifest(data_set="real"))
    assert DATA_SET_NAMES["real"].en in shown
    assert "redacted" in shown
