"""What switches and a regulator's own tables change, and the digest that tells standards apart."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from reference.standard import Standard, StandardError, load, profiles
from reference.standard.rows import Basis, Protection

from .conftest import Tables

TABLES = [field.name for field in dataclasses.fields(Standard) if field.name not in ("profile", "digest")]


def with_switch(tables: Tables, switch: str, old: str, new: str) -> None:
    """Choose another value in the copied national profile."""
    tables.edit("profiles/national-2012.toml", f'{switch} = "{old}"', f'{switch} = "{new}"')


def test_profiles_differ_where_the_decisions_say() -> None:
    national, field = load("national-2012").profile, load("field-2013").profile
    assert {id for id, value in national.switches.items() if field.switches[id] != value} == {
        "sam-diversification-levels",
        "delivery-p1",
        "marital-codes",
        "occupation-codes",
        "relation-codes",
        "education-codes",
        "amount-coding",
    }
    assert (national.field_rows_can_fail, field.field_rows_can_fail) == (False, True)


def test_the_national_profile_takes_the_first_value_of_every_switch() -> None:
    standard = load()
    assert standard.profile.switches == {id: switch.values[0] for id, switch in standard.switches.items()}
    assert standard.switch("amount-coding") == "fen"


def test_a_profile_can_be_a_file_of_the_users_own(tables: Tables, tmp_path: Path) -> None:
    own = tmp_path / "my-province.toml"
    text = (tables.root / "profiles/national-2012.toml").read_text(encoding="utf-8")
    own.write_text(text.replace('cyclic-update = "cipher-and-mac"', 'cyclic-update = "plain"'), encoding="utf-8")
    standard = load(own)
    assert standard.profile.id == "my-province"
    assert standard.files["DDF1/DF02/EF07"].protection is Protection.PLAIN
    assert standard.files["DDF1/DF02/EF05"].protection is Protection.CIPHER_AND_MAC
    assert load(str(own)).digest == standard.digest


@pytest.mark.parametrize(
    ("switch", "old", "new", "path", "protection", "basis"),
    [
        ("cyclic-update", "cipher-and-mac", "plain", "DDF1/DF02/EF08", "plain", Basis.FIELD),
        ("ddf1-ef08-update", "cipher-and-mac", "plain", "DDF1/EF08", "plain", Basis.NORMATIVE),
        ("binary-update", "plain", "mac", "DDF1/DF03/ED05", "mac", Basis.NORMATIVE),
        ("index-write", "mac", "plain", "DDF1/DF03/EF05", "plain", Basis.FIELD),
    ],
)
def test_a_switch_changes_the_protection_and_its_basis(
    tables: Tables, switch: str, old: str, new: str, path: str, protection: str, basis: Basis
) -> None:
    with_switch(tables, switch, old, new)
    file = tables.load().files[path]
    assert file.protection.value == protection
    assert file.source_of("protection").basis is basis


def test_five_inpatient_files_bring_five_index_records_and_their_elements(tables: Tables) -> None:
    with_switch(tables, "inpatient-files", "three", "five")
    standard = tables.load()
    assert len(standard.files) == 24
    assert standard.files["DDF1/DF03/EF05"].records == 5
    assert len(standard.elements("DDF1/DF03/EE05")) == 149


def test_the_expiry_date_moves_with_its_switch(tables: Tables) -> None:
    with_switch(tables, "expiry-location", "ef08", "ef05")
    standard = tables.load()
    assert standard.element("DDF1/EF05", "expiry").tag == 7
    assert (standard.files["DDF1/EF05"].records, standard.files["DDF1/EF08"].records) == (11, 5)


def test_longer_certificates_and_shorter_photos_go_with_their_switches(tables: Tables) -> None:
    with_switch(tables, "issuer-certificate-size", "180", "190")
    with_switch(tables, "photo-size", "3074", "3072")
    standard = tables.load()
    assert standard.element("DDF1/EF05", "issuer-certificate").length == 190
    assert standard.files["DDF1/EF07"].size == standard.element("DDF1/EF07", "photo").length == 3072


def test_code_tables_follow_the_profile() -> None:
    def values(profile: str, table: str) -> list[str]:
        return [code.value for code in load(profile).codes[table]]

    assert values("national-2012", "education") == ["10", "20", "30", "40", "60", "70", "80", "90"]
    assert values("field-2013", "education") == ["1", "2", "3", "4", "5", "6", "7", "8", "9"]
    assert values("field-2013", "marital-status") == ["10", "20", "30", "40", "90"]
    assert set(values("field-2013", "relation")) - set(values("national-2012", "relation")) == {
        "97",
        "98",
        "99",
    }


ASKED_FOR = re.compile(r'switch\("([a-z0-9-]+)"\)')
"""How code that acts by a switch asks for it."""


def test_every_value_of_every_switch_changes_the_tables_or_code_asks_for_it(tables: Tables) -> None:
    shipped, rows = tables.root / "profiles/national-2012.toml", tables.load()
    project = Path(__file__).parents[3]
    sources = (path for room in ("reference", "simulators", "conformance") for path in (project / room).rglob("*.py"))
    asked = {name for path in sources for name in ASKED_FOR.findall(path.read_text(encoding="utf-8"))}
    text = shipped.read_text(encoding="utf-8")
    idle = []
    for id, switch in rows.switches.items():
        for value in switch.values[1:]:
            shipped.write_text(text.replace(f'{id} = "{switch.values[0]}"', f'{id} = "{value}"'), encoding="utf-8")
            other = tables.load()
            assert other.switch(id) == value
            same = all(getattr(other, table) == getattr(rows, table) for table in TABLES)
            if same and id not in asked:
                idle.append((id, value))
    assert idle == []


def test_the_province_hebei_updates_visit_records_with_the_other_key(tables: Tables) -> None:
    with_switch(tables, "df03-keys", "uk1-uk2", "hebei")
    files = tables.load().files
    assert (files["DDF1/DF03/EE01"].update, files["DDF1/DF03/EF05"].erase) == ("UK2DF03", "UK1DF03")


def test_copied_tables_have_the_rows_of_the_shipped_ones(tables: Tables) -> None:
    copied = tables.load()
    assert copied.files == load().files
    assert copied.elements_by_file == load().elements_by_file
    assert profiles(tables.root) == profiles()


def test_a_corrected_table_changes_row_and_digest(tables: Tables) -> None:
    before = tables.load().digest
    tables.edit("card/limits.toml", "value = 254", "value = 255")
    corrected = tables.load()
    assert corrected.limit("max-records") == 255
    assert corrected.digest != before
    assert len(corrected.digest) == 64


def test_a_profile_changes_the_digest_and_reading_twice_does_not(tables: Tables) -> None:
    assert tables.load().digest == tables.load().digest
    assert tables.load().digest != tables.load("field-2013").digest


def test_requirements_are_part_of_the_digest(tables: Tables) -> None:
    before = tables.load().digest
    (tables.root / "requirements").mkdir()
    (tables.root / "requirements" / "card.toml").write_text("", encoding="utf-8")
    assert tables.load().digest != before


def test_unknown_names_are_refused_with_the_table_to_correct() -> None:
    standard = load()
    for ask, table in (
        (lambda: standard.switch("weather"), "switches.toml"),
        (lambda: standard.sw("teapot"), "card/status_words.toml"),
        (lambda: standard.limit("patience"), "card/limits.toml"),
        (lambda: standard.element("DDF1/EF05", "shoe-size"), "card/elements.csv"),
    ):
        with pytest.raises(StandardError, match=table):
            ask()


def test_the_same_question_gets_the_same_object() -> None:
    assert load() is load("national-2012")
    assert load() is not load("field-2013")


def test_the_tables_cannot_be_changed_in_place() -> None:
    with pytest.raises(TypeError, match="item deletion"):
        del load().files["DDF1/EF05"]  # type: ignore[attr-defined]
