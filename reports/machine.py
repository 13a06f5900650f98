"""The report for programs: `report.json` and, for build servers, `junit.xml`.

No clause of the standard is followed here; JUnit has no schema, its form is what build servers read.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import msgspec

from conformance.evidence.model import Verdict
from reference.languages import Text
from reports.summary import (
    JudgedRequirement,
    JudgedTest,
    SettledWaiver,
    Summary,
    reason_not_applicable,
)
from reports.wording import STATE_NAMES, visible

SCHEMA_VERSION = 1
"""Version of the form of `report.json`; it grows with every change that an older reader could misread."""


def as_json(summary: Summary) -> bytes:
    """The content of `report.json`, UTF-8, indented, keys in a fixed order."""
    report = {
        "schema_version": SCHEMA_VERSION,
        "overall": summary.overall,
        "claimed_overall": summary.results.overall,
        "because": summary.because,
        "headline": summary.headline,
        "profile": summary.plan.profile,
        "standard": summary.plan.standard,
        "switches": summary.plan.switches,
        "product": summary.manifest.product,
        "transport": summary.manifest.transport,
        "data_set": summary.manifest.data_set,
        "lab": summary.manifest.lab,
        "operator": summary.manifest.operator,
        "started": summary.manifest.started,
        "ended": summary.manifest.ended,
        "manifest_digest": summary.manifest_digest,
        "rerun_of": summary.manifest.rerun_of,
        "signer": summary.signer,
        "signer_standing": summary.signer_standing,
        "key_custody": summary.manifest.key_custody,
        "narrowed": summary.results.narrowed,
        "stopped": summary.results.stopped,
        "counts": summary.counts,
        "requirements": _requirements(summary),
        "waivers": [_waiver(row) for row in summary.waivers],
        "findings": [finding for test in summary.tests for finding in _findings(test)],
        "not_tested": [_not_tested(row) for row in summary.requirements if _reason(row) is not None],
        "limits": summary.plan.limits,
        "budget": summary.plan.budget,
        "load": summary.load,
        "soak": summary.soak,
        "fault": summary.fault,
        "timings": [msgspec.to_builtins(row.timing) | {"name": row.name} for row in summary.timings],
    }
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def _requirements(summary: Summary) -> dict[str, Any]:
    return {
        "total": len(summary.requirements),
        **{verdict.value: number for verdict, number in summary.requirement_counts.items()},
        "not-testable": len(summary.not_testable()),
        "list": [
            {
                "id": row.planned.id,
                "verdict": row.verdict,
                "level": row.planned.level,
                "basis": row.planned.basis,
                "severity": row.planned.severity,
                "tests": row.planned.tests,
            }
            for row in summary.requirements
        ],
    }


def _waiver(row: SettledWaiver) -> dict[str, Any]:
    return {
        **msgspec.to_builtins(row.planned),
        "state": row.outcome.state,
        "error": row.in_error,
        "excuses": row.excuses,
        "because": row.outcome.reason,
        "tests": row.outcome.tests,
        "requirements": row.rules,
    }


def _findings(test: JudgedTest) -> list[dict[str, Any]]:
    result = test.result
    head = {
        "test": test.planned.id,
        "verdict": result.verdict,
        "waived": result.waived,
        "acknowledged": result.acknowledged,
    }
    replay = {"replay": test.reproduce}
    return [head | msgspec.to_builtins(finding) | replay for finding in test.result.findings]


def _reason(row: JudgedRequirement) -> Text | None:
    """Why a requirement was not tested; None where it was to be."""
    if row.planned.not_testable is not None:
        return row.planned.not_testable
    return reason_not_applicable(row) if row.verdict is Verdict.NOT_APPLICABLE else None


def _not_tested(row: JudgedRequirement) -> dict[str, Any]:
    kind = Verdict.NOT_APPLICABLE if row.planned.not_testable is None else "not-testable"
    return {"requirement": row.planned.id, "kind": kind, "reason": _reason(row)}


def as_junit(summary: Summary, lang: str) -> bytes:
    """The content of `junit.xml`: one test case a planned test, texts in the given language.

    A waived failure stays a failure, marked by a property; a waiver that is an error of the run is a case of its own.
    """
    counts = summary.counts
    unanswered = (Verdict.SKIPPED, Verdict.BLOCKED, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE)
    erring = [row for row in summary.waivers if row.in_error]
    totals = {
        "tests": str(len(summary.tests) + len(erring)),
        "failures": str(counts[Verdict.FAILED]),
        "errors": str(counts[Verdict.ERROR] + len(erring)),
        "skipped": str(sum(counts[verdict] for verdict in unanswered)),
        "time": _seconds(sum(test.result.took_us for test in summary.tests)),
    }
    suites = ET.Element("testsuites", {"name": "healthcard", **totals})
    name = visible(f"{summary.plan.profile} – {summary.manifest.product.name}")
    timestamp = visible(summary.manifest.started)
    suite = ET.SubElement(suites, "testsuite", {"name": name, "timestamp": timestamp, **totals})
    _properties(suite, [("overall", summary.overall), ("headline", summary.headline.inside(lang))])
    for test in summary.tests:
        _case(suite, test, lang)
    for row in erring:
        _erring_waiver(suite, row, lang)
    ET.indent(suites)
    content: bytes = ET.tostring(suites, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _case(suite: ET.Element, test: JudgedTest, lang: str) -> None:
    planned, result = test.planned, test.result
    module = planned.id.partition(".")[0]
    attributes = {"classname": module, "name": planned.id, "time": _seconds(result.took_us)}
    case = ET.SubElement(suite, "testcase", {key: visible(value) for key, value in attributes.items()})
    _properties(
        case,
        [
            *(("requirement", id) for id in planned.requirements),
            ("verdict", result.verdict),
            *(("waived", id) for id in result.waived),
            *(("acknowledged", id) for id in result.acknowledged),
        ],
    )
    explanation = _explanation(test, lang)
    first_line = visible(explanation.partition("\n")[0])
    if result.verdict is Verdict.FAILED:
        kind = result.findings[0].violation if result.findings else "failed"
        ET.SubElement(case, "failure", {"message": first_line, "type": visible(kind)}).text = explanation
    elif result.verdict is Verdict.ERROR:
        ET.SubElement(case, "error", {"message": first_line, "type": "error"}).text = explanation
    elif result.verdict is Verdict.WARNING:
        ET.SubElement(case, "system-out").text = explanation
    elif result.verdict is not Verdict.PASSED:
        message = f"{result.verdict}: {first_line}" if first_line else str(result.verdict)
        ET.SubElement(case, "skipped", {"message": message})


def _erring_waiver(suite: ET.Element, row: SettledWaiver, lang: str) -> None:
    case = ET.SubElement(
        suite, "testcase", {"classname": "waivers", "name": visible(row.planned.id), "time": _seconds(0)}
    )
    told = [STATE_NAMES[row.outcome.state], *(() if row.outcome.reason is None else (row.outcome.reason,))]
    message = visible(": ".join(text.inside(lang) for text in told))
    ET.SubElement(case, "error", {"message": message, "type": row.outcome.state})


def _explanation(test: JudgedTest, lang: str) -> str:
    """Reason and findings as plain text, with the command that replays the test."""
    lines = [test.result.reason.inside(lang)] if test.result.reason else []
    for finding in test.result.findings:
        lines += [
            f"{finding.summary.inside(lang)} [{finding.violation}: {finding.subject}]",
            f"  {finding.requirement} ({finding.source})",
            f"  + {finding.expected.inside(lang)}",
            f"  - {finding.actual.inside(lang)}",
            *(f"  ? {cause.inside(lang)}" for cause in finding.causes),
            f"  > {finding.remedy.inside(lang)}",
        ]
    if test.result.findings:
        lines.append(test.reproduce)
    return visible("\n".join(lines))


def _properties(parent: ET.Element, pairs: list[tuple[str, str]]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in pairs:
        ET.SubElement(properties, "property", {"name": name, "value": visible(value)})


def _seconds(microseconds: int) -> str:
    return f"{microseconds / 1_000_000:.6f}"
