"""The JSON and the JUnit file: the same figures as the page, in the forms that programs read."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import msgspec
import pytest

from conformance.evidence.model import Overall, Verdict
from conformance.evidence.package import Package
from reports.machine import as_json, as_junit
from reports.page import as_html
from reports.summary import summarise
from tests.reports import packages as given_packages
from tests.reports.packages import (
    CLOSED,
    EMPTY_PLAN,
    EVERY_VERDICT,
    OPENS,
    ORDER,
    PASSING,
    PURSE,
    RESET,
    package,
    result,
    text,
)


def report(of: Package) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(as_json(summarise(of)))
    return loaded


def junit(of: Package, lang: str = "en") -> ET.Element:
    return ET.fromstring(as_junit(summarise(of), lang))


def case(of: Package, test: str, lang: str = "en") -> ET.Element:
    (found,) = [row for row in junit(of, lang).iter("testcase") if row.get("name") == test]
    return found


@pytest.mark.parametrize("results", [PASSING, EVERY_VERDICT, EVERY_VERDICT[:3], ()])
def test_page_json_and_junit_count_the_same(results: tuple[Any, ...]) -> None:
    of = package(results)
    counts = report(of)["counts"]
    page = as_html(summarise(of), "en").decode()
    on_page = re.findall(r'<tr data-verdict="([a-z-]+)".*?data-count="(\d+)"', page)
    suite = junit(of)
    verdicts = [row.get("value") for row in suite.iter("property") if row.get("name") == "verdict"]
    assert {verdict: int(number) for verdict, number in on_page} == counts
    assert {verdict.value: verdicts.count(verdict.value) for verdict in Verdict} == counts
    assert set(counts) == {verdict.value for verdict in Verdict}
    assert int(suite.get("tests", "")) == sum(counts.values()) == len(given_packages.TESTS)
    assert int(suite.get("failures", "")) == counts["failed"] == len(list(suite.iter("failure")))
    assert int(suite.get("errors", "")) == counts["error"] == len(list(suite.iter("error")))
    assert int(suite.get("skipped", "")) == len(list(suite.iter("skipped")))


def test_the_json_says_what_the_run_was_about() -> None:
    read = report(package(PASSING))
    assert read["schema_version"] == 1
    assert read["overall"] == "conformant"
    assert read["claimed_overall"] == "incomplete"
    assert read["profile"] == "national-2012"
    assert read["transport"] == "PC/SC (virtual reader)"
    assert read["product"]["name"] == "Sample Card"


def test_every_requirement_is_in_the_json_and_the_counts_add_up() -> None:
    requirements = report(package(EVERY_VERDICT))["requirements"]
    listed = requirements["list"]
    assert [row["id"] for row in listed] == [row.id for row in given_packages.REQUIREMENTS]
    assert requirements["total"] == len(listed)
    assert sum(requirements[verdict.value] for verdict in Verdict) + requirements["not-testable"] == len(listed)
    for verdict in Verdict:
        assert requirements[verdict.value] == sum(row["verdict"] == verdict.value for row in listed)


def test_findings_in_the_json_carry_every_field_and_the_command_to_replay() -> None:
    (first, second) = report(package(EVERY_VERDICT))["findings"]
    assert first["test"] == CLOSED
    assert first["actual"] == {"en": "9000 with 200 bytes of data", "zh": "《9000 with 200 bytes of data》"}
    assert set(msgspec.to_builtins(EVERY_VERDICT[0].findings[0])) <= set(first)
    assert first["replay"] == f"healthcard replay evidence.zip '{CLOSED}'"
    assert second["violation"] == "WrongResetAnswer"


def test_what_was_not_tested_stands_in_the_json_with_its_reason() -> None:
    not_tested = {row["requirement"]: row for row in report(package(PASSING))["not_tested"]}
    assert {id: row["kind"] for id, row in not_tested.items()} == {
        "card.multiapp.purse": "not-applicable",
        "card.structure.capacity": "not-testable",
        "card.multiapp.bank": "not-applicable",
    }
    assert not_tested["card.multiapp.purse"]["reason"]["en"] == "The product declares no purse."


def test_a_failed_test_is_a_failure_with_its_explanation() -> None:
    (failure,) = case(package(EVERY_VERDICT), CLOSED).iter("failure")
    assert failure.get("type") == "ReadWithoutRight"
    assert failure.get("message") == "It was granted."
    assert "Set the read key of EF05" in (failure.text or "")


def test_the_junit_file_speaks_the_language_asked_for() -> None:
    (failure,) = case(package(EVERY_VERDICT), CLOSED, "zh").iter("failure")
    assert failure.get("message") == "《It was granted.》"


def test_a_warning_passes_in_junit_and_is_told_beside_it() -> None:
    warned = case(package(EVERY_VERDICT), RESET)
    assert {child.tag for child in warned} == {"properties", "system-out"}
    assert "WrongResetAnswer" in (warned.findtext("system-out") or "")


def test_requirements_are_properties_of_the_test_case() -> None:
    names = [row.get("value") for row in case(package(PASSING), OPENS).iter("property")]
    assert names == ["card.df02.ef05.read-needs-rk1df02", "card.ddf1.ef05.tag01-length", "passed"]


def test_what_gave_no_answer_is_skipped_with_its_reason() -> None:
    (skipped,) = case(package(EVERY_VERDICT), PURSE).iter("skipped")
    (left_out,) = case(package(()), OPENS).iter("skipped")
    (error,) = case(package(EVERY_VERDICT), ORDER).iter("error")
    assert skipped.get("message") == "not-applicable: The product declares no purse."
    assert left_out.get("message") == "skipped: The run left no result of this test."
    assert error.get("message") == "The harness lost its reader."


def test_control_characters_and_markup_in_the_evidence_leave_the_xml_well_formed() -> None:
    hostile = text("]]></failure><x>\x00\x08\x1b\ufffe\u202e&amp;")
    bad = given_packages.finding("card.df02.ef05.read-needs-rk1df02", summary=hostile, violation="\x01<>")
    (failure,) = case(package([result(CLOSED, Verdict.FAILED, bad, reason=hostile)]), CLOSED).iter("failure")
    assert (failure.get("message") or "").startswith("]]></failure><x>\\u0000\\u0008\\u001b\\ufffe\\u202e&amp;")
    assert failure.get("type") == "\\u0001<>"


def test_an_empty_package_is_incomplete() -> None:
    read = report(package((), plan=EMPTY_PLAN))
    assert read["overall"] == Overall.INCOMPLETE
    assert set(read["counts"].values()) == {0}
    assert junit(package((), plan=EMPTY_PLAN)).get("tests") == "0"


@pytest.mark.parametrize("custody", ["", "key in token", "key kept in token, computed in process", "in a safe"])
def test_where_the_signing_key_was_stands_in_the_report_and_on_the_page(custody: str) -> None:
    of = package(PASSING, manifest=msgspec.structs.replace(given_packages.MANIFEST, key_custody=custody))
    page = as_html(summarise(of), "en").decode()
    assert report(of)["key_custody"] == custody
    assert ("The signing key" in page) == bool(custody)
    words = {
        "key in token": "in a token, which signed itself",
        "key kept in token, computed in process": "kept in a token, but computed with outside it",
    }
    assert words.get(custody, custody) in page
