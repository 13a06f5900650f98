"""Evidence packages for the tests of reports: a small plan with every kind of requirement, any results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from conformance.evidence.model import (
    SCHEMA_VERSION,
    Environment,
    Exchange,
    FileDigest,
    Finding,
    Manifest,
    Overall,
    Plan,
    PlannedRequirement,
    PlannedTest,
    Product,
    Results,
    Severity,
    Signature,
    TestResult,
    Verdict,
)
from conformance.evidence.package import Package
from reference.languages import Text
from reference.standard.rows import Basis, Level

CLOSED, OPENS = "read_rights.closed-without-key[DDF1/DF02/EF05]", "read_rights.opens-with-key[DDF1/DF02/EF05]"
LENGTH, RESET = "elements.length[DDF1/EF05/01]", "reset.answer-form"
BLOCK, PURSE, ORDER = "block.card-block-is-permanent", "multiapp.purse", "settlement.order"
WORD = "status_words.security-status"


def text(english: str) -> Text:
    """The English words, and something that differs from them on the Chinese side."""
    return Text(english, f"《{english}》")


def requirement(id: str, *tests: str, **fields: Any) -> PlannedRequirement:
    """A mandatory normative requirement, changed by ``fields``."""
    row = PlannedRequirement(
        id=id,
        level=Level.SHALL,
        basis=Basis.NORMATIVE,
        document="APP11",
        clause=f"6.3.1.3 of {id}",
        text=text(f"What {id} demands."),
        why=text(f"Why {id} matters."),
        severity=Severity.FAILS,
        tests=tests,
    )
    return msgspec.structs.replace(row, **fields)


REQUIREMENTS = (
    requirement("card.df02.ef05.read-needs-rk1df02", CLOSED, OPENS),
    requirement(
        "card.sw.security-status",
        WORD,
        level=Level.SHOULD,
        basis=Basis.SIBLING,
        severity=Severity.WARNS,
        document="SSSE",
    ),
    requirement("card.ddf1.ef05.tag01-length", LENGTH, OPENS),
    requirement(
        "card.reset.answer-form",
        RESET,
        level=Level.SHOULD,
        basis=Basis.SIBLING,
        severity=Severity.WARNS,
        document="SSSE",
    ),
    requirement("card.block.permanent", BLOCK, basis=Basis.DECISION, severity=Severity.WARNS),
    requirement("card.multiapp.purse", PURSE),
    requirement("card.settle.order", ORDER, level=Level.MAY, basis=Basis.FIELD, severity=Severity.WARNS),
    requirement("card.structure.capacity", not_testable=text("No command shows the free memory.")),
    requirement("card.multiapp.bank", not_applicable=text("The product has no bank application.")),
)


def planned(id: str, title: str, **fields: Any) -> PlannedTest:
    """A test of the requirements that name it."""
    test = PlannedTest(
        id=id,
        nodeid=f"conformance/suites/card/test_{id}",
        title=text(title),
        requirements=tuple(row.id for row in REQUIREMENTS if id in row.tests),
        side="positive",
        severity=Severity.FAILS,
    )
    return msgspec.structs.replace(test, **fields)


TESTS = (
    planned(CLOSED, "A file stays closed without its read key", side="negative", twin=OPENS),
    planned(OPENS, "A file opens with its read key"),
    planned(WORD, "A missing right is answered 6982", severity=Severity.WARNS),
    planned(LENGTH, "An element has the length of its row"),
    planned(RESET, "The answer to reset has 13 historical bytes", severity=Severity.WARNS),
    planned(BLOCK, "A card block is permanent", irreversible={"permanent-lock": 1}, severity=Severity.WARNS),
    planned(PURSE, "The purse answers", not_applicable=text("The product declares no purse.")),
    planned(ORDER, "Settlement reads before it erases", severity=Severity.WARNS),
)

PLAN = Plan(
    schema_version=SCHEMA_VERSION,
    profile="national-2012",
    profile_title=text("National documents of 2012"),
    standard=text("APP11 v1.1 + REV2"),
    switches={"cipher": "sm4", "switch-of-a-later-version": "yes"},
    requirements=REQUIREMENTS,
    tests=TESTS,
    limits=(text("Resistance to side channels is not measured."),),
)


def apdu(sent: str, received: str, number: int, channel: str = "card") -> Exchange:
    """One exchange of a transcript, a millisecond after the one before."""
    return Exchange(channel=channel, kind="apdu", sent=sent, received=received, at_us=1000 * number, took_us=412)


TRANSCRIPT = (
    Exchange(channel="card", kind="reset", sent="", received="3B8D8001", at_us=0, took_us=900),
    apdu("00A4000002DDF1", "9000", 1),
    apdu("0084000008", "11223344556677889000", 2, "sam"),
    apdu("00A4000002DF02", "9000", 3),
    apdu("00A4000002EF05", "9000", 4),
    apdu("00B2010400", "A1" * 200 + "9000", 5),
)


def finding(requirement: str, **fields: Any) -> Finding:
    """A violation shown by the last exchange of `TRANSCRIPT`."""
    row = Finding(
        violation="ReadWithoutRight",
        subject="DDF1/DF02/EF05",
        requirement=requirement,
        summary=text("The card gave out clinical data without a key."),
        expected=text("a refusal, 6982"),
        actual=text("9000 with 200 bytes of data"),
        source="APP11 6.3.1.3 (5)",
        causes=(text("Was the access condition personalised?"), text("Is the status kept over a reset?")),
        remedy=text("Set the read key of EF05 to RK1DF02."),
        exchange=5,
    )
    return msgspec.structs.replace(row, **fields)


def result(test: str, verdict: Verdict, *findings: Finding, **fields: Any) -> TestResult:
    """One result with the transcript of six exchanges."""
    row = TestResult(test=test, verdict=verdict, findings=findings, exchanges=6, took_us=12_345)
    return msgspec.structs.replace(row, **fields)


PASSING = (
    *(result(test.id, Verdict.PASSED) for test in TESTS if test.id != PURSE),
    result(PURSE, Verdict.NOT_APPLICABLE, reason=text("The product declares no purse."), exchanges=0),
)

EVERY_VERDICT = (
    result(CLOSED, Verdict.FAILED, finding("card.df02.ef05.read-needs-rk1df02"), reason=text("It was granted.")),
    result(OPENS, Verdict.PASSED),
    result(LENGTH, Verdict.INCONCLUSIVE, reason=text("The element was not personalised.")),
    result(
        RESET,
        Verdict.WARNING,
        finding("card.reset.answer-form", violation="WrongResetAnswer", subject="reset", exchange=0),
    ),
    result(BLOCK, Verdict.BLOCKED, reason=text("No spare card was given."), exchanges=0),
    result(PURSE, Verdict.NOT_APPLICABLE, reason=text("The product declares no purse."), exchanges=0),
    result(ORDER, Verdict.ERROR, reason=text("The harness lost its reader.")),
)
"""All verdicts; that of `WORD`, which left no result, is *skipped*."""

PRODUCT = Product(
    kind="user-card",
    name="Sample Card",
    vendor="Sample Vendor",
    version="1.4",
    sample="no. 7",
    capabilities={"purse": False, "extended-length": True},
)

MANIFEST = Manifest(
    schema_version=SCHEMA_VERSION,
    product=PRODUCT,
    profile="national-2012",
    transport="PC/SC (virtual reader)",
    data_set="synthetic",
    lab="Sample Laboratory",
    operator="A. Tester",
    started="2026-03-01T09:00:00+08:00",
    ended="2026-03-01T09:00:41+08:00",
    seed=20120401,
    suite_digest="5a" * 32,
    standard_digest="7d" * 32,
    environment=Environment(
        tool="healthcard 0.1.0", python="3.11.2", platform="Linux x86_64", packages={"msgspec": "0.19.0"}
    ),
    files=(FileDigest(path="plan.json", size=4711, sm3="c3" * 32, chunks=("c3" * 32,)),),
)

SIGNATURE = Signature(
    schema_version=SCHEMA_VERSION,
    algorithm="SM2 with SM3, default user id",
    signer="the demo key",
    standing="demo",
    public_key="00" * 64,
    value="00" * 64,
)


def package(
    tests: Iterable[TestResult] = PASSING,
    *,
    plan: Plan = PLAN,
    manifest: Manifest = MANIFEST,
    claimed: Overall = Overall.INCOMPLETE,
    standing: str = "demo",
    **fields: Any,
) -> Package:
    """A package with these results; ``fields`` are those of `Results`, such as ``narrowed``."""
    return Package(
        manifest=manifest,
        plan=plan,
        results=Results(
            schema_version=SCHEMA_VERSION,
            overall=claimed,
            because=text("as claimed"),
            tests=tuple(tests),
            **fields,
        ),
        signature=SIGNATURE,
        signer_standing=standing,
        expected={},
        transcripts={test.id: TRANSCRIPT for test in plan.tests},
        manifest_digest="e4" * 32,
    )


EMPTY_PLAN = msgspec.structs.replace(PLAN, requirements=(), tests=(), limits=(), switches={})
