"""The rules of a person's fields: what is refused, with the field at fault, and the one form of what passes."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.accounts.fields import check_words, checked
from reference.accounts.tables import facts, forms
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Child, Person
from reference.standard.ecard import load_ecard
from tests.platform import citizen, citizen_number
from tests.reference.accounts.cards import refused

TODAY = "20260101"


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"id_type": ""}, "request.empty-field", "id_type"),
        ({"id_number": ""}, "request.empty-field", "id_number"),
        ({"name": ""}, "request.empty-field", "name"),
        ({"name": "<测试>"}, "request.forbidden-character", "name"),
        ({"name": "测'试' OR 1=1 --"}, "request.forbidden-character", "name"),
        ({"name": "测试\x00"}, "request.forbidden-character", "name"),
        ({"name": " 测试"}, "request.field-malformed", "name"),
        ({"name": "测" * 51}, "request.field-too-long", "name"),
        ({"address": "号" * 257}, "request.field-too-long", "address"),
        ({"phone": "not a phone"}, "request.field-malformed", "phone"),
        ({"id_type": "77"}, "person.unknown-id-type", "id_type"),
        ({"id_number": "99000019900101005x"}, "person.id-number-lower-case", "id_number"),
        ({"id_number": "990000199001010018"}, "person.check-digit", "id_number"),
        ({"id_number": "1"}, "person.id-number-malformed", "id_number"),
        ({"birthday": "19900102"}, "person.birthday-differs", "birthday"),
        ({"birthday": "19900231"}, "person.birthday-malformed", "birthday"),
        ({"birthday": "20990101"}, "person.birthday-malformed", "birthday"),
        ({"sex": "2"}, "person.sex-differs", "sex"),
        ({"sex": "7"}, "person.unknown-code", "sex"),
        ({"nation": "58"}, "person.unknown-code", "nation"),
    ],
)
def test_a_field_out_of_order_is_refused(fields: dict[str, str], reason: str, field: str) -> None:
    with refused(reason, field):
        checked(msgspec.structs.replace(citizen(), **fields), TODAY, load_ecard())


def test_birthday_and_sex_come_from_the_citizen_number() -> None:
    person = checked(citizen(sex="9"), TODAY, load_ecard())
    assert (person.birthday, person.sex) == ("19900101", "1")


def test_what_is_in_its_one_form_stays_as_it_is() -> None:
    once = checked(citizen(phone="13800000000", nation="01", address="某市某路1号"), TODAY, load_ecard())
    assert checked(once, TODAY, load_ecard()) == once


def test_a_passport_holder_has_the_fields_that_were_given() -> None:
    person = Person(id_type="03", id_number="E00000000", name="TEST PERSON", nationality="USA")
    assert checked(person, TODAY, load_ecard()) == msgspec.structs.replace(person, sex="0")


def test_a_child_without_a_number_of_its_own_needs_a_birthday() -> None:
    newborn = Person(id_type="08", id_number="A000000001", name="测试之子", sex="1")
    with refused("request.empty-field", "birthday"):
        checked(newborn, TODAY, load_ecard(), Child())


@pytest.mark.parametrize("child", [Child(), Child(multiple_birth=True, birth_order=3)])
def test_the_order_behind_a_parents_number_must_be_the_childs(child: Child) -> None:
    number = citizen_number(1) + "z-2"
    person = Person(id_type="99", id_number=number, name="测试之子", sex="1", birthday="20251231")
    with refused("person.id-number-malformed", "id_number"):
        checked(person, TODAY, load_ecard(), child)


def test_an_adult_has_no_parents_number() -> None:
    person = Person(id_type="99", id_number=citizen_number(1) + "z", name="测试", sex="1", birthday="20000101")
    with refused("person.id-number-malformed"):
        checked(person, TODAY, load_ecard(), Child())


@given(st.text(max_size=40))
def test_any_text_passes_or_is_refused(text: str) -> None:
    allowed = text.isprintable() and not set(text) & set(facts().characters.forbidden) and len(text) <= 30
    if allowed:
        check_words("field", text, 30)
    else:
        with pytest.raises(Refusal) as caught:
            check_words("field", text, 30)
        assert caught.value.field == "field"


def test_every_form_names_a_field_and_a_table_that_there_is() -> None:
    for form in forms().values():
        assert form.id in Person.__struct_fields__
        assert bool(form.pattern) != bool(form.code_table)
        assert not form.code_table or form.code_table in load_ecard().codes
