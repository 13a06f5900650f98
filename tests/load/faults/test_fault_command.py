"""What `healthcard load fault --self` leaves behind, and the commands that take it; calls that cannot be met."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from conformance.evidence.model import Verdict
from conformance.evidence.package import read_package
from load.faults.result import FaultResult
from reference.command_line import Exit
from tests.load.faults.test_soak_command import called, ends_as_before

__all__ = ["ends_as_before"]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a lost crypto machine has left."""
    out = tmp_path_factory.mktemp("fault") / "out"
    result = called("load", "fault", "crypto-machine", "--self", "--out", out, "--lab", "Sample Laboratory")
    assert result.exit_code == Exit.CONFORMANT, result.output
    assert "fault.crypto-machine.nothing-unchecked: passed" in result.output
    assert "codes accepted with the fault there: 0 (at most 0)" in result.output
    return out


def test_a_staged_fault_leaves_evidence_and_the_three_forms_of_a_report(left: Path) -> None:
    assert {path.name for path in left.iterdir()} == {
        "evidence.zip",
        "fault.json",
        "report.html",
        "report.json",
        "junit.xml",
    }
    found = msgspec.json.decode((left / "fault.json").read_bytes(), type=FaultResult)
    package = read_package(left / "evidence.zip")
    assert package.fault == found.run
    assert package.manifest.lab == "Sample Laboratory"
    assert (found.run.staged_by, found.run.database, found.valid) == ("self", "sqlite", True)
    report = json.loads((left / "report.json").read_bytes())
    assert {row["id"]: row["verdict"] for row in report["requirements"]["list"]} == found.verdicts
    assert {id for id, verdict in found.verdicts.items() if verdict is Verdict.PASSED} >= {
        "fault.every.true-health",
        "fault.crypto-machine.recovery",
    }


def test_evidence_of_a_fault_is_verified_compared_and_reported_again(left: Path, tmp_path: Path) -> None:
    verified = called("verify", left / "evidence.zip", "--allow-demo")
    assert verified.exit_code == Exit.CONFORMANT, verified.output
    assert "derived again from the recorded figures: 14, different: 0" in verified.output
    assert called("compare", left / "evidence.zip", left / "evidence.zip").exit_code == Exit.CONFORMANT
    assert called("report", left / "evidence.zip", "--out", tmp_path, "--lang", "zh").exit_code == Exit.CONFORMANT
    assert (tmp_path / "report.json").read_bytes() == (left / "report.json").read_bytes()
    assert "密码机失联" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_evidence_that_was_changed_is_refused(left: Path, tmp_path: Path) -> None:
    changed = bytearray((left / "evidence.zip").read_bytes())
    changed[len(changed) // 2] ^= 1
    (tmp_path / "evidence.zip").write_bytes(changed)
    verified = called("verify", tmp_path / "evidence.zip", "--allow-demo")
    assert verified.exit_code == Exit.NOT_CONFORMANT
    assert "was changed" in verified.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("earthquake", "--self"), "crypto-machine, database"),
        (("clock-stepped", "--self"), "nobody's to step"),
        (("database",), "--self alone"),
        (("database", "--self", "--breaks", "true"), "--self alone"),
        (("database", "--url", "http://127.0.0.1:1", "--breaks", "true", "--heals", "true"), "--cases"),
        (("database", "--url", "http://127.0.0.1:1", "--cases", "no-such-file", "--breaks", "true"), "no such file"),
        (("database", "--url", "http://127.0.0.1:1", "--cases", __file__), "--breaks"),
        (("database", "--url", "http://127.0.0.1:1", "--cases", __file__, "--breaks", "true"), "--heals"),
        (
            ("worker-killed", "--url", "http://127.0.0.1:1", "--cases", __file__, "--breaks", "no-such-one"),
            "no-such-one",
        ),
        (("database", "--url", "http://127.0.0.1:1", "--cases", __file__, "--breaks", "'"), "is no command"),
        (("worker-killed", "--url", "http://192.0.2.1", "--cases", __file__, "--breaks", "true"), "--permit"),
    ],
)
def test_a_call_that_cannot_be_met_is_refused_with_the_reason(arguments: tuple[str, ...], said: str) -> None:
    result = called("load", "fault", *arguments)
    assert result.exit_code == Exit.USAGE, result.output
    assert said in " ".join(result.output.split())


def test_a_platform_that_is_not_there_is_told_before_anything_is_broken(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    result = called(
        "load",
        "fault",
        "worker-killed",
        "--url",
        "http://127.0.0.1:1",
        "--cases",
        __file__,
        "--breaks",
        f"touch {broken}",
    )
    assert result.exit_code == Exit.UNREACHABLE, result.output
    assert not broken.exists()
