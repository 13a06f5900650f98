"""A platform that is only known by its wire profile: test persons, a file of cases, a run against it, and away again.

Our own server, in a process of its own, is the platform; nothing but HTTP is used of it, in every wire profile.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from load.benchmarks import servers
from load.cases import Case, read_cases
from load.cli import app
from load.foreign_cases import right_outcomes
from reference.command_line import Exit
from reference.ecard.qr_text import parse, qr_layouts
from reference.gateway.profiles import CLIENTS

COUNT = 60
FIRST_WINS, WITHOUT_STATIC, WITHOUT_CANCELLATION = "code.consumed", {"guangdong"}, {"guangdong", "tencent"}
RUN = ("--rate", 40, "--duration", 1, "--connections", 8, "--lag-bound", 60_000)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a platform that is served for the module, with demo clients of every profile."""
    database = f"sqlite:///{tmp_path_factory.mktemp('platform')}/platform.db"
    others = [word for profile in CLIENTS if profile != "sichuan" for word in ("--profile", profile)]
    with servers.gateway(database, *others, core=sorted(os.sched_getaffinity(0))) as server:
        yield server.address


def called(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["load", *map(str, arguments)])


def provisioned(url: str, folder: Path, profile: str, *arguments: object) -> Result:
    where = ("--url", url, "--profile", profile, "--state", folder / "state", "--rate", 40)
    keep = ("--keep",) if profile in WITHOUT_CANCELLATION else ()
    return called("provision", *where, *keep, "--cases", folder / "cases", "--seed", seed_of(profile), *arguments)


def seed_of(profile: str) -> int:
    """Each profile has residents of its own: they all come to one platform."""
    return 1 + sorted(CLIENTS).index(profile)


@pytest.mark.parametrize("profile", sorted(CLIENTS))
def test_a_run_against_a_platform_needs_nothing_but_its_wire_profile(url: str, tmp_path: Path, profile: str) -> None:
    persons = 30 if profile in WITHOUT_STATIC else 8
    made = provisioned(url, tmp_path, profile, "--persons", persons, "--count", COUNT)
    assert made.exit_code == Exit.CONFORMANT, made.output
    assert f"healthcard load qr --url {url} --profile {profile} --cases {tmp_path / 'cases'}" in made.stdout
    cases = list(read_cases(tmp_path / "cases"))
    kinds = {case.kind for case in cases}
    assert kinds >= {"dynamic", "replayed", "forged", "foreign"}
    assert ("static" in kinds) is (profile not in WITHOUT_STATIC)

    where = ("--url", url, "--profile", profile, "--cases", tmp_path / "cases")
    run = called("qr", *where, *RUN, "--json", tmp_path / "found.json")
    found = json.loads((tmp_path / "found.json").read_text("utf-8"))
    assert (run.exit_code, found["wrong"]) == (Exit.CONFORMANT, []), found["wrong"]
    assert found["answered"] == 40

    if profile not in WITHOUT_CANCELLATION:
        gone = called("clean-up", *where[:4], "--state", tmp_path / "state", "--seed", seed_of(profile), "--rate", 200)
        assert gone.stdout == f"{persons} test persons cancelled.\n"
        again = called("qr", *where, *RUN)
        assert again.exit_code == Exit.NOT_CONFORMANT, "the codes of cancelled persons are refused"


def test_fresh_codes_are_written_without_further_persons(url: str, tmp_path: Path) -> None:
    assert provisioned(url, tmp_path, "sichuan", "--persons", 4, "--count", 40, "--seed", 90).exit_code == 0
    before = {case.text for case in read_cases(tmp_path / "cases")}
    again = provisioned(url, tmp_path, "sichuan", "--persons", 0, "--count", 40, "--seed", 90, "--lang", "zh")
    assert again.exit_code == Exit.CONFORMANT, again.output
    assert "cases 中有 40 个用例：" in again.stdout
    after = list(read_cases(tmp_path / "cases"))
    fresh = {case.text for case in after if case.kind in ("dynamic", "replayed")}
    assert len(fresh) == 4
    assert not fresh & before
    assert {case.text for case in after if case.kind == "static"} <= before


def test_wrong_codes_are_made_of_the_platforms_own(url: str, tmp_path: Path) -> None:
    made = provisioned(url, tmp_path, "wenzhou", "--persons", 6, "--count", 100, "--seed", 91, "--rate", 3)
    assert made.exit_code == Exit.CONFORMANT, made.output
    cases = list(read_cases(tmp_path / "cases"))
    cards = {card_of(case) for case in cases if case.kind == "static"}
    assert len(cards) == 6
    for case in cases:
        assert case.expected == right_outcomes()[case.kind]
        assert (card_of(case) in cards) is (case.kind != "foreign")
    issued = {case.text for case in cases if case.kind in ("dynamic", "replayed")}
    wrong = [case for case in cases if case.kind in ("forged", "grafted", "foreign")]
    assert len(wrong) == 20
    assert {case.kind for case in wrong} == {"forged", "grafted", "foreign"}
    assert not issued & {case.text for case in wrong}


def card_of(case: Case) -> str:
    return parse(case.text, qr_layouts("wenzhou")).card_id


def test_each_single_use_code_is_shown_once_or_may_win_once(url: str, tmp_path: Path) -> None:
    assert provisioned(url, tmp_path, "qinghai", "--persons", 8, "--count", 50, "--seed", 92).exit_code == 0
    keys: dict[int, list[Case]] = {}
    for case in read_cases(tmp_path / "cases"):
        if case.code_key:
            keys.setdefault(case.code_key, []).append(case)
    assert sorted(len(cases) for cases in keys.values()) == [1] * 6 + [2] * 2
    assert all(FIRST_WINS in case.expected for cases in keys.values() if len(cases) > 1 for case in cases)


def test_a_folder_that_there_is_not_is_named_before_anybody_is_registered(tmp_path: Path) -> None:
    state = tmp_path / "state"
    where = ("--url", "http://127.0.0.1:9", "--state", state, "--cases", tmp_path / "none" / "cases")
    result = called("provision", *where)
    assert result.exit_code == Exit.USAGE
    assert "there is no such folder" in result.stderr
    assert not state.exists()


def test_without_anybody_there_are_no_cases(tmp_path: Path) -> None:
    where = ("--url", "http://127.0.0.1:9", "--state", tmp_path / "state", "--cases", tmp_path / "cases")
    result = called("provision", *where, "--persons", 0)
    assert result.exit_code == Exit.USAGE
    assert "knows of nobody" in result.stderr
    assert not (tmp_path / "cases").exists()
