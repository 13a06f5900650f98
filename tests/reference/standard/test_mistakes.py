"""Every mistake in a table or a profile is refused with its place, the reason and the next step."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reference.standard import StandardError, load
from reference.standard.loader import KINDS

from .conftest import Tables

# (table, text there, text instead, what the message must name)
MISTAKES = {
    "an unknown column": (
        "card/keys.toml",
        'role = "card-block"',
        'role = "card-block"\nstrength = 3',
        ["card/keys.toml, key 7 (BKMF), strength", "unknown", "reference"],
    ),
    "a missing column": (
        "card/keys.toml",
        'role = "card-block"\n',
        "",
        ["card/keys.toml, key 7 (BKMF), role", "missing"],
    ),
    "a missing source": (
        "card/limits.toml",
        'source = "APP11 4.1 note 2"',
        "",
        ["limit 1 (max-records), source", "missing"],
    ),
    "a source that is no text": (
        "card/limits.toml",
        'source = "APP11 4.1 note 2"',
        "source = 11",
        ["limit 1 (max-records), source", "text"],
    ),
    "an unknown document": (
        "card/limits.toml",
        "APP11 4.1 note 2",
        "APP12 4.1 note 2",
        ["limit 1 (max-records), source", "APP12", "APP11, BS"],
    ),
    "an unknown document of one value": (
        "card/files.toml",
        "REV2 item 24, note 1",
        "REV9 item 24, note 1",
        ["file 5 (DDF1/DF01/EF05), protection", "REV9"],
    ),
    "a value that is no number": (
        "card/limits.toml",
        "value = 254",
        'value = "many"',
        ["limit 1 (max-records), value", "int"],
    ),
    "a file identifier that is not hexadecimal": (
        "card/files.toml",
        'fid = "EF05"',
        'fid = "EFO5"',
        ["file 1 (DDF1/EF05), fid", "[0-9A-F]{4}"],
    ),
    "an instruction beyond a byte": (
        "card/commands.toml",
        "ins = 0xA4",
        "ins = 0x1A4",
        ["command 1 (card.select), ins"],
    ),
    "an unknown file kind": (
        "card/files.toml",
        'kind = "binary"',
        'kind = "transparent"',
        ["file 3 (DDF1/EF07), kind", "transparent"],
    ),
    "two rows with one id": (
        "card/keys.toml",
        'id = "STKDF02"',
        'id = "STKDF01"',
        ["key 5 (STKDF01), id", "two rows", "STKDF01"],
    ),
    "two elements with one id": (
        "card/elements.csv",
        ",birth-date,",
        ",name,",
        ["card/elements.csv, line", "DDF1/EF06 name"],
    ),
    "two switches with one id": (
        "switches.toml",
        'id = "expiry-location"',
        'id = "cipher"',
        ["switches.toml, switch 2 (cipher), id", "two rows"],
    ),
    "a document with an unknown basis": (
        "documents.toml",
        'basis = "field"',
        'basis = "hearsay"',
        ["documents.toml, document 5 (TERM12)", "hearsay"],
    ),
    "a cell by an unknown switch": (
        "card/files.toml",
        'by = "cyclic-update"',
        'by = "cyclic"',
        ["file 11 (DDF1/DF02/EF07), protection", "switch cyclic ", "cyclic-update"],
    ),
    "a cell that leaves out a case": (
        "sam/keys.toml",
        ", as-fielded = 1 }",
        " }",
        ["sam/keys.toml, key 2 (STKDDF1), levels", "as-fielded"],
    ),
    "a cell with a case that the switch has not": (
        "sam/keys.toml",
        ", as-fielded = 1 }",
        ", as-fielded = 1, three = 3 }",
        ["sam/keys.toml, key 2 (STKDDF1), levels", "three"],
    ),
    "a cell with an unknown word": (
        "card/keys.toml",
        '{ value = 0x00, source = "KIDX IRK" }',
        '{ value = 0x00, origin = "KIDX IRK" }',
        ["key 1 (IRKDDF1), reference", "origin"],
    ),
    "a condition by an unknown switch": (
        "card/elements.csv",
        "photo-size=3074",
        "photo=3074",
        ["card/elements.csv, line", "only", "photo"],
    ),
    "a condition with a value that the switch has not": (
        "card/elements.csv",
        "photo-size=3074",
        "photo-size=9999",
        ["card/elements.csv, line", "only", "9999", "3072, 3074"],
    ),
    "a condition in another form": (
        "card/files.toml",
        'only = { switch = "inpatient-files", values = ["five"] }',
        'only = "five"',
        ["file 18 (DDF1/DF03/EE04), only", "condition"],
    ),
    "a file that names no key": (
        "card/files.toml",
        'read = "RK1DF02"',
        'read = "RK9DF02"',
        ["card/files.toml, file DDF1/DF02/EF05, read", "RK9DF02", "RK1DF02"],
    ),
    "a file in no directory": (
        "card/files.toml",
        'path = "DDF1/DF01/EF05"',
        'path = "DDF1/DF09/EF05"',
        ["card/elements.csv, line", "DDF1/DF01/EF05"],
    ),
    "a key in no directory": (
        "card/keys.toml",
        'directory = "DDF1/DF03"',
        'directory = "DDF1/DF04"',
        ["card/keys.toml, key STKDF03, directory", "DDF1/DF04"],
    ),
    "an element in no file": (
        "card/elements.csv",
        "DDF1/DF01/EF07,,,education",
        "DDF1/DF01/EF09,,,education",
        ["card/elements.csv, line", "(education), file", "DDF1/DF01/EF09"],
    ),
    "an element with no code table": (
        "card/elements.csv",
        ",address-type,TERM12",
        ",address-kind,TERM12",
        ["DDF1/DF01/EF05 address-type-1, codes", "address-kind"],
    ),
    "a code that does not fit its element": (
        "card/codes.csv",
        "rh,1,",
        "rh,100,",
        ["card/codes.csv, rh 100, value", "DDF1/DF02/EF05 rh", "cn"],
    ),
    "an element of no length": (
        "card/elements.csv",
        "DDF1/EF06,,,name,11,,,ans,30,",
        "DDF1/EF06,,,name,11,,,ans,0,",
        ["card/elements.csv, DDF1/EF06 name, length", "0"],
    ),
    "two elements with one tag": (
        "card/elements.csv",
        "DDF1/EF06,,,sex,12,",
        "DDF1/EF06,,,sex,11,",
        ["DDF1/EF06 sex, tag", "11", "name"],
    ),
    "a record element without tag": (
        "card/elements.csv",
        "DDF1/EF06,,,sex,12,",
        "DDF1/EF06,,,sex,,",
        ["DDF1/EF06 sex, tag", "needs a tag"],
    ),
    "overlapping elements": (
        "card/elements.csv",
        "admission-count,,84,",
        "admission-count,,83,",
        ["DDF1/DF03/EE01 admission-count, offset", "83", "admission-date", "84"],
    ),
    "a binary file of another size than its elements": (
        "card/files.toml",
        "size = 3267",
        "size = 3268",
        ["card/files.toml, file DDF1/DF03/ED01, size", "3268", "3267"],
    ),
    "a cyclic record of another length than its elements": (
        "card/files.toml",
        "record_length = 120",
        "record_length = 121",
        ["card/files.toml, file DDF1/DF02/EF07, record_length", "121", "120"],
    ),
    "a group with two counts": (
        "card/elements.csv",
        "transfusion,4,blood-volume",
        "transfusion,3,blood-volume",
        ["card/elements.csv, line", "(blood-kind), count", "same whole number"],
    ),
    "a group with no count": (
        "card/elements.csv",
        "DDF1/DF03/ED0*,symptom,5,symptom,",
        "DDF1/DF03/ED0*,symptom,some,symptom,",
        ["card/elements.csv, line", "count"],
    ),
    "a SAM key that is no card key": (
        "sam/keys.toml",
        'key = "BKMF"',
        'key = "BKDF"',
        ["sam/keys.toml, key BKDF, key"],
    ),
    "a SAM type with a key that is no card key": (
        "sam/types.toml",
        '"IRKDDF1", "RK1DDF1"',
        '"IRKDDF1", "RKXDDF1"',
        ["sam/types.toml, type 1, keys", "RKXDDF1"],
    ),
    "an open element that its file lacks": (
        "card/personal.toml",
        'element = "spec-version"',
        'element = "spec-versions"',
        ["card/personal.toml, DDF1/EF05 spec-versions", "element"],
    ),
    "an open command that is no command": (
        "card/personal.toml",
        'command = "sam.select"',
        'command = "sam.selected"',
        ["card/personal.toml, sam.selected", "command"],
    ),
    "a heading that nothing reads": (
        "card/limits.toml",
        "[[limit]]",
        "[[limits]]",
        ["card/limits.toml", "limits", "limit"],
    ),
    "a heading that is no list": (
        "documents.toml",
        "[[document]]",
        "[[documents.more]]",
        ["documents.toml", "documents"],
    ),
    "a line with too many fields": (
        "card/codes.csv",
        "rh,1,RH positive,",
        "rh,1,RH, positive,",
        ["card/codes.csv, line", "fields", "commas"],
    ),
    "an open quotation": (
        "card/codes.csv",
        "rh,1,RH positive",
        'rh,1,"RH" positive',
        ["card/codes.csv, line", "CSV"],
    ),
    "broken TOML": ("card/limits.toml", "value = 254", "value = ", ["card/limits.toml", "TOML", "line"]),
}


def refusal(tables: Tables, profile: str | Path = "national-2012") -> StandardError:
    """The error that loading the spoilt tables ends with."""
    with pytest.raises(StandardError) as caught:
        tables.load(profile)
    return caught.value


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_place(tables: Tables, mistake: str) -> None:
    table, right, wrong, named = MISTAKES[mistake]
    tables.edit(table, right, wrong)
    message = str(refusal(tables))
    assert [part for part in named if part not in message] == [], message


@pytest.mark.parametrize("table", sorted(KINDS))
def test_a_missing_table_is_named(tables: Tables, table: str) -> None:
    (tables.root / table).unlink()
    error = refusal(tables)
    assert error.where == table
    assert "missing" in str(error)


def test_a_table_in_another_character_set_is_named(tables: Tables) -> None:
    path = tables.root / "card" / "codes.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    assert "card/codes.csv" in str(refusal(tables))
    assert "UTF-8" in str(refusal(tables))


def test_a_table_written_by_a_spreadsheet_with_a_byte_order_mark_is_read(tables: Tables) -> None:
    path = tables.root / "card" / "codes.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(tables.load().codes["ethnic-group"]) == 56


def test_rows_that_are_no_tables_are_refused(tables: Tables) -> None:
    (tables.root / "card" / "limits.toml").write_text("limit = 3\n", encoding="utf-8")
    assert "not a list of rows" in str(refusal(tables))


def test_a_file_whose_directory_is_missing_is_refused(tables: Tables) -> None:
    tables.edit("card/files.toml", 'path = "DDF1/DF01"\n', 'path = "DDF1/DF07"\n')
    assert "DDF1/DF01" in str(refusal(tables))


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ('cyclic-update = "cipher-and-mac"\n', "", ["cyclic-update", "leaves out", "cipher-and-mac, plain"]),
        ('cyclic-update = "cipher-and-mac"', 'cyclic-update = "rot13"', ["cyclic-update", "rot13", "plain"]),
        ("[switches]", '[switches]\nmoon = "full"', ["moon", "unknown", "cyclic-update"]),
        ('photo-size = "3074"', "photo-size = 3074", ["profiles/national-2012.toml", "photo-size"]),
        ("field_rows_can_fail = false", "field_rows_may_fail = false", ["field_rows_may_fail"]),
        ("[switches]", "[switches", ["profiles/national-2012.toml", "TOML"]),
    ],
)
def test_a_wrong_profile_is_named_with_its_switch(tables: Tables, right: str, wrong: str, named: list[str]) -> None:
    tables.edit("profiles/national-2012.toml", right, wrong)
    message = str(refusal(tables))
    assert [part for part in named if part not in message] == [], message


@pytest.mark.parametrize("profile", ["atlantis", "/nowhere/atlantis.toml"])
def test_an_unknown_profile_is_answered_with_those_that_exist(profile: str) -> None:
    with pytest.raises(StandardError, match=r"no such profile.*field-2013, national-2012") as caught:
        load(profile)
    assert caught.value.where == profile


def test_an_unknown_directory_of_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StandardError, match="missing"):
        load(tables=tmp_path / "nowhere")


def test_the_message_speaks_both_languages(tables: Tables) -> None:
    tables.edit("card/limits.toml", "APP11 4.1 note 2", "APP12 4.1 note 2")
    text = refusal(tables).text
    assert text.en.startswith("card/limits.toml, limit 1 (max-records), source: the document APP12 is unknown. Use")
    assert "文件 APP12 未登记" in text.zh
    assert "可用的有" in text.zh


def test_a_mistake_under_another_profile_does_not_stop_this_one(tables: Tables) -> None:
    shutil.copy(tables.root / "profiles/national-2012.toml", tables.root / "profiles/draft.toml")
    tables.edit("profiles/draft.toml", 'cipher = "sm4"', 'cipher = "des"')
    assert tables.load().profile.id == "national-2012"
    assert "des" in str(refusal(tables, "draft"))
