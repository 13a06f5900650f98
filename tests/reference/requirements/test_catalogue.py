"""The shipped catalogue: both languages, one row an id, clauses that follow the tables (APP11, REV2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from reference.standard import Standard, load, profiles
from reference.standard.rows import Basis, Level, Requirement

CATALOGUE = load().requirements
FILES_WITH_READ_KEY = 15
"""Three in DDF1, four each in DF01 and DF02, in DF03 two indexes, and the EE and ED files as one each."""


def ids(pattern: str, catalogue: Mapping[str, Requirement] = CATALOGUE) -> set[str]:
    return {id for id in catalogue if Path(id).match(pattern)}


def test_there_are_some_four_hundred_requirements_and_most_have_a_test() -> None:
    testable = [row for row in CATALOGUE.values() if row.not_testable is None]
    assert len(CATALOGUE) == 481
    assert len(testable) == 438


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
    assert [row.id for row in CATALOGUE.values() if "{" in row.text.en + row.text.zh + row.why.en + row.why.zh] == []


def test_every_row_that_is_ours_or_a_permission_is_less_than_a_shall_or_warns() -> None:
    """But for load tests and promises on faults: who orders one chooses its bounds; a missed one fails the run."""
    for row in CATALOGUE.values():
        if row.source.basis in (Basis.SIBLING, Basis.DECISION) and not row.id.startswith(("load.", "fault.")):
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
        ("card.d*.type", 16),
        ("*.record-count", 4),
        ("*.update-needs-*", 14),
        ("card.df03.ef0?.erase-needs-*", 2),
        ("*.no-rewrite", 2),
        ("*.update-sm", 11),
        ("card.key.rk*.files", 4),
        ("card.key.uk*.files", 7),
        ("card.key.lk*.files", 3),
        ("card.df03.e?.size", 2),
        ("offs.*.layout", 2),
        ("offs.*-stride", 8),
        ("card.d*.code", 57),
        ("card.df03.ee.*.code", 16),
        ("card.df03.ed.*.code", 11),
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


def test_a_code_is_advice_on_the_footing_of_its_table() -> None:
    """The flags of the visit indexes have a row of their own, which says more."""
    coded = [row for id, row in CATALOGUE.items() if id.endswith(".code")]
    assert {row.level for row in coded} == {Level.SHOULD}
    assert str(CATALOGUE["card.ddf1.ef06.sex.code"].source) == "REV2 item 26, annex A"
    assert CATALOGUE["card.df03.ee.diagnosis-1.serology-item.code"].source.basis is Basis.FIELD
    assert not ids("card.df03.ef0?.*.code")


def test_requirements_follow_a_corrected_table() -> None:
    standard = load()
    opened = msgspec.structs.replace(standard.files["DDF1/DF02/EF06"], read=None)
    changed = standard.replacing(files={opened.path: opened})
    assert "card.df02.ef06.read-free" in changed.requirements
    assert "card.df02.ef06.read-needs-rk1df02" not in changed.requirements


def reading(tmp_path: Path, **chosen: str) -> Standard:
    """The national profile with other values for the named switches (``_`` stands for ``-``)."""
    national = load()
    text = (national.root / "profiles" / "national-2012.toml").read_text("utf-8")
    for name, value in chosen.items():
        switch = name.replace("_", "-")
        line = f'{switch} = "{national.switch(switch)}"'
        assert line in text
        text = text.replace(line, f'{switch} = "{value}"')
    profile = tmp_path / f"{len(list(tmp_path.iterdir()))}.toml"
    profile.write_text(text, "utf-8")
    return load(profile)


@pytest.mark.parametrize("number", [1, 2])
def test_the_catalogue_holds_together_under_the_other_values_of_all_switches(tmp_path: Path, number: int) -> None:
    switches = load().switches
    chosen = {
        id.replace("-", "_"): switch.values[min(number, len(switch.values) - 1)] for id, switch in switches.items()
    }
    assert len(reading(tmp_path, **chosen).requirements) > 370


def test_the_catalogue_of_every_shipped_profile_can_be_read() -> None:
    for profile in profiles():
        assert len(load(profile).requirements) > 370, profile


def test_a_profile_with_plain_payment_updates_demands_no_secured_ones_there(tmp_path: Path) -> None:
    plain = reading(tmp_path, ddf1_ef08_update="plain").requirements
    assert not ids("card.ddf1.write.*", plain)
    assert not ids("card.ddf1.ef08.update-sm", plain)
    assert ids("card.df01.write.*", plain) == ids("card.df01.write.*")


def test_a_profile_with_five_inpatient_files_does_not_demand_three(tmp_path: Path) -> None:
    five = reading(tmp_path, inpatient_files="five").requirements
    assert "card.df03.ee.count" in CATALOGUE
    assert "card.df03.ee.count" not in five
    assert "EE01 to EE05" in five["card.df03.ee.type"].text.en


def test_the_offsets_of_repeated_groups_are_those_of_the_worksheet() -> None:
    said = {
        "offs.ee.diagnosis-stride": (3, 212, 247, 706),
        "offs.ee.transfusion-stride": (4, 953, 13, 992),
        "offs.ee.fee-stride": (20, 1069, 26, 1563),
        "offs.ed.symptom-stride": (5, 156, 125, 656),
        "offs.ed.exam-stride": (10, 781, 126, 1915),
        "offs.ed.drug-stride": (5, 2041, 91, 2405),
        "offs.ed.operation-stride": (3, 2496, 89, 2674),
        "offs.ed.fee-stride": (10, 2763, 25, 2988),
    }
    assert said.keys() == {id for id in CATALOGUE if id.endswith("-stride")}
    for id, (count, first, stride, last) in said.items():
        text = CATALOGUE[id].text
        assert f"the {count} groups" in text.en
        assert f"offset {first} and follow each other every {stride} bytes; the last begins at {last}" in text.en
        assert f"共 {count} 组，自偏移 {first} 起步长 {stride}，末组起于 {last}" in text.zh


def test_a_visit_file_is_described_with_its_three_parts() -> None:
    assert "1893 bytes: 1639 of data, 64 of signature and 190 of" in CATALOGUE["card.df03.ee.size"].text.en
    assert "3267 bytes: 3013 of data, 64 of signature and 190 of" in CATALOGUE["card.df03.ed.size"].text.en


def test_the_keys_of_the_management_data_follow_the_profile(tmp_path: Path) -> None:
    hebei = reading(tmp_path, df03_keys="hebei").requirements
    assert "card.df03.ee.update-needs-uk2df03" in hebei
    assert "card.df03.ef05.erase-needs-uk1df03" in hebei
    assert "card.key.uk2df03.files" not in hebei
    assert "EE01" not in hebei["card.key.uk1df03.files"].text.en


def test_a_profile_with_plain_indexes_demands_no_mac_there(tmp_path: Path) -> None:
    plain = reading(tmp_path, index_write="plain").requirements
    assert not ids("card.df03.ef0?.update-sm", plain)
    assert not ids("card.*.*-needs-mac", plain)
    assert ids("card.df03.ef0?.erase-needs-*", plain) == ids("card.df03.ef0?.erase-needs-*")


def test_only_cards_that_declare_it_are_bound_by_the_rules_of_cards_with_a_payment_application() -> None:
    declared = {id for id, row in CATALOGUE.items() if row.applies_when == "financial-application"}
    assert declared == ids("card.multiapp.*") | ids("card.contactless.*")
    of_cards = {row.applies_when for row in CATALOGUE.values() if row.actor == "card"}
    assert of_cards == {"", "binary-update-with-mac", "financial-application"}
