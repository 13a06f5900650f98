"""What the console shows unasked never gives away a name, a number or a phone, however short."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.ecard.verbs import Person
from reference.gateway.console.masking import masked, name, number, phone
from tests.platform import citizen


@pytest.mark.parametrize(
    ("mask", "text", "shown"),
    [
        (name, "测试", "测*"),
        (name, "", ""),
        (number, "11010020171225006X", "1101**********006X"),
        (number, "E12345678", "E123*5678"),
        (number, "12345678", "******78"),
        (number, "12", "**"),
        (phone, "13800000001", "138****0001"),
        (phone, "", ""),
    ],
)
def test_a_mask_shows_its_ends_alone(mask: Callable[[str], str], text: str, shown: str) -> None:
    assert mask(text) == shown


@given(st.text(min_size=1, max_size=40))
def test_a_mask_keeps_the_length_and_hides_something(text: str) -> None:
    for mask in (number, phone):
        shown = mask(text)
        assert len(shown) == len(text)
        assert "*" in shown
    assert name(text)[1:] == "*" * (len(text) - 1)


def test_every_field_but_type_and_sex_is_hidden() -> None:
    person = citizen(phone="13800000001", address="演示路1号", employer="演示公司", birthday="19900101", sex="1")
    shown = masked(person)
    assert (shown.id_type, shown.sex) == ("01", "1")
    told = [getattr(person, field) for field in Person.__struct_fields__ if field not in ("id_type", "sex")]
    assert not {value for value in told if value} & {getattr(shown, field) for field in Person.__struct_fields__}
    assert (shown.address, shown.employer, shown.telephone) == ("****", "****", "")
