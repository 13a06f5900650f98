"""The command `healthcard load capacity`: mistakes are explained, short searches of real servers end rightly."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from load import running
from load.benchmarks import parts
from load.benchmarks.generator import TEXT, do_nothing
from load.capacity.foreign_platform import ForeignPlatform
from load.cases import Case, UnreadableCases, read_cases, write_cases
from load.cli import app
from load.measuring import Measured
from load.running import GeneratorFailed
from load.settings import RunSettings
from reference.command_line import Exit
from reference.languages import Text
from reference.qr.use_log import ACCEPTED

ELSEWHERE = "http://203.0.113.7"
"""An address for documents, which is nobody's (RFC 5737)."""
NOBODY = "http://127.0.0.1:9"
ANY_SPEED = ("--p99-ms", 60_000, "--lag-bound", 60_000, "--connections", 16)


def called(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["load", "capacity", *map(str, arguments)])


def cases_file(folder: Path, count: int, kind: str = "dynamic", expected: str = ACCEPTED) -> Path:
    file = folder / "cases"
    write_cases(file, [Case(kind, TEXT, frozenset({expected}), "010101")] * count)  # type: ignore[arg-type]
    return file


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Name either --self alone"),
        (("--self", "--url", NOBODY), "Name either --self alone"),
        (("--self", "--cores", 4), "Name either --self alone"),
        (("--url", NOBODY), "Name either --self alone"),
        (("--self", "--profile", "atlantis"), "There is no wire profile atlantis"),
        (("--self", "--gates", "correctness"), "add --p99-ms"),
        (("--self", "--gates", "nowhere"), "neither a file nor a tier"),
        (("--self", "--from", 300, "--rate", 200), "--from 300 is above --rate 200"),
        (("--self", "--budget", "inf"), "finite"),
        (("--url", NOBODY, "--cases", "nowhere"), "there is no such file of cases"),
        (("--self", "--assumptions", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_options_that_make_no_search_are_explained(arguments: tuple[object, ...], says: str) -> None:
    result = called(*arguments)
    assert result.exit_code == Exit.USAGE
    assert says in result.stderr


@pytest.mark.parametrize("option", ["--rate", "--from", "--duration", "--budget", "--price", "--p99-ms"])
def test_a_negative_number_is_refused(option: str) -> None:
    result = called("--self", option, -1)
    assert result.exit_code == 2
    assert option in result.stderr


def test_another_machine_needs_a_permit(tmp_path: Path) -> None:
    result = called("--url", ELSEWHERE, "--cases", cases_file(tmp_path, 1))
    assert result.exit_code == Exit.USAGE
    assert "needs a permit file" in result.stderr


def test_an_address_where_nobody_answers_is_unreachable(tmp_path: Path) -> None:
    result = called("--url", NOBODY, "--cases", cases_file(tmp_path, 1))
    assert result.exit_code == Exit.UNREACHABLE
    assert NOBODY in result.stderr


def test_a_mistake_is_explained_in_chinese() -> None:
    assert "仅用 --self" in called("--lang", "zh").stderr


def test_each_step_takes_cases_that_no_step_had(tmp_path: Path) -> None:
    file = tmp_path / "all"
    once = [Case("dynamic", f"text {number}", frozenset({ACCEPTED}), "", number) for number in range(1, 7)]
    write_cases(file, [*once[:3], once[2], *once[3:], once[0]])
    target = ForeignPlatform(NOBODY, file, tmp_path, None)
    first, second = _taken(target), _taken(target)
    assert first == ["text 1", "text 2", "text 3"]
    assert second == ["text 4", "text 5", "text 6"]
    assert target.cases(1, 1, 1) is None


def _taken(target: ForeignPlatform) -> list[str]:
    path = target.cases(3, 1, 1)
    assert path is not None
    return [case.text for case in read_cases(path)]


def test_a_foreign_platform_is_searched_until_its_cases_are_used_up(tmp_path: Path) -> None:
    with do_nothing() as url:
        file = cases_file(tmp_path, 30)
        result = called(
            *("--url", url, "--cases", file, "--from", 20, "--rate", 80, "--duration", 0.5, "--cores", 2),
            *(*ANY_SPEED, "--json", tmp_path / "found.json"),
        )
    assert result.exit_code == Exit.CONFORMANT, result.output
    found = json.loads((tmp_path / "found.json").read_text("utf-8"))
    assert found["saturation"]["limited_by"] == "cases or time"
    assert found["time"]["unknown"]["en"]
    assert found["cost"]["basis"] == "cores named"
    assert "lower bound" in result.stdout


def test_a_platform_that_accepts_what_is_forged_fails_at_the_first_step(tmp_path: Path) -> None:
    with do_nothing() as url:
        file = cases_file(tmp_path, 50, "forged", "code.forged")
        result = called("--url", url, "--cases", file, "--from", 20, "--duration", 0.5, *ANY_SPEED, "--json", "-")
    assert result.exit_code == Exit.NOT_CONFORMANT
    found = json.loads(result.stdout)
    assert found["saturation"]["limited_by"] == "wrong answer"
    assert len(found["steps"]) == 1


def test_the_reference_platform_is_searched_and_reported(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = called("--self", "--from", 40, "--rate", 40, "--duration", 0.5, *ANY_SPEED, "--price", 0.3, "--out", out)
    assert result.exit_code == Exit.CONFORMANT, result.output
    found = json.loads((out / "capacity.json").read_text("utf-8"))
    assert [step["outcome"] for step in found["steps"]][-1] == "held"
    assert found["saturation"]["limited_by"] == "rate"
    assert found["cost"]["basis"] == "processor time"
    assert {share["category"] for share in found["time"]["shares"]} >= {"crypto", "store", "encoding"}
    assert all(part["category"] != "other" for part in found["time"]["parts"]), "name new parts in parts.toml"
    assert (out / "capacity.html").stat().st_size > 10_000


def run_that_ends(monkeypatch: pytest.MonkeyPatch, after: int, error: BaseException) -> None:
    """Let the generators work for some steps, then end with an error."""
    made = iter(range(after))

    def run(settings: RunSettings) -> Measured:
        if next(made, None) is None:
            raise error
        return running.run(settings)

    monkeypatch.setattr("load.capacity.stepping.run", run)


def search_of(url: str, folder: Path, *arguments: object) -> tuple[object, ...]:
    file = cases_file(folder, 500)
    return ("--url", url, "--cases", file, "--from", 20, "--duration", 0.5, *ANY_SPEED, *arguments)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (GeneratorFailed(Text("killed by somebody", "被终止")), "killed by somebody"),
        (KeyboardInterrupt(), "interrupted by the user"),
        (UnreadableCases(Text("cut short", "不完整")), "cut short"),
    ],
)
def test_the_steps_before_a_search_is_broken_off_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, reason: str
) -> None:
    run_that_ends(monkeypatch, 1, error)
    out = tmp_path / "out"
    with do_nothing() as url:
        result = called(*search_of(url, tmp_path, "--out", out))
    assert result.exit_code == Exit.INCOMPLETE, result.output
    assert f"Incomplete: {reason}" in result.stdout
    assert "Broken off: no saturation point was found" in result.stdout
    found = json.loads((out / "capacity.json").read_text("utf-8"))
    assert [step["outcome"] for step in found["steps"]] == ["held"]
    assert (found["saturation"]["limited_by"], found["saturation"]["throughput"]) == ("interrupted", None)
    assert found["saturation"]["bracket"]["ended"] == "interrupted"
    assert found["incomplete"]["en"] == reason
    assert reason in (out / "capacity.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (GeneratorFailed(Text("killed by somebody", "被终止")), "killed by somebody"),
        (KeyboardInterrupt(), "Interrupted before there was a report."),
    ],
)
def test_a_search_that_is_broken_off_before_its_first_step_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, says: str
) -> None:
    run_that_ends(monkeypatch, 0, error)
    with do_nothing() as url:
        result = called(*search_of(url, tmp_path, "--out", tmp_path / "out"))
    assert result.exit_code == Exit.INCOMPLETE
    assert says in result.stderr
    assert not (tmp_path / "out").exists()


def test_ctrl_c_in_the_midst_of_a_search_leaves_its_report(tmp_path: Path) -> None:
    with do_nothing() as url:
        arguments = search_of(url, tmp_path, "--duration", 2, "--json", tmp_path / "found.json", "--lang", "zh")
        command = (sys.executable, "-m", "healthcard", "load", "capacity", *map(str, arguments))
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Whoever runs the tests in the background lets them, and what they start, ignore it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as process:
            assert process.stderr is not None
            first_step = process.stderr.readline()
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=60)
    assert process.returncode == Exit.INCOMPLETE, said
    found = json.loads((tmp_path / "found.json").read_text("utf-8"))
    assert len(found["steps"]) == 1, first_step
    assert "不完整：用户中断" in said


def test_parts_that_the_user_does_not_wait_for_leave_the_saturation_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(held: object) -> list[object]:
        raise KeyboardInterrupt

    monkeypatch.setattr(parts, "measure", interrupted)
    result = called("--self", "--from", 40, "--rate", 40, "--duration", 0.5, *ANY_SPEED, "--json", tmp_path / "found")
    assert result.exit_code == Exit.INCOMPLETE, result.output
    found = json.loads((tmp_path / "found").read_text("utf-8"))
    assert (found["saturation"]["limited_by"], found["time"]["shares"]) == ("rate", [])
    assert found["saturation"]["throughput"] > 0
    assert found["incomplete"]["en"] == "interrupted by the user"
