"""The plan of a run: which tests judge which requirements, with which weight, made before the product is touched.

Severity comes from level, basis and profile, never from a test body (decisions: only *normative* rows, and *field*
rows in a field profile, can make a product not conformant).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from types import MappingProxyType

import msgspec

from conformance.engine.marks import Marks, subject_id
from conformance.engine.stand import USES_UP_CARD
from conformance.evidence.model import (
    SCHEMA_VERSION,
    Plan,
    PlannedRequirement,
    PlannedTest,
    Product,
    Severity,
    Waiver,
)
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import Basis, Level, Profile, Requirement


class PlanningFault(Exception):
    """The suite contradicts the catalogue: a fault of the harness, found before the product is touched."""


def severity(requirement: Requirement, profile: Profile) -> Severity:
    """What a violation of the requirement amounts to under the profile."""
    can_fail = requirement.source.basis is Basis.NORMATIVE or (
        requirement.source.basis is Basis.FIELD and profile.field_rows_can_fail
    )
    return Severity.FAILS if can_fail and requirement.level is Level.SHALL else Severity.WARNS


class Draft(msgspec.Struct, frozen=True):
    """A collected test before it is planned: its function, marks and subject."""

    module: str
    function: str
    nodeid: str
    marks: Marks
    subject: object | None


def make_plan(
    standard: Standard,
    product: Product,
    drafts: Iterable[Draft],
    *,
    actor: str,
    limits: tuple[Text, ...],
    budget: Mapping[str, int] = MappingProxyType({}),
    waivers: tuple[Waiver, ...] = (),
) -> Plan:
    """The plan for one product. Raises PlanningFault where suite and catalogue contradict each other."""
    planned = within_budget((_planned_test(standard, product, draft) for draft in drafts), budget)
    _check_twins(planned)
    judged: dict[str, list[str]] = {}
    for test in planned:
        for id in test.requirements:
            judged.setdefault(id, []).append(test.id)
    rows = (row for row in standard.requirements.values() if row.actor == actor)
    profile = standard.profile
    return Plan(
        schema_version=SCHEMA_VERSION,
        profile=profile.id,
        profile_title=profile.title,
        standard=profile.standard,
        switches=dict(profile.switches),
        requirements=tuple(_planned_requirement(standard, product, row, judged) for row in rows),
        tests=planned,
        limits=limits,
        waivers=waivers,
        budget=dict(budget),
    )


def _planned_test(standard: Standard, product: Product, draft: Draft) -> PlannedTest:
    ids = requirement_ids(draft)
    unknown = [id for id in ids if id not in standard.requirements]
    if unknown or not ids:
        raise PlanningFault(f"{draft.nodeid} judges {unknown or 'nothing'}: no such row in the catalogue")
    rows = [standard.requirements[id] for id in ids]
    weights = {severity(row, standard.profile) for row in rows}
    if len(weights) != 1:
        raise PlanningFault(f"{draft.nodeid} mixes requirements that fail and requirements that warn: {ids}")
    return PlannedTest(
        id=test_id(draft.module, draft.function, draft.subject),
        nodeid=draft.nodeid,
        title=_title(draft),
        requirements=ids,
        side=draft.marks.side,
        severity=weights.pop(),
        twin=_twin_id(draft),
        irreversible=draft.marks.irreversible,
        not_applicable=_not_applicable(product, rows[0]),
    )


def within_budget(tests: Iterable[PlannedTest], budget: Mapping[str, int]) -> tuple[PlannedTest, ...]:
    """The tests, those blocked that would use up more of a kind than the budget has left.

    Tests that do not apply use up nothing. A kind that uses up the card costs one specimen for all its tests together.
    """
    left, planned = dict(budget), []
    for test in tests:
        short = [kind for kind, number in test.irreversible.items() if number > left.get(kind, number)]
        if test.not_applicable is None and short:
            text = say("uses up {kind}: the run has none left (--budget, --spare-cards)", kind=", ".join(short))
            test = msgspec.structs.replace(test, blocked=text)
        elif test.not_applicable is None:
            for kind, number in test.irreversible.items():
                if kind in left and kind != USES_UP_CARD:
                    left[kind] -= number
        planned.append(test)
    return tuple(planned)


def requirement_ids(draft: Draft) -> tuple[str, ...]:
    """The ids that the test judges, with the subject's values put into the templates."""
    argument, subject = draft.marks.argument, draft.subject
    values = {argument: subject} if argument else {}
    return tuple(template.format(**values).lower() for template in draft.marks.requirements)


def test_id(module: str, function: str, subject: object | None) -> str:
    """``read_rights.a_file_stays_closed[DDF1/EF06]``."""
    tail = "" if subject is None else f"[{subject_id(subject)}]"
    return f"{module.rpartition('.')[2].removeprefix('test_')}.{function.removeprefix('test_')}{tail}"


test_id.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever pytest makes of the name


def _title(draft: Draft) -> Text:
    sentence = say(draft.function.removeprefix("test_").replace("_", " "))
    if draft.subject is None:
        return sentence
    return say("{sentence}: {subject}", sentence=sentence, subject=subject_id(draft.subject))


def _twin_id(draft: Draft) -> str:
    return test_id(draft.module, draft.marks.twin, draft.subject) if draft.marks.twin else ""


def _check_twins(planned: tuple[PlannedTest, ...]) -> None:
    functions = {test.id.partition("[")[0] for test in planned}
    for test in planned:
        if (test.side == "negative") != bool(test.twin):
            raise PlanningFault(f"{test.id}: a refusal needs a positive twin, and only a refusal has one")
        if test.twin and test.twin.partition("[")[0] not in functions:
            raise PlanningFault(f"{test.id}: its twin {test.twin} is no test of this suite")


def twin_of(test: PlannedTest, ids: Container[str]) -> str:
    """The twin's id among the planned ones: for the same subject, or the twin that has no subject."""
    return test.twin if test.twin in ids else test.twin.partition("[")[0]


def _not_applicable(product: Product, row: Requirement) -> Text | None:
    if row.applies_when and not product.capabilities.get(row.applies_when, False):
        return say("the capability statement does not declare {capability}", capability=row.applies_when)
    return None


def _planned_requirement(
    standard: Standard, product: Product, row: Requirement, judged: Mapping[str, list[str]]
) -> PlannedRequirement:
    return PlannedRequirement(
        id=row.id,
        level=row.level,
        basis=row.source.basis,
        document=row.source.document,
        clause=row.source.clause,
        text=row.text,
        why=row.why,
        severity=severity(row, standard.profile),
        tests=tuple(judged.get(row.id, ())),
        not_testable=row.not_testable,
        not_applicable=_not_applicable(product, row),
    )
