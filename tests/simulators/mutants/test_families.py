"""Families of mutants: one for every row of the tables, so that a new row has its mutants by itself."""

from __future__ import annotations

from collections import defaultdict

import msgspec
import pytest

from reference.standard import Standard, load
from reference.standard.rows import Directory, Element, ElementType, File, FileKind, Key, Protection
from simulators.cards.mutants import Mutant, registered
from simulators.cards.mutants.survivors import survivors

STANDARD = load()


def by_family(standard: Standard) -> dict[str, dict[str, Mutant]]:
    """The members of each family by their row."""
    families: dict[str, dict[str, Mutant]] = defaultdict(dict)
    for mutant in registered(standard):
        family, bracket, row = mutant.name.partition("[")
        if bracket:
            families[family][row.removesuffix("]")] = mutant
    return families


FAMILIES = by_family(STANDARD)


def files(*kinds: FileKind) -> list[File]:
    return [file for file in STANDARD.files.values() if not kinds or file.kind in kinds]


def tagged(*types: ElementType) -> list[Element]:
    rows = [element for file in files() for element in STANDARD.elements(file.path) if element.tag is not None]
    return [element for element in rows if not types or element.type in types]


def names(rows: list[File] | list[Key] | list[Directory] | list[Element]) -> set[str]:
    return {getattr(row, "path", None) or f"{getattr(row, 'file', '')}:{row.id}".lstrip(":") for row in rows}


@pytest.mark.parametrize(
    ("family", "rows"),
    [
        ("wrong_tag", names(tagged())),
        ("wrong_length", names(tagged())),
        ("wrong_coding", names(tagged(ElementType.ANS, ElementType.CN))),
        ("file_missing", names(files())),
        ("made_of_the_other_type", names(files())),
        ("both_accesses_answered", names(files())),
        ("a_byte_more", names(files(FileKind.BINARY))),
        ("a_byte_less", names(files(FileKind.BINARY))),
        ("oldest_record_first", names(files(FileKind.CYCLIC))),
        ("read_key_swapped", names([file for file in files() if file.read])),
        ("read_key_left_out", names([file for file in files() if file.read])),
        ("free_file_under_a_key", names([file for file in files() if not file.read])),
        ("update_key_swapped", names([file for file in files() if file.update])),
        ("update_key_left_out", names([file for file in files() if file.update])),
        ("erase_key_swapped", names([file for file in files() if file.erase])),
        ("protection_left_out", names([f for f in files() if f.protection not in (Protection.NONE, Protection.PLAIN)])),
        ("another_identifier", names([row for row in STANDARD.directories.values() if row.path])),
        ("another_name", names([row for row in STANDARD.directories.values() if row.name])),
        ("another_key_value", names(list(STANDARD.keys.values()))),
        ("another_key_reference", names([key for key in STANDARD.keys.values() if key.reference is not None])),
    ],
)
def test_a_family_has_a_mutant_for_every_row(family: str, rows: set[str]) -> None:
    assert set(FAMILIES[family]) == rows


def test_every_flag_and_every_number_of_records_is_missed_both_ways() -> None:
    for family, kind in (("flags_of_an_index", FileKind.FIXED), ("records_of_a_cyclic_file", FileKind.CYCLIC)):
        expected = {f"{file.path} {file.records + step}" for file in files(kind) for step in (-1, 1)}
        assert set(FAMILIES[family]) == expected


def test_a_new_row_has_its_mutants_by_itself() -> None:
    rows = STANDARD.elements("DDF1/EF06")
    new = msgspec.structs.replace(rows[0], id="alias", tag=99)
    wider = STANDARD.replacing(elements={"DDF1/EF06": (*rows, new)})
    row = "DDF1/EF06:alias"
    added = by_family(wider)
    assert row not in FAMILIES["wrong_tag"]
    assert "card.ddf1.ef06.alias" in wider.requirements
    assert {family for family, members in added.items() if row in members} == {
        "wrong_tag",
        "wrong_length",
        "wrong_coding",
    }


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_the_members_of_a_family_are_cards_that_differ_from_the_sound_one(family: str) -> None:
    row, mutant = next(iter(FAMILIES[family].items()))
    card = mutant.make(STANDARD)
    assert card.reset(), row
    assert len(card.transmit(bytes.fromhex("00A40000023F00"))) == 2


def test_survivors_that_are_explained_are_mutants_and_explained_in_both_languages() -> None:
    known = {mutant.name for mutant in registered(STANDARD)}
    for name, reason in survivors().items():
        assert name in known
        assert reason.en.endswith(".")
        assert reason.zh.endswith("。")
