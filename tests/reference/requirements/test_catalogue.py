"""The shipped catalogue: complete in both languages, one row an id, clauses that follow the tables (APP11, REV2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from reference.standard import Standard, load
from reference.standard.rows import Basis, Level, Requirement

CATALOGUE = load().requirements
FILES_WITH_READ_KEY = 17
"""EF06 to EF08 of DDF1, four each in DF01 and DF02, in DF03 two indexes and the EE and the ED files as one each."""


def ids(pattern: str, catalogue: Mapping[str, Requirement] = CATALOGUE) -> set[str]:
    return {id for id in catalogue if Path(id).match(pattern)}


def test_there_are_more_than_two_hundred_requirements_and_most_have_a_test() -> None:
    testable = [row for row in CATALOGUE.values() if row.not_testable is None]
    assert len(CATALOGUE) == 243
    assert len(testable) == 224


def test_every_row_speaks_both_languages() -> None:
    for row in CATALOGUE.values():
        texts = (row.text, row.why) + ((row.not_testable,) if row.not_testable else ())
        for text in texts:
            assert text.en.isascii() or "“" in text.en, f"{row.id}: {text.en}"
            assert any("\u4e00" <= sign <= "\u9fff" for sign in text.zh), f"{row.id}: {text.zh}"


def test_ids_are_lower_case_and_stand_in_order() -> None:
    assert list(CATALOGUE) == sorted(CATALOGUE)
    assert all(id == row.id == id.lower() and " " not in id for id, row in CATALOGUE.items())


def test_no_two_requirements_have_the_same_text() -> None:
    texts = Counter(row.text.en for row in CATALOGUE.values())
    assert [text for text, count in texts.items() if count > 1] == []


def test_no_braces_of_a_template_are_left_in_a_text() -> None:
    assert [
        row.id for row in CATALOGUE.values() if "{" in row.text.en + row.text.zh + row.why.en + row.why.zh
    ] == []


def test_every_row_that_is_ours_or_a_permission_is_less_than_a_shall_or_warns() -> None:
    for row in CATALOGUE.values():
        if row.source.basis in (Basis.SIBLING, Basis.DECISION):
            assert row.level is Level.SHOULD, row.id
        if row.level is Level.MAY:
            assert row.not_testable is not None, row.id


def test_one_file_alone_is_read_freely_and_all_others_name_their_key() -> None:
    assert ids("*.read-free") == {"card.ddf1.ef05.read-free"}
    assert len(ids("*.read-needs-*")) == FILES_WITH_READ_KEY
    assert "card.df03.ee.read-needs-rk1df03" in CATALOGUE
    assert not ids("card.df03.ee0*")


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("card.d*.fid", 4),
        ("card.df0?.aid", 3),
        ("card.d*.type", 16 + 2),
        ("*.record-count", 4),
        ("*.update-needs-*", 10),
        ("*.no-rewrite", 2),
        ("*.update-sm", 9),
        ("card.key.rk*.files", 4),
        ("card.key.uk*.files", 5),
        ("card.d*.read.*", 9),
        ("card.d*.write.*", 15),
    ],
)
def test_each_family_covers_its_selection(pattern: str, count: int) -> None:
    assert len(ids(pattern)) == count


def test_every_tagged_element_outside_the_visit_files_has_its_requirement() -> None:
    standard = load()
    elements = [
        (file, element)
        for file in standard.files.values()
        if file.directory != "DDF1/DF03"
        for element in standard.elements(file.path)
    ]
    assert len(elements) > 50
    for file, element in elements:
        row = CATALOGUE[f"{file.id}.{element.id}"]
        assert element.title.zh in row.text.zh
        assert f"length {element.length}" in row.text.en


def test_a_family_takes_clause_and_basis_from_the_cell_of_the_table() -> None:
    assert str(CATALOGUE["card.df02.ef05.read-needs-rk1df02"].source) == "APP11 table 4-9"
    assert str(CATALOGUE["card.df02.ef05.update-sm"].source) == "REV2 item 24, note 1 of table 10-1"
    assert CATALOGUE["card.ddf1.fid"].source.basis is Basis.FIELD
    assert str(CATALOGUE["card.df01.write.mac-wrong"].source) == "APP11 6.2.2.3 (5)"


def test_requirements_follow_a_corrected_table() -> None:
    standard = load()
    opened = msgspec.structs.replace(standard.files["DDF1/DF02/EF06"], read=None)
    changed = standard.replacing(files={opened.path: opened})
    assert "card.df02.ef06.read-free" in changed.requirements
    assert "card.df02.ef06.read-needs-rk1df02" not in changed.requirements


def readings(tmp_path: Path) -> dict[str, Standard]:
    """The national profile with each value of each switch in turn, by switch and value."""
    national = load()
    text = (national.root / "profiles" / "national-2012.toml").read_text("utf-8")
    found = {}
    for switch in national.switches.values():
        for value in switch.values:
            profile = tmp_path / f"{switch.id}-{value}.toml"
            line = f'{switch.id} = "{national.switch(switch.id)}"'
            assert line in text
            profile.write_text(text.replace(line, f'{switch.id} = "{value}"'), "utf-8")
            found[profile.stem] = load(profile)
    return found


def test_the_catalogue_holds_together_under_every_value_of_every_switch(tmp_path: Path) -> None:
    by_switch = readings(tmp_path)
    for name, standard in by_switch.items():
        assert len(standard.requirements) > 230, name
    assert not ids("card.ddf1.write.*", by_switch["ddf1-ef08-update-plain"].requirements)
    assert "card.df03.ee.count" in CATALOGUE
    assert "card.df03.ee.count" not in by_switch["inpatient-files-five"].requirements
