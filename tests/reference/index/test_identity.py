"""An identity has one canonical form, whatever form of number the document shows; broken ones are refused by name."""

from __future__ import annotations

import pytest

from reference.index.errors import IdentityRefused
from reference.index.identity import Identity, canonical, number_forms
from tests.reference.index.people import number, resident


def test_the_index_id_is_that_of_the_published_derivation() -> None:
    child = canonical(Identity(id_type="01", id_number="11010020171225006X", name="测试甲"))
    assert child.index_id == "C3CABF018DF969CF18C51728CC07252FD99AFD85115862A8A7246D2C80607C87"


def test_both_forms_of_a_citizen_number_give_one_index_id() -> None:
    long, short = number(birthday="19550307"), "110101550307101"
    assert canonical(resident(id_number=short)).index_id == canonical(resident(id_number=long)).index_id
    assert number_forms(short) == (short, long)
    assert number_forms("E1234567") == ("E1234567",)


def test_birthday_and_sex_are_read_from_the_citizen_number() -> None:
    found = canonical(resident(sex="9"))
    assert (found.birthday, found.sex) == ("19900307", "1")
    assert canonical(resident(birthday="19900308", sex="2")).birthday == "19900308"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id_number": "11010020171225006x"}, "id_number"),
        ({"id_number": "110100201712250061"}, "id_number"),
        ({"id_number": "11010199020010"}, "id_number"),
        ({"id_type": "01", "id_number": ""}, "id_number"),
        ({"id_type": "77"}, "id_type"),
        ({"id_type": "03", "id_number": "e1234567"}, "id_number"),
        ({"name": "  "}, "name"),
        ({"name": "王" * 101}, "name"),
        ({"name": "王\x00明"}, "name"),
        ({"sex": "x"}, "sex"),
        ({"birthday": "19900230"}, "birthday"),
        ({"phone": "1" * 21}, "phone"),
    ],
)
def test_a_broken_field_is_named_in_both_languages(changes: dict[str, str], field: str) -> None:
    with pytest.raises(IdentityRefused) as refused:
        canonical(resident(**changes))
    assert field in refused.value.text.en
    assert field in refused.value.text.zh


def test_a_refusal_does_not_repeat_the_number() -> None:
    with pytest.raises(IdentityRefused) as refused:
        canonical(resident(id_number="11010020171225006x"))
    assert "11010020171225006" not in str(refused.value)
