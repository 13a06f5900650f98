"""`card record-visit`, `settle-visit`, `block`, `unblock` on the simulated card with its memory in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import conformance.card_cli
import conformance.visit_cli
from reference.card_cli import app
from reference.command_line import Exit
from tests.reference.terminal.counter import TODAY


@pytest.fixture(autouse=True)
def steady_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day on which the commands run."""
    for module in (conformance.card_cli, conformance.visit_cli):
        monkeypatch.setattr(module, "today", lambda: TODAY)


@pytest.fixture
def memory(tmp_path: Path) -> str:
    """Where the card's memory is kept."""
    return str(tmp_path / "card.memory")


@pytest.fixture
def values(tmp_path: Path) -> Path:
    """Values of a visit."""
    path = tmp_path / "visit.toml"
    path.write_text(
        'institution-name = "示范县医院"\nadmission-date = 2025-12-01\nfollow-up-flag = true\n'
        '"fee-1.amount" = "12.50"\n',
        encoding="utf-8",
    )
    return path


def called(*arguments: str) -> tuple[int, str]:
    """Exit code, and everything said."""
    result = CliRunner().invoke(app, ["card", *arguments])
    return result.exit_code, result.output


@pytest.mark.parametrize("profile", ["national-2012", "field-2013"])
def test_a_visit_is_recorded_read_and_settled(memory: str, values: Path, profile: str) -> None:
    options = ("--memory", memory, "--profile", profile)
    code, said = called("record-visit", "inpatient", str(values), *options)
    assert (code, said) == (0, "Recorded and signed in DDF1/DF03/EE02; record 2 is valid.\n")
    _, shown = called("read", "--simulated", *options)
    assert "示范县医院" in shown
    assert "12.50 yuan" in shown
    for number in (1, 2):
        code, said = called("settle-visit", "inpatient", *options)
        assert (code, f"record {number} is settled" in said) == (0, True)
    code, said = called("settle-visit", "inpatient", *options)
    assert code == Exit.INCOMPLETE
    assert "DDF1/DF03/EF05 names no recorded visit" in said


def test_the_wrong_type_of_sam_is_named(memory: str, values: Path) -> None:
    code, said = called("record-visit", "outpatient", str(values), "--memory", memory, "--sam-type", "1")
    assert code == Exit.USAGE
    assert "no element" in said, "the values are those of an inpatient visit"
    values.write_text("", encoding="utf-8")
    code, said = called("record-visit", "outpatient", str(values), "--memory", memory, "--sam-type", "1")
    assert (code, "a SAM of type 2, 3, 5 is needed; this one is of type 1" in said) == (Exit.USAGE, True)
    code, said = called("settle-visit", "outpatient", "--memory", memory, "--sam-type", "2", "--lang", "zh")
    assert (code, "核销诊疗记录需要 5 类SAM卡" in said) == (Exit.USAGE, True)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("institution-name = ", "Write TOML"),
        ('institution = "a"', "a visit has no element institution. Use one of: institution-"),
        ('institution-code = "longer than it may be"', "institution-code: 21 bytes do not fit into 10"),
        ('"fee-1.amount" = "twelve"', "an amount is written as yuan between quotes"),
        ('"fee-1.amount" = 12.5', "fee-1.amount"),
    ],
)
def test_a_mistake_in_the_values_is_explained(memory: str, values: Path, written: str, told: str) -> None:
    values.write_text(written, encoding="utf-8")
    code, said = called("record-visit", "inpatient", str(values), "--memory", memory)
    assert (code, told in said) == (Exit.USAGE, True), said


def test_values_that_are_not_there_are_named(memory: str, tmp_path: Path) -> None:
    code, said = called("record-visit", "inpatient", str(tmp_path / "nowhere.toml"), "--memory", memory)
    assert (code, "nowhere.toml" in said) == (Exit.USAGE, True)


@pytest.mark.parametrize(
    ("pin", "code", "told"),
    [("xy", Exit.USAGE, "hexadecimal"), ("4321", Exit.INCOMPLETE, "tries left: 2"), ("11", Exit.INCOMPLETE, "6700")],
)
def test_a_wrong_pin_is_explained(memory: str, values: Path, pin: str, code: Exit, told: str) -> None:
    found, said = called("record-visit", "inpatient", str(values), "--memory", memory, "--pin", pin)
    assert (found, told in said) == (code, True), said


def test_an_application_is_locked_and_unlocked(memory: str) -> None:
    assert called("block", "DDF1/DF01", "--memory", memory) == (0, "DDF1/DF01 is locked.\n")
    _, shown = called("read", "--simulated", "--memory", memory)
    assert "Not read: DDF1/DF01/EF05 address: the card answers 6A81" in shown
    assert called("unblock", "DDF1/DF01", "--memory", memory) == (0, "DDF1/DF01 is unlocked.\n")
    _, shown = called("read", "--simulated", "--memory", memory)
    assert "Not read" not in shown


def test_a_permanent_lock_stays(memory: str) -> None:
    assert called("block", "DDF1/DF02", "--permanent", "--memory", memory)[0] == 0
    code, said = called("unblock", "DDF1/DF02", "--memory", memory)
    assert (code, "9303" in said) == (Exit.INCOMPLETE, True)


def test_the_whole_card_is_locked_on_purpose_alone(memory: str) -> None:
    code, said = called("block", "MF", "--memory", memory)
    assert (code, "--permanent" in said) == (Exit.USAGE, True)
    assert called("block", "MF", "--permanent", "--memory", memory) == (0, "MF is locked.\n")
    code, said = called("read", "--simulated", "--memory", memory)
    assert (code, "cannot be used as a residents health card" in said) == (Exit.NOT_CONFORMANT, True)


@pytest.mark.parametrize(("command", "place"), [("block", "DDF1"), ("unblock", "MF"), ("unblock", "DDF1/DF09")])
def test_a_place_without_a_lock_is_refused(memory: str, command: str, place: str) -> None:
    code, said = called(command, place, "--memory", memory)
    assert (code, "lock" in said) == (Exit.USAGE, True)
