"""The tables of the electronic card against the documents, and their loader against mistakes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reference.standard import StandardError, load
from reference.standard.ecard import EcardTables, load_ecard
from reference.standard.ecard.loader import KINDS, SHIPPED
from reference.standard.rows import Basis


@pytest.fixture(scope="module")
def tables() -> EcardTables:
    return load_ecard()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the tables that a test may spoil."""
    for name in ("documents.toml", *KINDS):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(SHIPPED / name, tmp_path / name)
    return tmp_path


def spoil(own: Path, name: str, old: str, new: str) -> None:
    path = own / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_code_tables_have_the_values_of_the_documents(tables: EcardTables) -> None:
    def values(table: str) -> str:
        return " ".join(tables.codes[table])

    assert values("sex") == "0 1 2 9"
    assert values("ethnic-group").split() == [f"{number:02}" for number in range(1, 57)] + ["99"]
    assert values("relation") == "0 1 2 3 4 5 6 7 8"
    assert values("application-mode") == "1 2 3 4 5 6 7 8 9"
    assert values("channel") == "01 02 99"
    assert values("channel-tencent") == "0100 0200 0300 0401 0402"
    assert values("payment-account-type") == "0 1 2 3 4 5 9"
    assert values("visit-type") == "I O E H T"
    assert values("department-type") == "1 2 3 4 5 6 7 8 9 10"
    assert values("qr-type") == "0 1"
    assert values("cost-type") == "0000 0100 0200 0300"
    assert values("person-type") == "1 2"
    assert values("card-type") == "0 1"
    assert " ".join(tables.id_types) == "01 02 03 04 05 06 07 08 99"


def test_the_diagnosis_steps_are_those_of_qinghai_refined_by_tencent(tables: EcardTables) -> None:
    steps = tables.codes["diagnosis-step"]
    assert {step for step, row in steps.items() if row.source.document == "EC-QH"} == {
        "000000",
        *(f"01010{number}" for number in range(1, 8)),
    }
    assert steps["0101012"].source.document == "EC-TX"
    assert steps["010105"].title.zh == "收费"


def test_ethnic_groups_are_those_of_the_card(tables: EcardTables) -> None:
    card = {row.value: row.title for row in load().codes["ethnic-group"]}
    ecard = {value: row.title for value, row in tables.codes["ethnic-group"].items() if value != "99"}
    assert ecard == card


def test_the_limits_are_those_of_the_documents(tables: EcardTables) -> None:
    assert {
        name: tables.limit(name)
        for name in ("dynamic-validity-seconds", "dynamic-code-uses", "family-members", "batch-register")
    } == {"dynamic-validity-seconds": 120, "dynamic-code-uses": 1, "family-members": 5, "batch-register": 15}
    assert (tables.limit("batch-use-records"), tables.limit("qr-image-pixels")) == (500, 200)
    assert tables.limit("timestamp-window-seconds") == 15 * 60
    assert tables.limits["dynamic-validity-seconds"].source.basis is Basis.DECISION
    assert tables.limits["batch-use-records"].source.basis is Basis.FIELD


@pytest.mark.parametrize("seconds", [60, 120, 300])
def test_a_setting_within_its_range_is_taken(tables: EcardTables, seconds: int) -> None:
    assert tables.limit_within("dynamic-validity-seconds", seconds) == seconds


@pytest.mark.parametrize("seconds", [59, 301])
def test_a_setting_outside_its_range_is_refused(tables: EcardTables, seconds: int) -> None:
    with pytest.raises(StandardError, match=f"{seconds} is outside 60 to 300. Choose a value of that range"):
        tables.limit_within("dynamic-validity-seconds", seconds)


def test_an_unknown_limit_is_named(tables: EcardTables) -> None:
    with pytest.raises(StandardError, match=r"there is no row speed\. Use one of: app-token-seconds"):
        tables.limit("speed")


def test_what_the_sources_leave_open_is_marked_as_a_decision(tables: EcardTables) -> None:
    assert tables.id_types["03"].source_of("pattern").basis is Basis.DECISION
    assert tables.id_types["03"].source_of("value").basis is Basis.FIELD
    assert tables.qr_layouts["sichuan-dynamic"].source.basis is Basis.DECISION
    assert tables.qr_layouts["gansu-bare"].source_of("kind").basis is Basis.DECISION


def test_the_same_question_gets_the_same_tables(tables: EcardTables) -> None:
    assert load_ecard() is tables


def test_a_corrected_table_changes_row_and_digest(tables: EcardTables, own: Path) -> None:
    spoil(own, "ecard/limits.toml", "value = 120", "value = 90")
    corrected = load_ecard(own)
    assert corrected.limit("dynamic-validity-seconds") == 90
    assert corrected.digest != tables.digest


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("ecard/limits.toml", "value = 120", "value = 400", "400 is outside 60 to 300"),
        ("ecard/limits.toml", 'id = "family-members"', 'id = "batch-register"', "two rows called batch-register"),
        ("ecard/limits.toml", 'unit = "px"', 'unit = "mm"', "the value does not fit"),
        ("ecard/limits.toml", "EC-QH 3.3: PNG", "EC-XX 3.3: PNG", "the document EC-XX is unknown"),
        ("ecard/codes.csv", "sex,1,male", "sex,0,male", "two rows called sex 0"),
        ("ecard/qr_layouts.toml", "{card-id}:0:{token}", "{card-id}:0:{coin}", "it names coin, which no table has"),
        ("ecard/qr_layouts.toml", 'accepts = ["national-dynamic"', 'accepts = ["lost"', "it names lost"),
        ("ecard/qr_layouts.toml", 'pattern = "[0-9]{2}"', 'pattern = "[0-9{2}"', "this is not a regular expression"),
        ("ecard/states.toml", 'after = "certified"', 'after = "gone"', "transition account register: it names gone"),
        ("ecard/states.toml", 'event = "refuse"', 'event = "approve"', "there are two rows called"),
        ("ecard/states.toml", "[[number]]", "[[figure]]", "the heading figure is unknown"),
        ("ecard/id_types.csv", ",citizen,", ",guess,", "the value does not fit"),
        ("documents.toml", 'id = "EC-QH"\nbasis = "field"', 'id = "EC-QH"\nbasis = "rumour"', "rumour"),
    ],
)
def test_a_mistake_in_a_table_is_named(own: Path, name: str, old: str, new: str, told: str) -> None:
    spoil(own, name, old, new)
    with pytest.raises(StandardError) as caught:
        load_ecard(own)
    assert told in str(caught.value)


def test_a_missing_table_is_named(own: Path) -> None:
    (own / "ecard/states.toml").unlink()
    with pytest.raises(StandardError, match=r"ecard/states\.toml: the table is missing"):
        load_ecard(own)
