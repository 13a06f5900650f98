"""The file of in-house terminals: what is taken, and what a mistake in it is answered with."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference.front_end.terminals import InHouseTerminal, UnusableTerminals, read_terminals

HEAD = "terminal,department,channel,place,state\n"


def file_of(folder: Path, text: str) -> Path:
    file = folder / "terminals.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_of_terminals_is_read_with_or_without_its_mark_of_order(tmp_path: Path) -> None:
    file = file_of(tmp_path, "\ufeff" + HEAD + "5101000010300,0300,01,一楼挂号处,\n5101000010301,,,,blocked\n")
    terminals = read_terminals(file)
    assert len(terminals) == 2
    assert terminals.working("5101000010300") == InHouseTerminal("5101000010300", "0300", "01", "一楼挂号处")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("terminal,department\n", "its first line must be terminal,department,channel,place,state"),
        ("", "its first line must be"),
        (HEAD + "A B,,,,\n", "line 2: 'A B' is no terminal"),
        (HEAD + ",,,,\n", "line 2: '' is no terminal"),
        (HEAD + "A" * 21 + ",,,,\n", "is no terminal"),
        (HEAD + "A,03,,,\n", "line 2: '03' is no department"),
        (HEAD + "A,0300,77,,\n", "line 2: '77' is no channel"),
        (HEAD + "A,,,,lost\n", "line 2: 'lost' is no state"),
        (HEAD + "A,,,,\nA,,,,\n", "the terminal A stands twice"),
        (HEAD + 'A,,,"open\n', "this is no CSV file in UTF-8"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(UnusableTerminals) as caught:
        read_terminals(file_of(tmp_path, text))
    assert problem in caught.value.text.en
    assert "terminals.csv" in caught.value.text.zh


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableTerminals, match="Name another file"):
        read_terminals(tmp_path / "missing.csv")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "terminals.csv"
    file.write_bytes(HEAD.encode() + b"A,,,\xff,\n")
    with pytest.raises(UnusableTerminals, match="UTF-8"):
        read_terminals(file)
