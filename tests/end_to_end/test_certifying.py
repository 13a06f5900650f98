"""A vendor's day: plan, certify, report, verify, replay, through the installed command in processes of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT_S = 120


def healthcard(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, started in ``folder``."""
    root = Path(__file__).parents[2]
    program = f"import sys; sys.path.insert(0, {str(root)!r}); from healthcard.__main__ import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the simulated card was certified, between files that a foreign test run would pick up."""
    path = tmp_path_factory.mktemp("vendor")
    (path / "conftest.py").write_text("raise SystemExit('a foreign conftest was loaded')\n", encoding="utf-8")
    (path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", encoding="utf-8")
    made = healthcard(path, "certify", "card", "--simulated", "--in-process", "--json", "--out", "out")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["overall"] == "conformant"
    return path


def test_a_certification_leaves_evidence_and_report(folder: Path) -> None:
    left = {path.name for path in (folder / "out").iterdir()}
    assert {"evidence.zip", "report.html", "report.json", "junit.xml"} <= left
    assert not any(name.startswith(".") or "partial" in name for name in left)


def test_the_evidence_is_verified_in_another_process(folder: Path) -> None:
    verified = healthcard(folder, "verify", "out/evidence.zip", "--allow-demo", "--json")
    assert verified.returncode == 0, verified.stderr
    told = json.loads(verified.stdout)
    assert told["differences"] == []
    assert told["derived"] > 400


def test_the_plan_tells_beforehand_what_the_run_does(folder: Path) -> None:
    planned = healthcard(folder, "plan", "card", "--json")
    report = json.loads((folder / "out" / "report.json").read_text(encoding="utf-8"))
    assert planned.returncode == 0
    assert len(json.loads(planned.stdout)["tests"]) == sum(report["counts"].values())


def test_a_mistaken_call_exits_with_64_in_a_process_of_its_own(folder: Path) -> None:
    called = healthcard(folder, "certify", "card", "--no-such-option")
    assert called.returncode == 64
    assert "--no-such-option" in called.stderr
    assert "Traceback" not in called.stderr
