"""Packages as a user names them: opened, or refused with the command's exit and the next step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer

from conformance.evidence.opening import open_package
from conformance.evidence.signing import Signer
from reference.command_line import Exit, Language
from reference.crypto import SigningKey
from tests.conformance.small_runs import only, small_package
from tests.runs import SHALL, demo_stand

KEY = SigningKey(bytes(31) + b"\x07")
SIGNER = Signer("Lab 1", "laboratory", KEY)


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("opening")
    body = f'@requirement("{SHALL}")\ndef test_it(terminal):\n    terminal.select("DDF1")\n'
    small_package(out, body, demo_stand(only(SHALL)), signer=SIGNER)
    return out / "evidence.zip"


def test_a_package_is_opened_with_the_standing_of_its_signer(evidence: Path) -> None:
    assert open_package(evidence, Language.EN).signer_standing == "unknown"
    trusted = frozenset({KEY.public_key().hex()})
    assert open_package(evidence, Language.EN, trusted=trusted).signer_standing == "trusted"


@pytest.mark.parametrize("lang", list(Language))
def test_a_package_that_is_not_there_ends_the_command_with_the_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: Language
) -> None:
    with pytest.raises(typer.Exit) as ended:
        open_package(tmp_path / "none.zip", lang, unusable=Exit.NOT_CONFORMANT)
    said = capsys.readouterr().err
    assert ended.value.exit_code == Exit.USAGE
    assert "none.zip" in said
    assert ("there is no such package" in said) == (lang is Language.EN)
    assert "None" not in said


@pytest.mark.parametrize("unusable", [None, Exit.NOT_CONFORMANT])
@pytest.mark.parametrize("lang", list(Language))
def test_a_damaged_package_ends_the_command_and_names_part_and_reason(
    evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: Language, unusable: Exit | None
) -> None:
    path = tmp_path / "cut.zip"
    path.write_bytes(evidence.read_bytes()[:-30])
    exits: dict[str, Any] = {} if unusable is None else {"unusable": unusable}
    with pytest.raises(typer.Exit) as ended:
        open_package(path, lang, **exits)
    said = capsys.readouterr().err
    assert ended.value.exit_code == (unusable or Exit.USAGE)
    assert said.startswith("cut.zip")
    assert ("Nothing was executed." in said) == (lang is Language.EN)
    assert ("no whole zip file" in said) == (lang is Language.EN)
    assert "None" not in said
