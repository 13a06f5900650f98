"""Everything that a user reads has its Chinese, and the catalogues hold nothing that nobody says."""

from __future__ import annotations

import ast
import string
from collections import Counter

import pytest

from tests.project.messages import calls_of_say, catalogues, required, sayable
from tests.project.tree import ROOT, named

CATALOGUES = catalogues()
FOLDER = ROOT / "reference" / "languages" / "zh"


def placeholders(message: str) -> Counter[str]:
    """The names of the values that a message takes."""
    return Counter(name for _, name, _, _ in string.Formatter().parse(message) if name is not None)


def test_every_message_has_its_chinese() -> None:
    translated = {message for catalogue in CATALOGUES.values() for message, chinese in catalogue.items() if chinese}
    assert sorted(required() - translated) == []


@pytest.mark.parametrize("name", sorted(CATALOGUES))
def test_no_catalogue_holds_a_message_that_nobody_says(name: str) -> None:
    assert sorted(set(CATALOGUES[name]) - sayable()) == []


@pytest.mark.parametrize("name", sorted(CATALOGUES))
def test_no_catalogue_translates_a_message_twice(name: str) -> None:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    entries = sum(line.startswith("msgid ") for line in lines)
    assert entries - 1 == len(CATALOGUES[name]), "the first entry is the catalogue's head"


def test_a_message_of_several_catalogues_has_one_chinese() -> None:
    chinese: dict[str, set[str]] = {}
    for catalogue in CATALOGUES.values():
        for message, translation in catalogue.items():
            chinese.setdefault(message, set()).add(translation)
    assert {message: found for message, found in chinese.items() if len(found) > 1} == {}


@pytest.mark.parametrize("name", sorted(CATALOGUES))
def test_english_and_chinese_take_the_same_values(name: str) -> None:
    differing = [
        message
        for message, translation in CATALOGUES[name].items()
        if set(placeholders(message)) != set(placeholders(translation))
    ]
    assert differing == []


def test_no_message_is_put_together_before_it_is_said() -> None:
    built = [
        f"{named(path)}:{message.lineno}"
        for path, message in calls_of_say()
        if isinstance(message, ast.JoinedStr | ast.BinOp)
    ]
    assert built == []
