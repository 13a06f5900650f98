"""What `healthcard load qr --out` leaves behind, and the commands that take evidence, on a real short run."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from conformance.evidence.package import read_package
from healthcard.__main__ import app
from load.result import LoadResult
from reference.command_line import Exit

LAB, OPERATOR = "市电子健康卡检测中心", "Wang <Fang>"
RUN = ("load", "qr", "--self", "--duration", 1, "--rate", 30, "--lag-bound", 60_000, "--gates", "correctness")


def called(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a run has written."""
    out = tmp_path_factory.mktemp("load") / "out"
    result = called(*RUN, "--out", out, "--lab", LAB, "--operator", OPERATOR)
    assert result.exit_code == Exit.CONFORMANT, result.output
    return out


def test_a_run_leaves_evidence_and_the_three_forms_of_a_report(left: Path) -> None:
    assert {path.name for path in left.iterdir()} == {
        "evidence.zip",
        "load.json",
        "report.html",
        "report.json",
        "junit.xml",
    }
    figures = msgspec.json.decode((left / "load.json").read_bytes(), type=LoadResult)
    package = read_package(left / "evidence.zip")
    assert package.load is not None
    assert package.load.figures.p99_ms == figures.p99_ms
    report = json.loads((left / "report.json").read_bytes())
    assert (report["overall"], report["product"]["name"]) == ("conformant", "healthcard serve")


def test_who_tested_stands_in_evidence_and_report(left: Path) -> None:
    manifest = read_package(left / "evidence.zip").manifest
    assert (manifest.lab, manifest.operator) == (LAB, OPERATOR)
    report = json.loads((left / "report.json").read_bytes())
    assert (report["lab"], report["operator"]) == (LAB, OPERATOR)
    page = (left / "report.html").read_text("utf-8")
    assert LAB in page
    assert "Wang &lt;Fang&gt;" in page


def test_evidence_of_a_load_run_is_verified_and_compared(left: Path) -> None:
    verified = called("verify", left / "evidence.zip", "--allow-demo")
    assert verified.exit_code == Exit.CONFORMANT, verified.output
    assert "derived again from the recorded figures: 7, different: 0" in verified.output
    assert called("compare", left / "evidence.zip", left / "evidence.zip").exit_code == Exit.CONFORMANT


def test_evidence_of_a_load_run_is_not_played_back_and_says_what_to_do(left: Path) -> None:
    result = called("replay", left / "evidence.zip", "p95")
    assert result.exit_code == Exit.USAGE
    assert "healthcard load qr --self" in " ".join(result.stderr.split())


@pytest.mark.parametrize(("lang", "words"), [("en", "accepted once"), ("zh", "只通过一次")])
def test_a_requirement_under_load_is_listed_and_explained(lang: str, words: str) -> None:
    listed = called("requirements", "--grep", "load.qr.single-use", "--lang", lang)
    assert words in listed.output
    assert "decision" in listed.output
    explained = called("explain", "load.qr.single-use", "--lang", lang)
    assert explained.exit_code == Exit.CONFORMANT
    assert words in explained.output.replace("\n", "")
    assert "healthcard load qr" in explained.output
