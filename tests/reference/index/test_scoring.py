"""Scores weigh what agrees and what does not; the tables of weights are held to their own rules."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.index.identity import canonical
from reference.index.scoring import needs_review, probability, score
from reference.index.tables import WEIGHTS, weights
from reference.standard import StandardError
from reference.standard.loader import SHIPPED
from tests.reference.index.people import number, resident

TABLE = weights()
HOME = {"phone": "13800138000", "address": "北京市东城区长安街1号"}


def test_a_wrong_character_of_the_name_leaves_a_pair_probable_with_its_reasons() -> None:
    found = score(canonical(resident("王小明", **HOME)), canonical(resident("王晓明", **HOME)), TABLE)
    assert found.probability > 0.99
    assert {(reason.field, reason.level) for reason in found.reasons} == {
        ("id_number", "exact"),
        ("birthday", "exact"),
        ("phone", "exact"),
        ("address", "exact"),
        ("name", "near"),
        ("sex", "exact"),
    }
    assert found.reasons[0].title.zh == "证件号码相同"


def test_two_persons_of_one_name_are_no_probable_match() -> None:
    other = resident("王小明", id_number=number("440106", "19720815", "033"), phone="13911112222")
    found = score(canonical(resident("王小明", **HOME)), canonical(other), TABLE)
    assert found.probability < 0.001
    assert not needs_review(found, TABLE)


def test_one_number_under_two_names_is_always_looked_at() -> None:
    one = resident("王小明", phone="13800138000", address="北京市东城区长安街1号", sex="1")
    other = resident("欧阳大红", phone="13911112222", address="广州市天河区体育路9号", sex="2")
    assert needs_review(score(canonical(one), canonical(other), TABLE), TABLE)


def test_members_of_one_household_are_no_probable_match() -> None:
    son = resident("王强", id_number=number(birthday="20150102", sequence="015"), **HOME)
    found = score(canonical(resident("王小明", **HOME)), canonical(son), TABLE)
    assert not needs_review(found, TABLE)


def test_numbers_of_different_documents_are_not_compared() -> None:
    passport = resident("王小明", id_type="03", id_number="E12345678", birthday="19900307", **HOME)
    found = score(canonical(resident("王小明", **HOME)), canonical(passport), TABLE)
    assert "id_number" not in {reason.field for reason in found.reasons}
    assert needs_review(found, TABLE)


@given(st.floats(-2000, 2000), st.floats(-2000, 2000))
def test_more_bits_are_never_less_probable(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= probability(low) <= probability(high) <= 1


def test_weights_fall_from_level_to_level_and_say_nothing_impossible() -> None:
    for field in {field for field, _ in TABLE.agreements}:
        rows = [row for (of, _), row in TABLE.agreements.items() if of == field]
        assert rows[0].weight == max(row.weight for row in rows) > 0 > rows[-1].weight
        assert all(0 < row.m < 1 and 0 < row.u < 1 for row in rows)


def test_shares_that_do_not_add_up_are_refused(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / "index", tmp_path / "index")
    table = tmp_path / WEIGHTS
    table.write_text(table.read_text(encoding="utf-8").replace("m = 0.93", "m = 0.53", 1), encoding="utf-8")
    with pytest.raises(StandardError, match=r"name.*the m of all levels add up to 0\.6"):
        weights(tmp_path)
