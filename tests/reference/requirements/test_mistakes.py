"""A mistake in the requirement tables is refused with the file, the row, the reason and the next step."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reference.standard import StandardError, load
from reference.standard.requirements import read, read_awaited


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A copy of the shipped requirement tables, to make mistakes in."""
    copy = tmp_path / "requirements"
    shutil.copytree(load().root / "requirements", copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


def refusal(tables: Path) -> StandardError:
    with pytest.raises(StandardError) as caught:
        read(load(), tables)
    return caught.value


def change(table: Path, old: str, new: str) -> None:
    text = table.read_text("utf-8")
    assert old in text
    table.write_text(text.replace(old, new, 1), "utf-8")


def test_the_copy_itself_reads_like_the_shipped_tables(tables: Path) -> None:
    assert read(load(), tables) == dict(load().requirements)


@pytest.mark.parametrize(
    ("table", "old", "new", "where", "says"),
    [
        (
            "card_structure.toml",
            'id = "card.map.df"',
            'id = "card.structure.tree"',
            "card_structure.toml, requirement",
            "card.structure.tree stands already in",
        ),
        (
            "card_structure.toml",
            'id = "card.map.df"',
            'id = "card.df02.ef05.type"',
            "families.toml, family",
            "card.df02.ef05.type stands already in",
        ),
        (
            "card_rights.toml",
            'source = "REV2 item 23"',
            'source = "REV9 item 23"',
            "source",
            "REV9 is unknown",
        ),
        ("card_rights.toml", '"*.read-needs-*"]', '"*.read-wants-*"]', "same_as", "*.read-wants-*"),
        ("card_rights.toml", '"card.ddf1.ef05.no-rewrite"', '"card.ddf1.ef5.no-rewrite"', "same_as", "ef5"),
        (
            "card_answers.toml",
            '"card.extauth.verifies"',
            '"card.extauth.verify"',
            "needs",
            "card.extauth.verify",
        ),
        (
            "card_rights.toml",
            'zh = "仅 DDF1/EF05 可自由读，其他文件均有读控密钥。"\n',
            "",
            "card.access.only-ef05-free",
            "zh is missing",
        ),
        (
            "card_rights.toml",
            'zh = "仅 DDF1/EF05 可自由读，其他文件均有读控密钥。"',
            'zh = " "',
            "card.access.only-ef05-free",
            "empty in one of the languages",
        ),
        (
            "card_documents.toml",
            'why.zh = "未按注册规则的标识符可能与其他卡冲突。"',
            'why.zh = ""',
            "ref.gbt16649-5",
            "empty in one of the languages",
        ),
        (
            "card_documents.toml",
            'not_testable = "radio"',
            'not_testable = "radar"',
            "ref.iso14443",
            "no reason radar",
        ),
        ("card_documents.toml", 'actor = "card"\n', "", "card_documents.toml", "whom it binds"),
        ("card_documents.toml", 'level = "shall"', 'level = "must"', "level", "must"),
        ("families.toml", 'each = "applications"', 'each = "programs"', "each", "no selection programs"),
        ("families.toml", "{directory.name}", "{directory.label}", "en", "{directory.label}"),
        ("families.toml", "{place.id}.type", "{spot.id}.type", "id", "{spot.id}"),
        ("families.toml", 'source_of = "file.kind"', 'source_of = "file.colour"', "source_of", "file.colour"),
        ("families.toml", 'source_of = "file.kind"\n', "", "families.toml", "either source_of or sources"),
        ("card_answers.toml", 'answers = ["mac-wrong"', 'answers = ["mac-odd"', "answers", "no status word mac-odd"),
        ("families.toml", "sources = { DDF1", "sources = { DDF7", "sources", "DDF7"),
        ("families.toml", 'level = "shall"\n', "", "families.toml", "level"),
        ("reasons.toml", 'zh = "它涉及芯片内部，任何命令都无法显示。"\n', "", "reasons.toml", "zh"),
    ],
)
def test_a_mistake_is_refused_by_place_and_reason(
    tables: Path, table: str, old: str, new: str, where: str, says: str
) -> None:
    change(tables / table, old, new)
    error = refusal(tables)
    assert where in error.where
    assert says in error.problem.en
    assert error.problem.zh != error.problem.en
    assert error.remedy.en.endswith(".")
    assert error.remedy.zh != error.remedy.en


def test_a_relation_to_a_row_that_the_profile_leaves_out_falls_away(tables: Path) -> None:
    condition = '\nonly = { switch = "inpatient-files", values = ["five"] }\nsource = "REV2 item 22"'
    change(tables / "card_structure.toml", '\nsource = "REV2 item 22"', condition)
    change(
        tables / "card_rights.toml",
        'same_as = ["card.ddf1.ef07.*-needs-*"',
        'same_as = ["card.structure.ddf1-ef07-ef08"',
    )
    catalogue = read(load(), tables)
    assert "card.structure.ddf1-ef07-ef08" not in catalogue
    assert "card.structure.ddf1-ef07-ef08" not in catalogue["card.access.table-has-ef07-ef08"].same_as


def awaited_refusal(tables: Path) -> StandardError:
    with pytest.raises(StandardError) as caught:
        read_awaited(load(), tables)
    return caught.value


@pytest.mark.parametrize(
    ("old", "new", "where", "says"),
    [
        ("back-end.settle-outpatient.verify,", "back-end.settle-inpatient.verify,", "id", "stands already in"),
        ("APP11 6.4.3.3 (5),", "APP99 6.4.3.3 (5),", "source", "APP99 is unknown"),
        (",shall,", ",must,", "level", "must"),
        ("后台验证住院记录签名的有效性，并返回结果。", "", "zh", "zh is missing"),
        ("后台验证住院记录签名的有效性，并返回结果。", " ", "en, zh", "empty in one of the languages"),
        (",back-end,back-end,", ",back-end,,", "suite", "suite is missing"),
        ("id,source,", "id,origin,", "origin", "origin is unknown"),
    ],
)
def test_a_mistake_among_the_awaited_rows_is_refused_as_strictly(
    tables: Path, old: str, new: str, where: str, says: str
) -> None:
    change(tables / "awaited_back_end.csv", old, new)
    error = awaited_refusal(tables)
    assert error.where.startswith("awaited_back_end.csv, line")
    assert where in error.where
    assert says in error.problem.en


def test_an_awaited_id_stands_in_one_table_only(tables: Path) -> None:
    (tables / "awaited_reader.csv").write_bytes((tables / "awaited_back_end.csv").read_bytes())
    assert "stands already in awaited_back_end.csv" in awaited_refusal(tables).problem.en
