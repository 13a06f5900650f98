"""No waivers file in the project has expired, and the one that the documentation prints is the one beside it."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.engine.run import make_plan, suite
from conformance.engine.waivers import read_waivers
from conformance.evidence.model import Waiver
from conformance.evidence.waiving import tests_of as named_tests
from conformance.selfcheck.stands import simulated_stand
from reference.standard import load
from tests.project.tree import FOLDERS, ROOT, files, named

EXAMPLE = ROOT / "docs" / "waivers-example.toml"


def waiver_files() -> Iterator[Path]:
    """Every TOML file of the project that holds waivers."""
    for path in files(*FOLDERS):
        if path.suffix == ".toml" and "waiver" in tomllib.loads(path.read_text(encoding="utf-8")):
            yield path


def expired(path: Path, day: datetime.date) -> list[str]:
    """Ids of the file's waivers that do not hold on the day any more."""
    return [waiver.id for waiver in read_waivers(path) if waiver.expires < day]


def test_the_example_is_among_the_files_that_are_watched() -> None:
    assert EXAMPLE in list(waiver_files())


@pytest.mark.parametrize("path", list(waiver_files()), ids=named)
def test_no_committed_waiver_has_expired(path: Path) -> None:
    assert expired(path, datetime.datetime.now(datetime.UTC).date()) == []


def test_an_expired_waiver_would_be_seen() -> None:
    last = max(waiver.expires for waiver in read_waivers(EXAMPLE))
    assert expired(EXAMPLE, last) == []
    assert expired(EXAMPLE, last + datetime.timedelta(days=1)) == [row.id for row in read_waivers(EXAMPLE)]


def test_the_documentation_prints_the_example_as_it_is() -> None:
    (printed,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "waivers.md").read_text(encoding="utf-8"), re.DOTALL)
    assert EXAMPLE.read_text(encoding="utf-8").endswith(printed)


@pytest.mark.parametrize("waiver", read_waivers(EXAMPLE), ids=lambda waiver: waiver.id)
def test_the_example_names_tests_that_exist(waiver: Waiver) -> None:
    plan = make_plan(simulated_stand(load()), suite("card"))
    assert named_tests(waiver, plan)
