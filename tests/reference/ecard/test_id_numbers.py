"""Numbers of documents: citizen numbers, children, newborns, and the other types."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.ecard import id_numbers
from reference.ecard.id_numbers import (
    check_character,
    check_child,
    check_id_number,
    check_newborn,
    child_number,
    citizen_number,
    to_eighteen,
)
from reference.ecard.ids import IdNumberRefused, LowerCaseIdNumber
from reference.standard.ecard import load_ecard

PERSON = "990000199001010017"
PARENT_BORN_1970 = "990000197001010018"


@st.composite
def citizen_numbers(draw: st.DrawFn) -> tuple[str, date]:
    """A right citizen number of the test region, and its birthday."""
    birthday = draw(st.dates(date(1900, 1, 1), date(2026, 1, 1)))
    first17 = f"990000{birthday:%Y%m%d}{draw(st.integers(0, 999)):03}"
    return first17 + check_character(first17), birthday


def test_the_published_number_has_its_check_character() -> None:
    assert check_character("11010020171225006") == "X"
    assert citizen_number("11010020171225006X").birthday == "20171225"


@given(citizen_numbers())
def test_a_right_number_tells_region_birthday_and_sex(drawn: tuple[str, date]) -> None:
    number, birthday = drawn
    read = citizen_number(number)
    assert (read.number, read.region, read.province) == (number, "990000", "99")
    assert read.birthday == f"{birthday:%Y%m%d}"
    assert read.sex == ("1" if int(number[16]) % 2 else "2")


@given(citizen_numbers(), st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_found(drawn: tuple[str, date], place: int, digit: str) -> None:
    number = drawn[0]
    wrong = number[:place] + digit + number[place + 1 :]
    if wrong != number:
        with pytest.raises(IdNumberRefused):
            citizen_number(wrong)


@given(citizen_numbers(), st.integers(0, 16))
def test_two_neighbours_exchanged_are_always_found(drawn: tuple[str, date], place: int) -> None:
    number = drawn[0]
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if wrong != number:
        with pytest.raises(IdNumberRefused):
            citizen_number(wrong)


@given(citizen_numbers())
def test_the_old_number_becomes_the_new_one(drawn: tuple[str, date]) -> None:
    number, birthday = drawn
    if birthday.year < 2000 and number[14:17] < "996":
        old = number[:6] + number[8:17]
        assert to_eighteen(old) == number
        assert citizen_number(old).number == number


def test_the_last_sequence_numbers_of_old_numbers_mean_the_century_before() -> None:
    assert to_eighteen("990000950101996")[6:10] == "1895"
    assert to_eighteen("990000950101995")[6:10] == "1995"


@pytest.mark.parametrize(
    ("number", "refused", "id"),
    [
        ("", id_numbers.WrongIdNumberLength, "person.id-number-malformed"),
        (PERSON[:-1], id_numbers.WrongIdNumberLength, "person.id-number-malformed"),
        (PERSON + "1", id_numbers.WrongIdNumberLength, "person.id-number-malformed"),
        ("11010020171225006x", LowerCaseIdNumber, "person.id-number-lower-case"),
        ("X9000019900101001X", id_numbers.IdNumberCharacters, "person.id-number-malformed"),
        ("９90000199001010017", id_numbers.IdNumberCharacters, "person.id-number-malformed"),
        ("99000019900101001", id_numbers.WrongIdNumberLength, "person.id-number-malformed"),
        ("99000090010100X", id_numbers.IdNumberCharacters, "person.id-number-malformed"),
        ("980000199001010017", id_numbers.UnknownRegion, "person.id-number-malformed"),
        ("990000199002300017", id_numbers.ImpossibleBirthday, "person.id-number-malformed"),
        ("990000000001010017", id_numbers.ImpossibleBirthday, "person.id-number-malformed"),
        ("990000199001010018", id_numbers.WrongCheckCharacter, "person.check-digit"),
        ("99000019900101001X", id_numbers.WrongCheckCharacter, "person.check-digit"),
    ],
)
def test_a_wrong_citizen_number_is_refused_for_its_own_reason(
    number: str, refused: type[IdNumberRefused], id: str
) -> None:
    with pytest.raises(IdNumberRefused) as caught:
        citizen_number(number)
    assert type(caught.value) is refused
    assert (caught.value.id, caught.value.field) == (id, "id_number")
    assert not number or number not in caught.value.explained().zh


def test_nobody_is_born_tomorrow() -> None:
    assert citizen_number(PERSON, today="19900101").birthday == "19900101"
    with pytest.raises(id_numbers.ImpossibleBirthday):
        citizen_number(PERSON, today="19891231")


@pytest.mark.parametrize("number", ["99000090010100", "9900009001010012"])
def test_an_old_number_has_15_digits(number: str) -> None:
    with pytest.raises(id_numbers.WrongIdNumberLength):
        to_eighteen(number)
    with pytest.raises(id_numbers.IdNumberCharacters):
        to_eighteen("99000090010100X")


@pytest.mark.parametrize(("letter", "sex"), [("n", "2"), ("z", "1")])
def test_a_child_has_the_number_of_a_parent_and_a_letter(letter: str, sex: str) -> None:
    child = child_number(PERSON + letter)
    assert (child.parent.number, child.sex, child.number) == (PERSON, sex, PERSON + letter)
    check_child(child, sex, "20200101", "20260101")


def test_a_parent_may_have_an_old_number() -> None:
    assert child_number("990000900101001z").number == PERSON + "z"


@pytest.mark.parametrize("text", ["", PERSON, PERSON + "N", PERSON + "x", PERSON + "nn"])
def test_a_child_number_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(IdNumberRefused):
        child_number(text)


@pytest.mark.parametrize(
    ("sex", "birthday", "refused"),
    [
        ("1", "20200101", id_numbers.ChildSexDiffers),
        ("2", "20260102", id_numbers.ImpossibleBirthday),
        ("2", "20200230", id_numbers.ImpossibleBirthday),
        ("2", "19700101", id_numbers.ImpossibleBirthday),
        ("2", "20090101", id_numbers.ChildTooOld),
        ("2", "20081231", id_numbers.ChildTooOld),
    ],
)
def test_a_child_number_fits_its_child(sex: str, birthday: str, refused: type[IdNumberRefused]) -> None:
    child = child_number(PARENT_BORN_1970 + "n")
    with pytest.raises(refused):
        check_child(child, sex, birthday, "20260101")


def test_a_child_is_one_up_to_its_seventeenth_birthday() -> None:
    child = child_number(PARENT_BORN_1970 + "n")
    check_child(child, "2", "20090102", "20260101")
    assert id_numbers.age("20090102", "20260101") == load_ecard().limit("child-years")


@pytest.mark.parametrize("id_type", ["08", "99"])
def test_a_newborn_has_a_birth_certificate(id_type: str) -> None:
    check_newborn(id_type, "A000000001")
    with pytest.raises(id_numbers.NotABirthCertificate) as caught:
        check_newborn(id_type, "A00000001")
    assert caught.value.id == "person.id-number-malformed"


def test_a_newborn_has_no_passport() -> None:
    with pytest.raises(id_numbers.NotABirthCertificate):
        check_newborn("03", "A000000001")


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        ("01", PERSON),
        ("01", "990000900101001"),
        ("02", "110000123"),
        ("03", "E00000000"),
        ("04", "1234567"),
        ("05", "11010020171225006X"),
        ("05", "110000123456"),
        ("06", "H12345678"),
        ("06", "M1234567800"),
        ("07", "12345678"),
        ("08", "A000000001"),
        ("99", "A000000001"),
        ("99", "1" * 30),
    ],
)
def test_a_number_of_its_type_passes(id_type: str, number: str) -> None:
    check_id_number(id_type, number)
    assert len(number) <= load_ecard().id_types[id_type].max_length


@pytest.mark.parametrize(
    ("id_type", "number", "refused"),
    [
        ("00", "1", id_numbers.UnknownIdType),
        ("1", PERSON, id_numbers.UnknownIdType),
        ("01", "E00000000", id_numbers.WrongIdNumberLength),
        ("03", "e00000000", LowerCaseIdNumber),
        ("03", "E 0000000", id_numbers.IdNumberCharacters),
        ("03", "", id_numbers.IdNumberCharacters),
        ("03", "E" * 18, id_numbers.WrongIdNumberLength),
        ("04", "军字第1号", id_numbers.IdNumberCharacters),
        ("06", "K12345678", id_numbers.IdNumberCharacters),
        ("08", "0000000001", id_numbers.IdNumberCharacters),
        ("99", "1" * 31, id_numbers.WrongIdNumberLength),
        ("99", "1\n", id_numbers.IdNumberCharacters),
    ],
)
def test_a_number_that_its_type_has_not_is_refused(id_type: str, number: str, refused: type[IdNumberRefused]) -> None:
    with pytest.raises(IdNumberRefused) as caught:
        check_id_number(id_type, number)
    assert type(caught.value) is refused
