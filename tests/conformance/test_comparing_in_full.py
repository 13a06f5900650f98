"""Every line of a comparison, word for word: sides, rules, circumstances, waivers and requirements."""

from __future__ import annotations

import datetime
import itertools
from typing import Any

import msgspec
import pytest

from conformance.comparing import FIELDS, SCHEMA_VERSION, Changed, Direction, compare, direction
from conformance.evidence.model import Environment, Overall, Verdict, Waiver
from conformance.evidence.package import Package
from reference.languages import Text
from reference.standard.rows import Basis, Level
from tests.reports.packages import (
    CLOSED,
    LENGTH,
    MANIFEST,
    OPENS,
    ORDER,
    PASSING,
    PLAN,
    PRODUCT,
    SIGNATURE,
    finding,
    package,
    result,
    text,
)


def told(changes: tuple[Changed, ...]) -> dict[str, tuple[str, str | None, str | None]]:
    """Name, before and after of each change, in English, by its key."""
    return {
        row.key: (row.name.en, row.before and row.before.en, row.after and row.after.en)  # type: ignore[misc]
        for row in changes
    }


def plan_with(**fields: Any) -> Any:
    return msgspec.structs.replace(PLAN, **fields)


def test_the_sides_say_which_packages_were_compared() -> None:
    older = msgspec.structs.replace(
        package(PASSING), manifest_digest="ab", signature=msgspec.structs.replace(SIGNATURE, signer="Lab 1")
    )
    newer = package((result(CLOSED, Verdict.FAILED, finding("card.x")),), standing="trusted")
    compared = compare(older, newer)
    assert compared.schema_version == SCHEMA_VERSION == 1
    before, after = compared.before, compared.after
    assert (before.manifest_digest, before.product) == ("ab", f"{PRODUCT.name} {PRODUCT.version}")
    assert (before.started, before.signer, before.signer_standing) == (MANIFEST.started, "Lab 1", "demo")
    assert (after.signer, after.signer_standing) == (SIGNATURE.signer, "trusted")
    assert (before.overall, after.overall) == (Overall.CONFORMANT, Overall.NOT_CONFORMANT)


def test_every_rule_that_differs_is_told_with_both_values() -> None:
    manifest = msgspec.structs.replace(
        MANIFEST,
        profile="field-2013",
        suite_digest="01",
        standard_digest="02",
        environment=Environment(tool="healthcard 9", python="3", platform="p", packages={}),
    )
    plan = plan_with(standard=text("Other documents"), switches={"cipher": "sm1", "extra": "on"})
    assert told(compare(package(PASSING), package(PASSING, plan=plan, manifest=manifest)).rules) == {
        "profile": ("profile", "national-2012", "field-2013"),
        "standard": ("standard", PLAN.standard.en, "Other documents"),
        "switch.cipher": ("switch cipher", "sm4", "sm1"),
        "switch.extra": ("switch extra", None, "on"),
        "switch.switch-of-a-later-version": ("switch switch-of-a-later-version", "yes", None),
        "suite_digest": ("digest of the suite", MANIFEST.suite_digest, "01"),
        "standard_digest": ("digest of the tables", MANIFEST.standard_digest, "02"),
        "tool": ("tool", MANIFEST.environment.tool, "healthcard 9"),
    }


def test_every_circumstance_that_differs_is_told_with_both_values() -> None:
    product = msgspec.structs.replace(
        PRODUCT,
        kind="sam",
        name="Other",
        vendor="Else",
        version="2",
        sample="no. 8",
        capabilities={"purse": True, "extended-length": False},
    )
    manifest = msgspec.structs.replace(
        MANIFEST, product=product, transport="in process", data_set="real", lab="Laboratory 2"
    )
    newer = package(PASSING, manifest=manifest, narrowed=True, stopped=text("The reader burnt."))
    changed = compare(package(PASSING), newer).circumstances
    assert told(changed) == {
        "kind": ("kind of product", "user-card", "sam"),
        "name": ("product", "Sample Card", "Other"),
        "vendor": ("vendor", "Sample Vendor", "Else"),
        "version": ("version", "1.4", "2"),
        "sample": ("sample", "no. 7", "no. 8"),
        "capability.purse": ("capability purse", "no", "yes"),
        "capability.extended-length": ("capability extended-length", "yes", "no"),
        "transport": ("reached through", "PC/SC (virtual reader)", "in process"),
        "data_set": ("data set", "synthetic", "real"),
        "lab": ("laboratory", "Sample Laboratory", "Laboratory 2"),
        "narrowed": ("narrowed by hand", "no", "yes"),
        "stopped": ("ended early", None, "The reader burnt."),
    }
    assert {row.before.zh for row in changed if row.key == "kind" and row.before} == {"user-card"}


def test_switches_and_capabilities_stand_in_the_order_of_their_names() -> None:
    product = msgspec.structs.replace(PRODUCT, capabilities={"b": True, "a": True})
    newer = package(
        PASSING,
        plan=plan_with(switches={"b": "1", "a": "1"}),
        manifest=msgspec.structs.replace(MANIFEST, product=product),
    )
    compared = compare(package((), plan=plan_with(switches={})), newer)
    assert [row.key for row in compared.rules if row.before is None] == ["switch.a", "switch.b"]
    named = [row.key for row in compared.circumstances if row.key.startswith("capability") and row.before is None]
    assert named == ["capability.a", "capability.b"]


def waiver(**fields: Any) -> Waiver:
    row = Waiver(
        id="W",
        kind="waiver",
        test=CLOSED,
        reason="r",
        owner="o",
        granted_by="Lab 1",
        link="l",
        expires=datetime.date(2026, 3, 1),
        expected="ReadWithoutRight",
    )
    return msgspec.structs.replace(row, **fields)


WAIVED = (
    result(CLOSED, Verdict.FAILED, finding("card.df02.ef05.read-needs-rk1df02")),
    *(row for row in PASSING if row.test != CLOSED),
)


def with_waiver(**fields: Any) -> Package:
    return package(WAIVED, plan=plan_with(waivers=(waiver(**fields),)))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, f"waiver for {CLOSED}, granted by Lab 1, until 2026-03-01: seen as expected"),
        (
            {"kind": "expected-failure", "granted_by": ""},
            f"expected failure for {CLOSED}, granted by –, until 2026-03-01: seen as expected",
        ),
        (
            {"test": "", "requirement": "card.df02.*"},
            "waiver for card.df02.*, granted by Lab 1, until 2026-03-01: seen as expected",
        ),
        (
            {"expires": datetime.date(2026, 2, 28)},
            f"waiver for {CLOSED}, granted by Lab 1, until 2026-02-28: expired",
        ),
    ],
)
def test_a_waiver_of_one_side_is_told_with_what_became_of_it(fields: dict[str, Any], says: str) -> None:
    compared = compare(package(WAIVED), with_waiver(**fields))
    assert told(compared.waivers) == {"W": ("W", None, says)}
    assert compared.waivers[0].name == Text("W", "W")
    assert told(compare(with_waiver(**fields), package(WAIVED)).waivers) == {"W": ("W", says, None)}


def test_a_waived_failure_is_told_with_its_waiver_and_an_acknowledged_one_likewise() -> None:
    (change,) = compare(package(WAIVED), with_waiver()).tests
    assert (change.waived_before, change.waived_after, change.direction) == ((), ("W",), Direction.OTHERWISE)
    (back,) = compare(with_waiver(kind="expected-failure", granted_by=""), package(WAIVED)).tests
    assert (back.waived_before, back.waived_after) == (("W",), ())
    assert compare(with_waiver(), with_waiver()).tests == ()


def test_a_change_of_a_test_tells_both_verdicts_and_all_findings() -> None:
    two = (finding("card.x"), finding("card.y", violation="StatusKept", subject="EF06"))
    before = package((result(CLOSED, Verdict.WARNING, *two),))
    after = package((result(CLOSED, Verdict.FAILED, two[0]),))
    (change,) = compare(before, after).tests
    assert (change.test, change.before, change.after) == (CLOSED, Verdict.WARNING, Verdict.FAILED)
    assert change.findings_before == ("ReadWithoutRight (DDF1/DF02/EF05)", "StatusKept (EF06)")
    assert change.findings_after == ("ReadWithoutRight (DDF1/DF02/EF05)",)
    assert change.direction is Direction.WORSE


def test_what_got_worse_comes_first_and_within_it_the_names_decide() -> None:
    before = package(
        (
            result(OPENS, Verdict.PASSED),
            result(CLOSED, Verdict.PASSED),
            result(LENGTH, Verdict.FAILED, finding("card.x")),
            result(ORDER, Verdict.FAILED, finding("card.x")),
        )
    )
    after = package(
        (
            result(OPENS, Verdict.ERROR),
            result(CLOSED, Verdict.ERROR),
            result(LENGTH, Verdict.PASSED),
            result(ORDER, Verdict.FAILED, finding("card.x", violation="StatusKept")),
        )
    )
    assert [(row.direction, row.test) for row in compare(before, after).tests] == [
        (Direction.WORSE, CLOSED),
        (Direction.WORSE, OPENS),
        (Direction.BETTER, LENGTH),
        (Direction.OTHERWISE, ORDER),
    ]


WORSE, BETTER = Direction.WORSE, Direction.BETTER
UNANSWERED = (Verdict.ERROR, Verdict.BLOCKED, Verdict.SKIPPED, Verdict.INCONCLUSIVE)


@pytest.mark.parametrize("unanswered", UNANSWERED)
def test_an_answer_is_better_than_none_unless_it_is_a_failure(unanswered: Verdict) -> None:
    assert direction(unanswered, Verdict.WARNING) is BETTER
    assert direction(Verdict.WARNING, unanswered) is WORSE
    assert direction(unanswered, Verdict.FAILED) is WORSE
    assert direction(Verdict.FAILED, unanswered) is WORSE
    assert direction(unanswered, Verdict.NOT_APPLICABLE) is WORSE
    assert direction(Verdict.NOT_APPLICABLE, unanswered) is WORSE
    assert direction(Verdict.NOT_APPLICABLE, Verdict.WARNING) is BETTER


@pytest.mark.parametrize(("worse", "better"), list(itertools.pairwise(UNANSWERED)))
def test_among_verdicts_without_an_answer_the_order_of_the_rules_decides(worse: Verdict, better: Verdict) -> None:
    assert direction(worse, better) is BETTER
    assert direction(better, worse) is WORSE


@pytest.mark.parametrize(
    ("claims", "regression"),
    [(({}, {"narrowed": True}), True), (({"narrowed": True}, {}), False), (({}, {}), False)],
)
def test_a_worse_overall_verdict_alone_is_a_step_back(
    claims: tuple[dict[str, Any], dict[str, Any]], regression: bool
) -> None:
    older, newer = (package(PASSING, **fields) for fields in claims)
    compared = compare(older, newer)
    assert (compared.tests, compared.regression) == ((), regression)


def test_a_run_that_ended_early_is_incomplete_on_its_side() -> None:
    compared = compare(package(PASSING), package(PASSING, stopped=text("The reader burnt.")))
    assert (compared.after.overall, compared.regression) == (Overall.INCOMPLETE, True)


def test_tests_of_one_side_are_told_with_their_verdicts() -> None:
    fewer = plan_with(tests=tuple(test for test in PLAN.tests if test.id != ORDER))
    came = compare(package(PASSING, plan=fewer), package((result(ORDER, Verdict.WARNING),)))
    assert [(row.test, row.verdict) for row in came.appeared] == [(ORDER, Verdict.WARNING)]


def test_every_field_of_a_requirement_is_compared() -> None:
    first, *others = PLAN.requirements
    other = msgspec.structs.replace(
        first,
        level=Level.MAY,
        basis=Basis.DECISION,
        severity="warns",
        document="APP9",
        clause="9",
        text=text("t"),
        why=text("w"),
        not_testable=text("n"),
        not_applicable=text("a"),
    )
    newer = package(PASSING, plan=plan_with(requirements=(other, *others)))
    changed = compare(package(PASSING), newer).requirements
    assert [row.field for row in changed] == list(FIELDS)
    assert [(row.before and row.before.en, row.after and row.after.en) for row in changed] == [
        ("shall", "may"),
        ("normative", "decision"),
        ("fails", "warns"),
        ("APP11", "APP9"),
        (first.clause, "9"),
        (first.text.en, "t"),
        (first.why.en, "w"),
        (None, "n"),
        (None, "a"),
    ]
    assert changed[3].after == Text("APP9", "APP9")


def test_a_requirement_that_came_is_told_with_its_text() -> None:
    first, *others = PLAN.requirements
    less = package(PASSING, plan=plan_with(requirements=tuple(others)))
    (change,) = compare(less, package(PASSING)).requirements
    assert (change.requirement, change.field, change.before, change.after) == (first.id, "", None, first.text)
