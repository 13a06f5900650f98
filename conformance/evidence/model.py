"""What a run leaves behind, as types: the manifest, the plan, the results and the exchanges of each test.

Reports, `verify` and `replay` work from these alone, without the product and without the tables of the standard:
every requirement that the run held the product against stands in the plan in full.
The JSON Schemas in `schemas/` are generated from these types and committed; the version grows with every change
that an older reader could misread.
"""

from __future__ import annotations

import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from reference.languages import Text
from reference.standard.rows import Basis, Level

SCHEMA_VERSION = 2
"""Version 2 knows withheld bytes, sealed parts and waivers; packages of version 1 have none of them and are read."""
READABLE = frozenset({1, SCHEMA_VERSION})


class Verdict(StrEnum):
    """The eight verdicts of one test; only *passed* counts as passed."""

    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not-applicable"
    SKIPPED = "skipped"
    BLOCKED = "blocked"
    ERROR = "error"


class Overall(StrEnum):
    """What the run says of the product as a whole."""

    CONFORMANT = "conformant"
    WITH_WAIVERS = "conformant-with-waivers"
    """Mandatory requirements failed, and a valid waiver covers every one of them; never to be read as conformant."""
    NOT_CONFORMANT = "not-conformant"
    INCOMPLETE = "incomplete"


class Severity(StrEnum):
    """What a violation found by a test amounts to; set by the plan from level, basis and profile."""

    FAILS = "fails"
    WARNS = "warns"


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all records: immutable, and strict about what it does not know."""


class Withheld(_Record, frozen=True, kw_only=True):
    """Bytes of an exchange that are not shown: where they stood, and for personal data a salted digest."""

    side: Literal["sent", "received"]
    at: int
    """Offset in bytes."""
    length: int
    """Bytes."""
    why: Literal["secret", "personal"]
    """``secret``: a PIN or a key, which is nowhere in the package; ``personal``: in the sealed part."""
    digest: str = ""
    """HMAC-SM3 in hexadecimal under the salt of the sealed part; empty for secrets, which have none."""


class Exchange(_Record, frozen=True, kw_only=True, omit_defaults=True):
    """One exchange with a chip: a reset (``sent`` is empty) or an APDU. Bytes are hexadecimal, ``**`` if withheld."""

    channel: str
    """``card`` or ``sam``."""
    kind: Literal["reset", "apdu", "lost"]
    """``lost``: the product did not answer; ``received`` is empty and ``note`` says why."""
    sent: str
    received: str
    at_us: int
    """Microseconds since the test began."""
    took_us: int
    note: str = ""
    withheld: tuple[Withheld, ...] = ()


class PlannedRequirement(_Record, frozen=True, kw_only=True):
    """A requirement as the run knew it."""

    id: str
    level: Level
    basis: Basis
    document: str
    clause: str
    text: Text
    why: Text
    severity: Severity
    tests: tuple[str, ...]
    """Ids of the tests that judge it; empty only where ``not_testable`` or ``not_applicable`` gives a reason."""
    not_testable: Text | None = None
    not_applicable: Text | None = None


class PlannedTest(_Record, frozen=True, kw_only=True):
    """One test: a test function for one subject, with the requirements that it judges."""

    id: str
    """``read_rights.a-file-stays-closed-without-its-read-key[DDF1/DF02/EF05]``; also the pytest id's tail."""
    nodeid: str
    title: Text
    requirements: tuple[str, ...]
    side: Literal["positive", "negative"]
    severity: Severity
    twin: str = ""
    """Id of the positive test that must pass before this refusal counts; empty for positive tests."""
    irreversible: dict[str, int] = {}
    """What the test uses up, by kind (``wrong-mac``, ``pin-try`` …)."""
    not_applicable: Text | None = None
    blocked: Text | None = None


class Waiver(_Record, frozen=True, kw_only=True):
    """What somebody has agreed to about failures before the run: its tests run, fail and are shown as failed."""

    id: str
    kind: Literal["waiver", "expected-failure"]
    """A ``waiver`` is granted by a laboratory or a regulator and excuses the failure; an ``expected-failure`` is
    acknowledged by the vendor of the product and excuses nothing."""
    test: str = ""
    """Pattern of test ids, in which ``*`` stands for any characters; this or ``requirement`` is given."""
    requirement: str = ""
    """Pattern of requirement ids, likewise."""
    reason: str
    owner: str
    """Who has to see to it that the failure goes away."""
    granted_by: str = ""
    """The laboratory or regulator that granted a waiver; empty for an expected failure."""
    link: str
    """Where the decision, or the fault, is written down."""
    expires: datetime.date
    """The last day on which it holds."""
    expected: str
    """Class of the violation that is expected; another one is not covered."""
    subject: str = ""
    """What the violation must be found on, if given."""
    message: str = ""
    """What must stand in the finding's summary, in either language, if given."""


class WaiverState(StrEnum):
    """What became of a waiver in a run; all but the first two are errors of the run."""

    SEEN = "seen"
    NOT_SEEN = "not-seen"
    """A test that it names gave no answer in this run, so that nothing can be said."""
    UNUSABLE = "unusable"
    EXPIRED = "expired"
    UNMATCHED = "unmatched"
    OTHER_VIOLATION = "other-violation"
    PASSED = "unexpected-pass"


class WaiverOutcome(_Record, frozen=True, kw_only=True):
    """What became of one waiver of the plan."""

    waiver: str
    state: WaiverState
    tests: tuple[str, ...] = ()
    """Tests that failed, or warned, in the expected way; empty where the waiver is an error of the run."""
    reason: Text | None = None
    """Why it is an error, or why nothing was seen."""


class Plan(_Record, frozen=True, kw_only=True):
    """What the run set out to do, made before the product was touched."""

    schema_version: int
    profile: str
    profile_title: Text
    standard: Text
    """The documents that the verdict speaks of."""
    switches: dict[str, str]
    requirements: tuple[PlannedRequirement, ...]
    tests: tuple[PlannedTest, ...]
    limits: tuple[Text, ...]
    """What the suite does not prove."""
    waivers: tuple[Waiver, ...] = ()
    budget: dict[str, int] = {}
    """How much the run might use up of each kind; it decides which tests are ``blocked``. Other kinds had no limit."""


class Finding(_Record, frozen=True, kw_only=True):
    """One violation with everything that a vendor needs to act on it."""

    violation: str
    """Name of the violation's class."""
    subject: str
    """What it was found on: a file, a key, a command."""
    requirement: str
    summary: Text
    expected: Text
    actual: Text
    source: str
    """Document and clause."""
    causes: tuple[Text, ...]
    """Likely causes, as questions that the vendor can check."""
    remedy: Text
    exchange: int | None
    """Index into the test's transcript of the exchange that showed it."""


class TestResult(_Record, frozen=True, kw_only=True):
    """The verdict of one test with its reason."""

    __test__ = False  # not a class of tests, whatever pytest makes of the name

    test: str
    verdict: Verdict
    reason: Text | None = None
    findings: tuple[Finding, ...] = ()
    exchanges: int = 0
    took_us: int = 0
    withheld: bool = False
    """Whether texts, or bytes of the transcript, are withheld: they stand in the sealed part."""
    waived: tuple[str, ...] = ()
    """Ids of the valid waivers that expect this failure; the verdict stays *failed*."""
    acknowledged: tuple[str, ...] = ()
    """Ids of the valid expected failures that name it; they excuse nothing."""


class Results(_Record, frozen=True, kw_only=True):
    """All verdicts, and the overall verdict drawn from them."""

    schema_version: int
    overall: Overall
    because: Text
    """Why the overall verdict is what it is, in one sentence."""
    tests: tuple[TestResult, ...]
    narrowed: bool = False
    """Whether the run was narrowed by hand (-k, -x): then it is never conformant."""
    stopped: Text | None = None
    """Why the run ended early, if it did."""
    waivers: tuple[WaiverOutcome, ...] = ()
    """What became of each waiver of the plan, in its order."""


class Product(_Record, frozen=True, kw_only=True):
    """The capability statement: what the vendor says of the product under test."""

    kind: str
    """``user-card``."""
    name: str
    vendor: str
    version: str
    sample: str
    """Which specimen was tested."""
    capabilities: dict[str, bool]


class Environment(_Record, frozen=True, kw_only=True):
    """Where and with what the run was made."""

    tool: str
    python: str
    platform: str
    packages: dict[str, str]


class FileDigest(_Record, frozen=True, kw_only=True):
    """SM3 digests of one file of the package: whole, and of each 4 KiB chunk, so that a changed byte can be placed."""

    path: str
    size: int
    sm3: str
    chunks: tuple[str, ...]


class Manifest(_Record, frozen=True, kw_only=True):
    """The head of the package; its bytes are what is signed."""

    schema_version: int
    product: Product
    profile: str
    transport: str
    """How the product was reached: ``in process``, ``PC/SC (virtual reader)``, ``PC/SC: <reader name>``."""
    data_set: Literal["synthetic", "real"]
    """``real``: redacted; what is withheld stands in the sealed part."""
    sealed_for: str = ""
    """Public key of the laboratory that can open the sealed part, 64 bytes in hexadecimal; empty without one."""
    key_custody: str = ""
    """Where the signing key is and is computed with, for one in a token; empty for a key file."""
    lab: str
    operator: str
    started: str
    ended: str
    seed: int
    suite_digest: str
    """SM3 over the suite's modules: re-derivation is refused under another suite."""
    standard_digest: str
    """SM3 over the tables of the standard."""
    environment: Environment
    files: tuple[FileDigest, ...]
    rerun_of: str = ""
    """SM3 of the manifest of the earlier package that results were taken over from; empty for a whole run."""


class Signature(_Record, frozen=True, kw_only=True):
    """SM2 signature over the bytes of `manifest.json` and the line ``<standing> <signer>`` after them."""

    schema_version: int
    algorithm: Literal["SM2 with SM3, default user id"]
    signer: str
    standing: Literal["demo", "vendor", "laboratory"]
    """What the signer claims to be; `verify` states what it can confirm."""
    public_key: str
    """Uncompressed point without the leading 04, 64 bytes in hexadecimal."""
    value: str
    """r ‖ s, 64 bytes in hexadecimal."""
