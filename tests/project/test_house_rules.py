"""The house rules that a tool does not check: docstrings, lengths, names, and what must not stand anywhere."""

from __future__ import annotations

import ast
import re

from tests.project.tree import PACKAGES, files, named, python_files, texts

LONGEST_FILE = 400
WRITTEN_BY_HAND = {".py", ".j2", ".css", ".js"}
NAMES_THAT_SAY_NOTHING = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9_.])/(work|farm)/", re.MULTILINE)
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|raise NotImplemented" r"Error)\b")


def test_every_python_file_opens_with_a_docstring() -> None:
    without = [
        named(path)
        for path in python_files(*PACKAGES, "tests")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert without == []


def test_no_file_outgrows_its_room() -> None:
    too_long = {
        named(path): lines
        for path in files(*PACKAGES)
        if path.suffix in WRITTEN_BY_HAND
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert too_long == {}


def test_no_module_or_folder_has_a_name_that_says_nothing() -> None:
    empty_names = [
        named(path)
        for path in python_files(*PACKAGES, "tests")
        if NAMES_THAT_SAY_NOTHING & {*path.parent.parts[-3:], *path.stem.removeprefix("test_").split("_")}
    ]
    assert empty_names == []


def test_no_file_names_a_place_of_one_machine() -> None:
    assert [named(path) for path, text in texts() if MACHINE_PATH.search(text)] == []


def test_nothing_is_marked_as_unfinished() -> None:
    assert [named(path) for path, text in texts() if UNFINISHED.search(text)] == []
