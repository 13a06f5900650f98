"""Comparing two evidence packages: what got worse, what got better, and whether both were made by the same rules.

Source: decision of the project, since no clause speaks of comparing runs. A test that loses its answer got worse, also
where it failed before: an unanswered question is no improvement. Nothing is derived again from transcripts here;
packages are checked while they are read.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from conformance.evidence.measured import asked_for, limits
from conformance.evidence.model import Overall, Plan, TestResult, Verdict, Waiver, WaiverState
from conformance.evidence.package import Package
from conformance.evidence.verdicts import WORST_FIRST, Conclusion, completed, conclude
from conformance.evidence.waiving import KIND_NAMES, STATE_NAMES
from reference.languages import Text, say

SCHEMA_VERSION = 1
ANSWERED = frozenset({Verdict.PASSED, Verdict.WARNING, Verdict.FAILED})
OVERALL_WORST_FIRST = (Overall.NOT_CONFORMANT, Overall.INCOMPLETE, Overall.WITH_WAIVERS, Overall.CONFORMANT)
YES, NO = say("yes"), say("no")
FIELDS: dict[str, Text] = {
    "level": say("level"),
    "basis": say("basis"),
    "severity": say("a violation"),
    "document": say("document"),
    "clause": say("clause"),
    "text": say("requirement"),
    "why": say("why"),
    "not_testable": say("not testable"),
    "not_applicable": say("not applicable"),
}
"""What of a requirement is compared, with its name; its tests are compared one by one."""


class Direction(StrEnum):
    """What a change of a test means."""

    WORSE = "worse"
    BETTER = "better"
    OTHERWISE = "otherwise"
    """The verdict is the same, but it rests on another finding, or another waiver speaks of it."""


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what a comparison consists of."""


class Side(_Record, frozen=True, kw_only=True):
    """One of the two packages."""

    manifest_digest: str
    product: str
    started: str
    signer: str
    signer_standing: str
    overall: Overall
    """As its own results give it."""


class TestChange(_Record, frozen=True, kw_only=True):
    """A test of both packages whose result is another one."""

    __test__ = False  # not a class of tests, whatever pytest makes of the name

    test: str
    before: Verdict
    after: Verdict
    direction: Direction
    findings_before: tuple[str, ...]
    findings_after: tuple[str, ...]
    waived_before: tuple[str, ...]
    waived_after: tuple[str, ...]


class OneSided(_Record, frozen=True, kw_only=True):
    """A test that only one of the packages has, with its verdict there."""

    test: str
    verdict: Verdict


class Changed(_Record, frozen=True, kw_only=True):
    """Something else that is not the same; None where a side does not have it."""

    key: str
    """Its name for programs."""
    name: Text
    before: Text | None
    after: Text | None


class RequirementChange(_Record, frozen=True, kw_only=True):
    """A field of a requirement that is not the same, or with an empty ``field`` one that a side has not: its text."""

    requirement: str
    field: str
    before: Text | None
    after: Text | None


class Comparison(_Record, frozen=True, kw_only=True):
    """Everything that differs between two packages, the first taken as the older one."""

    schema_version: int = SCHEMA_VERSION
    before: Side
    after: Side
    tests: tuple[TestChange, ...]
    appeared: tuple[OneSided, ...]
    disappeared: tuple[OneSided, ...]
    requirements: tuple[RequirementChange, ...]
    rules: tuple[Changed, ...]
    """Profile, switches, tables, suite and tool: what both must share for verdicts to mean the same."""
    circumstances: tuple[Changed, ...]
    """Product, sample, capabilities and how it was reached."""
    waivers: tuple[Changed, ...]
    regression: bool
    """Whether a test got worse or disappeared, or the overall verdict got worse."""


def compare(older: Package, newer: Package) -> Comparison:
    """What changed from the older package to the newer one."""
    drawn = _concluded(older), _concluded(newer)
    before, after = ({result.test: result for result in side.tests} for side in drawn)
    sides = _side(older, drawn[0]), _side(newer, drawn[1])
    changes = tuple(
        change for id in before.keys() & after.keys() if (change := _test_change(before[id], after[id])) is not None
    )
    ordered = tuple(sorted(changes, key=lambda change: (list(Direction).index(change.direction), change.test)))
    disappeared = tuple(OneSided(test=id, verdict=before[id].verdict) for id in before if id not in after)
    fell = OVERALL_WORST_FIRST.index(sides[1].overall) < OVERALL_WORST_FIRST.index(sides[0].overall)
    return Comparison(
        before=sides[0],
        after=sides[1],
        tests=ordered,
        appeared=tuple(OneSided(test=id, verdict=after[id].verdict) for id in after if id not in before),
        disappeared=disappeared,
        requirements=_requirement_changes(older.plan, newer.plan),
        rules=_changed(_rules(older), _rules(newer)),
        circumstances=_changed(_circumstances(older), _circumstances(newer)),
        waivers=_changed(_waivers(older, drawn[0]), _waivers(newer, drawn[1])),
        regression=fell or bool(disappeared) or any(change.direction is Direction.WORSE for change in ordered),
    )


def direction(before: Verdict, after: Verdict) -> Direction:
    """What it means that a verdict became another one.

    A test that does not apply any more got worse: the product withdrew the capability that it was held to.
    """
    if before is after:
        return Direction.OTHERWISE
    if after is Verdict.PASSED:
        return Direction.BETTER
    if before is Verdict.PASSED or after in (Verdict.FAILED, Verdict.NOT_APPLICABLE):
        return Direction.WORSE
    if before in ANSWERED or after in ANSWERED:
        return Direction.BETTER if after in ANSWERED else Direction.WORSE
    fell = before is Verdict.NOT_APPLICABLE or WORST_FIRST.index(after) < WORST_FIRST.index(before)
    return Direction.WORSE if fell else Direction.BETTER


def _concluded(package: Package) -> Conclusion:
    """What the package's own results give, whatever it claims."""
    results = package.results
    return conclude(
        package.plan,
        completed(package.plan, results).tests,
        started=package.manifest.started,
        narrowed=results.narrowed,
        stopped=results.stopped,
    )


def _side(package: Package, drawn: Conclusion) -> Side:
    product = package.manifest.product
    return Side(
        manifest_digest=package.manifest_digest,
        product=f"{product.name} {product.version}",
        started=package.manifest.started,
        signer=package.signature.signer,
        signer_standing=package.signer_standing,
        overall=drawn.overall,
    )


def _test_change(before: TestResult, after: TestResult) -> TestChange | None:
    found = [_found(result) for result in (before, after)]
    waived = [(*result.waived, *result.acknowledged) for result in (before, after)]
    if before.verdict is after.verdict and found[0] == found[1] and waived[0] == waived[1]:
        return None
    return TestChange(
        test=before.test,
        before=before.verdict,
        after=after.verdict,
        direction=direction(before.verdict, after.verdict),
        findings_before=found[0],
        findings_after=found[1],
        waived_before=waived[0],
        waived_after=waived[1],
    )


def _found(result: TestResult) -> tuple[str, ...]:
    return tuple(f"{finding.violation} ({finding.subject})" for finding in result.findings)


def _requirement_changes(older: Plan, newer: Plan) -> tuple[RequirementChange, ...]:
    before, after = ({row.id: row for row in plan.requirements} for plan in (older, newer))
    changes = []
    for id in dict.fromkeys((*before, *after)):
        both = id in before and id in after
        for name in FIELDS if both else ("text",):
            old, new = (_told(getattr(side[id], name)) if id in side else None for side in (before, after))
            if old != new:
                field = name if both else ""
                changes.append(RequirementChange(requirement=id, field=field, before=old, after=new))
    return tuple(changes)


def _told(value: object) -> Text | None:
    return value if isinstance(value, Text) or value is None else Text(str(value), str(value))


Facts = dict[str, tuple[Text, Text | None]]
"""By key: the name, and the value if there is one."""


def _rules(package: Package) -> Facts:
    manifest = package.manifest
    return {
        "profile": (say("profile"), _told(manifest.profile)),
        "standard": (say("standard"), package.plan.standard),
        **{
            f"switch.{name}": (say("switch {name}", name=name), _told(value))
            for name, value in sorted(package.plan.switches.items())
        },
        "suite_digest": (say("digest of the suite"), _told(manifest.suite_digest)),
        "standard_digest": (say("digest of the tables"), _told(manifest.standard_digest)),
        "tool": (say("tool"), _told(manifest.environment.tool)),
        **_bounds(package),
    }


def _bounds(package: Package) -> Facts:
    """What a load run, soak or staged fault was held to."""
    return {
        f"bound.{row.key}": (say("bound of {id}", id=row.requirement), row.text)
        for row in (() if package.measured is None else limits(package.measured))
    }


def _circumstances(package: Package) -> Facts:
    manifest, product, results = package.manifest, package.manifest.product, package.results
    return {
        "kind": (say("kind of product"), _told(product.kind)),
        "name": (say("product"), _told(product.name)),
        "vendor": (say("vendor"), _told(product.vendor)),
        "version": (say("version"), _told(product.version)),
        "sample": (say("sample"), _told(product.sample)),
        **{
            f"capability.{name}": (say("capability {name}", name=name), YES if has else NO)
            for name, has in sorted(product.capabilities.items())
        },
        "transport": (say("reached through"), _told(manifest.transport)),
        "data_set": (say("data set"), _told(manifest.data_set)),
        "lab": (say("laboratory"), _told(manifest.lab)),
        **{
            f"budget.{kind}": (say("budget of {kind}", kind=kind), _told(number))
            for kind, number in sorted(package.plan.budget.items())
        },
        **_schedule(package),
        "narrowed": (say("narrowed by hand"), YES if results.narrowed else NO),
        "stopped": (say("ended early"), results.stopped),
    }


def _schedule(package: Package) -> Facts:
    """What a load run, soak or staged fault asked of the platform."""
    return {} if package.measured is None else {"load": (say("load"), asked_for(package.measured))}


def _waivers(package: Package, drawn: Conclusion) -> Facts:
    states = {outcome.waiver: outcome.state for outcome in drawn.waivers}
    return {
        waiver.id: (Text(waiver.id, waiver.id), _waiver(waiver, states[waiver.id])) for waiver in package.plan.waivers
    }


def _waiver(waiver: Waiver, state: WaiverState) -> Text:
    return say(
        "{kind} for {pattern}, granted by {granted_by}, until {expires}: {state}",
        kind=KIND_NAMES[waiver.kind],
        pattern=waiver.test or waiver.requirement,
        granted_by=waiver.granted_by or "–",
        expires=waiver.expires,
        state=STATE_NAMES[state],
    )


def _changed(before: Facts, after: Facts) -> tuple[Changed, ...]:
    changes = []
    for key in dict.fromkeys((*before, *after)):
        name = (before.get(key) or after[key])[0]
        old, new = (side[key][1] if key in side else None for side in (before, after))
        if old != new:
            changes.append(Changed(key=key, name=name, before=old, after=new))
    return tuple(changes)
