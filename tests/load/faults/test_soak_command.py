"""What `healthcard load soak --out` leaves behind, and the commands that take it, on a real short run."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from conformance.evidence.model import Verdict
from conformance.evidence.package import read_package
from healthcard.__main__ import app
from load.faults.promises import promised
from load.soak.result import SoakResult
from reference.command_line import Exit

RUN = ("load", "soak", "--codes", 300, "--kill-every", 0, "--workers", 1, "--cards", 300, "--lab", "Sample Laboratory")


def called(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.fixture(scope="module", autouse=True)
def ends_as_before() -> Iterator[None]:
    """The command changes how its process ends, which is here that of the tests."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a soak without kills has written."""
    out = tmp_path_factory.mktemp("soak") / "out"
    result = called(*RUN, "--out", out)
    assert result.exit_code == Exit.CONFORMANT, result.output
    return out


def test_a_soak_leaves_evidence_and_the_three_forms_of_a_report(left: Path) -> None:
    assert {path.name for path in left.iterdir()} == {
        "evidence.zip",
        "soak.json",
        "report.html",
        "report.json",
        "junit.xml",
    }
    figures = msgspec.json.decode((left / "soak.json").read_bytes(), type=SoakResult)
    package = read_package(left / "evidence.zip")
    assert package.soak is not None
    assert package.soak.served == figures.codes >= 300
    assert package.manifest.lab == "Sample Laboratory"
    report = json.loads((left / "report.json").read_bytes())
    assert (report["overall"], report["profile"]) == ("conformant", "load.soak")
    assert {row["id"]: row["verdict"] for row in report["requirements"]["list"]} == figures.verdicts
    assert {id for id, verdict in figures.verdicts.items() if verdict is Verdict.NOT_APPLICABLE} >= set(promised())


def test_evidence_of_a_soak_is_verified_compared_and_reported_again(left: Path, tmp_path: Path) -> None:
    verified = called("verify", left / "evidence.zip", "--allow-demo")
    assert verified.exit_code == Exit.CONFORMANT, verified.output
    assert "derived again from the recorded figures: 19, different: 0" in verified.output
    assert called("compare", left / "evidence.zip", left / "evidence.zip").exit_code == Exit.CONFORMANT
    assert called("report", left / "evidence.zip", "--out", tmp_path).exit_code == Exit.CONFORMANT
    assert (tmp_path / "report.json").read_bytes() == (left / "report.json").read_bytes()


def test_evidence_of_a_soak_is_not_played_back_and_says_what_to_do(left: Path) -> None:
    result = called("replay", left / "evidence.zip", "double_uses")
    assert result.exit_code == Exit.USAGE
    assert "healthcard load soak --codes 300" in " ".join(result.stderr.split())


def test_a_soak_says_what_it_cannot_do(tmp_path: Path) -> None:
    alone = called("load", "soak", "--workers", 1)
    assert alone.exit_code == Exit.USAGE
    assert "--kill-every 0" in alone.output
    keyless = called("load", "soak", "--signing-key", tmp_path / "no-key.json", "--out", tmp_path)
    assert keyless.exit_code == Exit.USAGE
    assert "no-key.json" in " ".join(keyless.output.split())


@pytest.mark.parametrize(("lang", "words"), [("en", "answer was lost"), ("zh", "应答丢失后再次出示亦然")])
def test_a_promise_is_listed_and_explained_with_what_judges_it(lang: str, words: str) -> None:
    assert words in called("requirements", "--grep", "fault.every.single-use", "--lang", lang).output
    explained = called("explain", "fault.every.single-use", "--lang", lang)
    assert explained.exit_code == Exit.CONFORMANT
    assert words in explained.output.replace("\n", "")
    assert "healthcard load soak" in explained.output
    assert "load fault disk-full --self" in called("explain", "fault.disk-full.recovery", "--lang", lang).output


def test_the_package_by_its_name_is_the_same_command() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "load.soak", "--workers", "1"], capture_output=True, text=True, timeout=120, check=False
    )
    assert told.returncode == Exit.USAGE
    assert "--kill-every 0" in told.stderr
