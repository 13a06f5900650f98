"""Waivers files in TOML, and the tests of a plan that each waiver names: any pattern is matched in little time."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from conformance.engine.waivers import UnusableWaivers, read_waivers
from conformance.evidence.model import Plan
from conformance.evidence.package import PLAN
from conformance.evidence.waiving import names, tests_of
from tests.fuzzing.scratch import written
from tests.fuzzing.small_package import honest_files

REFUSALS = (UnusableWaivers,)
TOKENS = (
    b"[[waiver]]\n",
    b"*",
    b"*e" * 20,
    b"expires = 2027-01-01\n",
    b'kind = "waiver"\n',
    b'"ReadGranted"',
    b"test = ",
    b'"""',
)
SHARE = 8
HEAD = """[[waiver]]
id = "w1"
kind = "expected-failure"
{what}
reason = "Known since version 1.2."
owner = "Vendor"
link = "issue 7"
expires = "2027-01-01"
expected = "WrongRecord"
"""


def target(data: bytes) -> None:
    """The bytes as the file; what it means is looked up in an honest plan, and in one long id."""
    plan = msgspec.json.decode(honest_files()[PLAN], type=Plan)
    for waiver in read_waivers(written("waivers.toml", data)):
        assert all(test in plan.tests for test in tests_of(waiver, plan))
        names(waiver.test or waiver.requirement, "e" * 200 + "!")


def seeds() -> Iterator[bytes]:
    """A failure acknowledged by test, by requirement, by a pattern; a waiver that somebody granted."""
    for what in ('test = "read_rights.*"', 'requirement = "card.df02.*"', 'test = "*e*"'):
        yield HEAD.format(what=what).encode()
    granted = HEAD.format(what='requirement = "card.*"\ngranted_by = "Laboratory"')
    yield granted.replace('"expected-failure"', '"waiver"').encode()
