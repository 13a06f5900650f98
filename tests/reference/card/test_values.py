"""Element values and bytes, both ways: every element of two profiles, the edges of each kind, and what is refused."""

from __future__ import annotations

import datetime
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.card.elements import UnfitValue
from reference.card.values import Coded, Kind, Value, decode, empty, encode, kind_of, listed, may_be_empty, stated
from reference.standard import Standard, load
from reference.standard.rows import Element, ElementType
from tests.reference.card.drawn_values import drawn_value

NATIONAL, FIELD = load("national-2012"), load("field-2013")
EVERY = [
    (standard, element)
    for standard in (NATIONAL, FIELD)
    for path in standard.files
    for element in standard.elements(path)
]
KINDS = {(kind_of(e), e.type, e.length, e.codes, standard.profile.id): (standard, e) for standard, e in EVERY}
"""One element of each kind, type, length and code table."""
BEIJING = datetime.timezone(datetime.timedelta(hours=8))


def named(file: str, id: str) -> Element:
    """An element of the national profile."""
    return NATIONAL.element(f"DDF1/{file}", id)


NAME, SEX, BIRTH = (named("EF06", id) for id in ("name", "sex", "birth-date"))
PHONE, PHOTO = named("EF08", "own-phone-1"), named("EF07", "photo")
ISSUER, CERTIFICATE = named("EF05", "issuer-code"), named("EF05", "issuer-certificate")
RELATION, DOCUMENT = named("DF01/EF06", "contact-relation-1"), named("DF01/EF08", "document-type")
ASTHMA, INDEX = named("DF02/EF05", "asthma"), named("DF03/EF05", "flag")
VISIT, FEE, SMALL_FEE = (
    named("DF03/ED01", "visit-time"),
    named("DF03/EE01", "total-fee"),
    named("DF03/ED01", "fee-1.amount"),
)


def moment(written: str) -> datetime.datetime:
    """A local date and time, without zone."""
    return datetime.datetime.fromisoformat(written)


@pytest.mark.parametrize(("standard", "element"), KINDS.values(), ids=map(str, KINDS))
@settings(deadline=None)
@given(seed=st.integers(min_value=0))
def test_a_value_goes_there_and_back(standard: Standard, element: Element, seed: int) -> None:
    value = drawn_value(Random(seed), standard, element)
    raw = encode(standard, element, value)
    assert len(raw) == element.length
    assert decode(standard, element, raw) == value


@settings(deadline=None)
@given(data=st.data())
def test_any_bytes_are_a_value_or_a_fault_that_names_the_element(data: st.DataObject) -> None:
    standard, element = data.draw(st.sampled_from(list(KINDS.values())))
    raw = data.draw(st.binary(min_size=element.length, max_size=element.length))
    fault = None
    try:
        value = decode(standard, element, raw)
    except UnfitValue as unfit:
        fault = unfit
    if fault is None:
        assert (value is None) == (may_be_empty(standard, element) and raw == empty(element))
    else:
        assert fault.element == element
        assert fault.reason.zh != fault.reason.en


def test_padding_alone_is_nothing_stated_except_where_00_is_a_value() -> None:
    without = {
        (e.file.rpartition("/")[0], e.content or e.codes) for standard, e in EVERY if not may_be_empty(standard, e)
    }
    assert {meaning for _, meaning in without} == {"flag", "sex", "record-flag"}
    for standard, element in EVERY:
        if may_be_empty(standard, element):
            assert encode(standard, element, None) == empty(element)
            assert decode(standard, element, empty(element)) is None
        else:
            with pytest.raises(UnfitValue, match="no value is given"):
                encode(standard, element, None)


@pytest.mark.parametrize(
    ("element", "value", "raw"),
    [
        (NAME, "省" * 15, "CAA1" * 15),
        (NAME, "A" * 30, "41" * 30),
        (NAME, "𠀀", "95328236" + "00" * 26),
        (NAME, "䶮", "FE9F" + "00" * 28),
        (NAME, "", "00" * 30),
        (PHONE, "037100000001", b"037100000001".hex() + "00" * 8),
        (ISSUER, "12345", "12345F" + "FF" * 8),
        (ISSUER, "9" * 22, "99" * 11),
        (BIRTH, datetime.date(1949, 12, 31), "19491231"),
        (BIRTH, datetime.date(1, 1, 1), "00010101"),
        (VISIT, moment("2013-04-01T08:30:00"), "20130401083000"),
        (ASTHMA, True, "01"),
        (ASTHMA, False, "00"),
        (SEX, Coded("02", NATIONAL.codes["sex"][2].title), "02"),
        (INDEX, "FF", "FF"),
        (RELATION, "01", "01"),
        (RELATION, "1", "1F"),
        (RELATION, "0", "0F"),
        (DOCUMENT, "99", "99"),
        (FEE, Decimal("123.45"), "12345FFFFF"),
        (FEE, Decimal("0"), "0FFFFFFFFF"),
        (FEE, Decimal("99999999.99"), "9999999999"),
        (SMALL_FEE, Decimal("18.6"), "1860FFFF"),
        (PHOTO, b"JPEG", "00044A504547" + "00" * 3068),
        (PHOTO, b"x" * 3072, "0C00" + "78" * 3072),
    ],
)
def test_a_value_is_coded_as_the_card_has_it(element: Element, value: Value, raw: str) -> None:
    assert encode(NATIONAL, element, value).hex().upper() == raw.upper()


@pytest.mark.parametrize(
    ("amount", "raw"),
    [("123.45", "123A45FFFF"), ("0", "0A00FFFFFF"), ("1234567.89", "1234567A89"), ("18.6", "18A60FFFFF")],
)
def test_the_profile_decides_how_amounts_are_written(amount: str, raw: str) -> None:
    assert encode(FIELD, FEE, Decimal(amount)).hex().upper() == raw
    assert decode(FIELD, FEE, bytes.fromhex(raw)) == Decimal(amount)


def test_amounts_are_read_with_and_without_the_point_where_the_profile_has_it() -> None:
    assert decode(FIELD, FEE, bytes.fromhex("123FFFFFFF")) == Decimal("123.00")
    assert decode(FIELD, FEE, bytes.fromhex("123A4FFFFF")) == Decimal("123.40")
    assert decode(NATIONAL, FEE, bytes.fromhex("123FFFFFFF")) == Decimal("1.23")


@pytest.mark.parametrize(
    ("element", "value", "says"),
    [
        (NAME, "省" * 15 + "A", "31 bytes do not fit into 30"),
        (NAME, "A" * 29 + "省", "31 bytes do not fit into 30"),
        (NAME, "A\x00B", "control character '\\x00'"),
        (NAME, "\x1b[2J", "control character '\\x1b'"),
        (NAME, "a\u202eb", "control character '\\u202e'"),
        (NAME, "\ud800", "cannot be coded"),
        (NAME, 5, "5 is not a value of its kind, str"),
        (PHONE, "0371-1", "'0371-1' is not made of digits"),
        (PHONE, "１", "not made of digits"),
        (ISSUER, "9" * 23, "12 bytes do not fit into 11"),
        (BIRTH, "19491231", "'19491231' is not a value of its kind, date"),
        (BIRTH, moment("1949-12-31T00:00"), "is not a value of its kind, date"),
        (VISIT, datetime.date(2013, 4, 1), "is not a value of its kind, datetime"),
        (VISIT, moment("2013-04-01T08:30:00.000001"), "more than date, hours, minutes and seconds"),
        (VISIT, moment("2013-04-01T08:00").replace(tzinfo=BEIJING), "2013-04-01T08:00:00+08:00 is more than"),
        (ASTHMA, "01", "is not a value of its kind, bool"),
        (SEX, "03", "'03' is not in the code table sex"),
        (SEX, Coded("03"), "'03' is not in the code table sex"),
        (INDEX, "01", "'01' is not in the code table record-flag"),
        (FEE, Decimal("0.001"), "0.001 is not an amount of whole fen"),
        (FEE, Decimal("-1"), "-1 is not an amount"),
        (FEE, Decimal("NaN"), "NaN is not an amount"),
        (FEE, Decimal("1E+40"), "1E+40 does not fit into 10 half bytes"),
        (FEE, Decimal("100000000"), "100000000 does not fit into 10 half bytes"),
        (FEE, 5, "is not a value of its kind, Decimal"),
        (PHOTO, b"x" * 3073, "3073 bytes do not fit into 3072"),
        (CERTIFICATE, b"x" * 179, "179 bytes instead of 180"),
    ],
)
def test_what_does_not_fit_is_refused_and_never_cut(element: Element, value: Value, says: str) -> None:
    with pytest.raises(UnfitValue) as refusal:
        encode(NATIONAL, element, value)
    assert says in refusal.value.reason.en
    assert f"{element.file} {element.id}: " in str(refusal.value)


@pytest.mark.parametrize(
    ("element", "raw", "says"),
    [
        (NAME, "41" * 29 + "CA", "not text in GB 2312"),
        (NAME, "FF" * 30, "not text in GB 2312"),
        (NAME, "4100" * 15, "control character"),
        (NAME, "41", "1 bytes instead of 30"),
        (ISSUER, "1A" + "FF" * 10, "'1A' is not made of digits"),
        (ISSUER, "1F1F" + "FF" * 9, "'1F1' is not made of digits"),
        (PHONE, b"0371-1".hex() + "00" * 14, "'0371-1' is not made of digits"),
        (BIRTH, "00000000", "00000000 is not a date"),
        (BIRTH, "20130229", "20130229 is not a date"),
        (BIRTH, "201302FF", "201302 is not a date"),
        (VISIT, "20130401240000", "20130401240000 is not a date and time"),
        (VISIT, "20130401FFFFFF", "20130401 is not a date and time"),
        (VISIT, "20130431083000", "20130431083000 is not a date and time"),
        (ASTHMA, "02", "02 is neither 00 (no) nor 01 (yes)"),
        (FEE, "123A45FFFF", "'123A45' is not made of digits"),
        (PHOTO, "0C01" + "78" * 3072, "its length says 3073, not 1 to 3072 bytes"),
        (PHOTO, "0000" + "78" * 3072, "its length says 0"),
    ],
)
def test_bytes_that_are_no_value_are_told(element: Element, raw: str, says: str) -> None:
    with pytest.raises(UnfitValue) as refusal:
        decode(NATIONAL, element, bytes.fromhex(raw))
    assert says in refusal.value.reason.en


@pytest.mark.parametrize("raw", ["123A", "A5FF", "1A2A3F", "1A234F", "1B2FFF"])
def test_a_wrong_point_is_no_amount(raw: str) -> None:
    with pytest.raises(UnfitValue, match="is not an amount"):
        decode(FIELD, FEE, bytes.fromhex(raw).ljust(5, b"\xff"))


def test_a_code_that_the_table_has_not_got_is_read_without_a_meaning() -> None:
    assert decode(NATIONAL, SEX, b"\x07") == Coded("07", None)
    assert decode(NATIONAL, RELATION, b"\x55") == Coded("55", None)


@pytest.mark.parametrize("raw", ["01", "1F"])
def test_one_digit_codes_are_read_with_and_without_a_leading_zero(raw: str) -> None:
    value = decode(NATIONAL, RELATION, bytes.fromhex(raw))
    assert isinstance(value, Coded)
    assert value.title is not None
    assert value.title.zh == "配偶"
    assert encode(NATIONAL, RELATION, value).hex().upper() == raw


def test_every_word_of_the_content_column_has_a_kind() -> None:
    words = {(element.content, kind_of(element)) for _, element in EVERY if element.content}
    assert words == {
        ("date", Kind.DATE),
        ("date-time", Kind.DATE_TIME),
        ("flag", Kind.FLAG),
        ("amount", Kind.AMOUNT),
        ("digits", Kind.DIGITS),
    }
    assert {element.type for _, element in EVERY if kind_of(element) is Kind.CODE} == set(ElementType)


@pytest.mark.parametrize(
    ("element", "raw", "expected"),
    [
        (SEX, "02", True),
        (SEX, "03", False),
        (RELATION, "01", True),
        (RELATION, "1F", True),
        (RELATION, "FF", True),
        (RELATION, "09", False),
        (RELATION, "AB", False),
        (ASTHMA, "00", True),
        (ASTHMA, "02", False),
    ],
)
def test_a_listed_code_is_told_from_another_whichever_way_it_is_written(
    element: Element, raw: str, expected: bool
) -> None:
    assert listed(NATIONAL, element, bytes.fromhex(raw)) is expected


@pytest.mark.parametrize("standard", [NATIONAL, FIELD])
def test_an_amount_is_stated_in_yuan_whatever_the_profile_writes(standard: Standard) -> None:
    assert decode(standard, FEE, stated(standard, FEE, "3571.10")) == Decimal("3571.10")
    assert stated(standard, FEE, "") == empty(FEE)


@pytest.mark.parametrize("text", ["12,50", "yuan", "1.005"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(UnfitValue):
        stated(NATIONAL, FEE, text)


def test_other_values_are_stated_as_they_stand() -> None:
    assert stated(NATIONAL, BIRTH, "19491231").hex() == "19491231"
