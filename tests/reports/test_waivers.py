"""Reports say loudly what was waived, by whom and until when, and which waivers are in error."""

from __future__ import annotations

import datetime
import json
import xml.etree.ElementTree as ET
from typing import Any

import lxml.html
import msgspec
import pytest

from conformance.evidence.model import Overall, Verdict, Waiver
from conformance.evidence.package import Package
from reports.machine import as_json, as_junit
from reports.page import as_html
from reports.summary import Summary, summarise
from tests.reports.packages import CLOSED, PASSING, PLAN, RESET, finding, package, result

RULE = "card.df02.ef05.read-needs-rk1df02"


def waiver(**fields: Any) -> Waiver:
    """A valid waiver of the refusal without key, changed by ``fields``."""
    row = Waiver(
        id="W-1",
        kind="waiver",
        test=CLOSED,
        reason="Mask 2 gives it out <b>.",
        owner="Sample Vendor",
        granted_by="Commission 1",
        link="https://example.org/1",
        expires=datetime.date(2026, 12, 31),
        expected="ReadWithoutRight",
    )
    return msgspec.structs.replace(row, **fields)


def waived(*waivers: Waiver) -> Package:
    """The card gives out clinical data; everything else passed."""
    others = tuple(row for row in PASSING if row.test != CLOSED)
    failed = result(CLOSED, Verdict.FAILED, finding(RULE))
    return package((*others, failed), plan=msgspec.structs.replace(PLAN, waivers=waivers or (waiver(),)))


def page_of(shown: Package) -> Any:
    return lxml.html.fromstring(as_html(summarise(shown), "en").decode())


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def test_the_headline_counts_the_waivers() -> None:
    summary = summarise(waived())
    assert summary.overall is Overall.WITH_WAIVERS
    assert summary.headline.en == (
        "Conformant with 1 waiver to profile national-2012 (APP11 v1.1 + REV2): "
        "1 of 2 normative passed, 1 from the field, 3 decided, 1 not testable"
    )
    assert summary.headline.zh.startswith("附 1 项豁免，符合配置 national-2012")
    two = summarise(waived(waiver(), waiver(id="W-2", test="", requirement=RULE)))
    assert two.headline.en.startswith("Conformant with 2 waivers to")


def test_the_page_names_at_its_top_what_was_waived_and_by_whom() -> None:
    page = page_of(waived())
    (notice,) = (row for row in page.cssselect(".notice") if "Waived, not passed" in row.text_content())
    for word in (RULE, "W-1", "Commission 1", "2026-12-31"):
        assert word in words(notice)
    assert "o-conformant-with-waivers" in page.get_element_by_id("verdict").get("class")


def test_the_page_shows_the_whole_waiver_and_marks_its_tests() -> None:
    page = page_of(waived())
    shown = words(page.get_element_by_id("w-W-1"))
    for word in ("Mask 2 gives it out <b>.", "Sample Vendor", "Commission 1", "https://example.org/1", CLOSED, RULE):
        assert word in shown
    card = page.get_element_by_id(f"t-{CLOSED}")
    assert [chip.get("href") for chip in card.cssselect("header a.chip")] == ["#w-W-1"]
    assert "failed" in words(card.cssselect("header .chip")[0])


@pytest.mark.parametrize(("link", "links"), [("https://example.org/1", 1), ("javascript:alert(1)", 0), ("ticket 1", 0)])
def test_only_addresses_of_the_web_become_links(link: str, links: int) -> None:
    shown = page_of(waived(waiver(link=link))).get_element_by_id("w-W-1")
    assert len(shown.cssselect("a[rel=noreferrer]")) == links
    assert link in words(shown)


def test_a_page_without_waivers_does_not_speak_of_them() -> None:
    page = as_html(summarise(package(PASSING)), "en").decode()
    assert 'id="waivers"' not in page
    assert "Waived" not in page


@pytest.mark.parametrize(
    ("fields", "state", "overall"),
    [
        ({"expires": datetime.date(2026, 2, 28)}, "expired", Overall.NOT_CONFORMANT),
        ({"test": RESET}, "unexpected-pass", Overall.NOT_CONFORMANT),
        ({"kind": "expected-failure", "granted_by": ""}, "seen", Overall.NOT_CONFORMANT),
        ({}, "seen", Overall.WITH_WAIVERS),
    ],
)
def test_programs_get_every_waiver_with_its_state(fields: dict[str, Any], state: str, overall: Overall) -> None:
    told = json.loads(as_json(summarise(waived(waiver(**fields)))))
    (row,) = told["waivers"]
    assert (row["state"], told["overall"]) == (state, overall.value)
    assert (row["error"], row["excuses"]) == (state != "seen", overall is Overall.WITH_WAIVERS)
    assert {"id", "kind", "reason", "owner", "granted_by", "link", "expires", "expected"} <= row.keys()
    assert row["tests"] == ([CLOSED] if state == "seen" else [])
    (found,) = (entry for entry in told["findings"] if entry["test"] == CLOSED)
    assert (found["verdict"], found["waived"]) == ("failed", ["W-1"] if row["excuses"] else [])


def junit(summary: Summary) -> ET.Element:
    return ET.fromstring(as_junit(summary, "en"))


def test_for_build_servers_a_waived_failure_stays_a_failure_with_a_mark() -> None:
    root = junit(summarise(waived()))
    assert (root.get("failures"), root.get("errors")) == ("1", "0")
    (case,) = (case for case in root.iter("testcase") if case.find("failure") is not None)
    marks = {(row.get("name"), row.get("value")) for row in case.iter("property")}
    assert ("waived", "W-1") in marks


def test_for_build_servers_a_waiver_in_error_is_an_error() -> None:
    summary = summarise(waived(waiver(test="no-such-test")))
    root = junit(summary)
    (case,) = (case for case in root.iter("testcase") if case.get("classname") == "waivers")
    error = case.find("error")
    assert error is not None
    assert "matches no test" in str(error.get("message"))
    assert root.get("errors") == "1"
    assert root.get("tests") == str(len(list(root.iter("testcase")))) == str(len(summary.tests) + 1)


def test_the_page_names_at_its_top_a_waiver_in_error() -> None:
    page = page_of(waived(waiver(test="no-such-test")))
    (notice,) = (row for row in page.cssselect(".notice") if "Waiver in error" in row.text_content())
    assert "W-1" in words(notice)
    assert "matches no test" in words(notice)
