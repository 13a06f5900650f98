"""The three files on disk, and the command that writes them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

import reports
from conformance.evidence.package import EXPECTED, PLAN, RESULTS, PackageWriter
from conformance.evidence.signing import demo_signer
from reports.cli import app
from tests.reports.packages import EVERY_VERDICT, MANIFEST, TRANSCRIPT, package

FILES = {"report.html", "report.json", "junit.xml"}


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """A signed package in a zip, as a run leaves it."""
    written = package(EVERY_VERDICT)
    writer = PackageWriter(tmp_path / "run")
    writer.keep_record(PLAN, written.plan)
    writer.keep_record(RESULTS, written.results)
    writer.keep_record(EXPECTED, {})
    for test in written.plan.tests:
        writer.keep_transcript(test.id, TRANSCRIPT)
    writer.seal(MANIFEST, demo_signer(), tmp_path / "evidence.zip")
    return tmp_path / "evidence.zip"


def test_three_files_and_nothing_else_are_left(tmp_path: Path) -> None:
    reports.write(package(), tmp_path / "new" / "folder")
    assert {path.name for path in (tmp_path / "new" / "folder").iterdir()} == FILES


def test_the_same_package_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        reports.write(package(EVERY_VERDICT), tmp_path / folder, "zh")
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_report_that_cannot_be_made_leaves_the_older_one_alone(tmp_path: Path) -> None:
    reports.write(package(), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    broken = msgspec.structs.replace(package(EVERY_VERDICT), transcripts=None)
    with pytest.raises(AttributeError):
        reports.write(broken, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_command_writes_the_report_and_says_the_verdict(evidence: Path, tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, [str(evidence), "--out", str(tmp_path / "out"), "--lang", "zh"])
    assert ran.exit_code == 0
    assert "不符合配置 national-2012" in ran.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES


def test_a_package_that_is_not_there_is_named(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, [str(tmp_path / "nothing.zip")])
    assert ran.exit_code == 64
    assert "nothing.zip: there is no such package" in ran.output


def test_a_changed_package_is_refused_with_the_reason(evidence: Path, tmp_path: Path) -> None:
    evidence.write_bytes(evidence.read_bytes()[:-30])
    ran = CliRunner().invoke(app, [str(evidence), "--out", str(tmp_path / "out")])
    assert ran.exit_code == 64
    assert "Traceback" not in ran.output
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_named(evidence: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    ran = CliRunner().invoke(app, [str(evidence), "--out", str(tmp_path / "file")])
    assert ran.exit_code == 64
    assert "cannot be written" in ran.output
