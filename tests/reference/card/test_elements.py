"""Data elements: every element of the standard codes and decodes its values; faults are found (APP11 table 3-1)."""

from __future__ import annotations

import datetime

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from reference.card.elements import (
    TEXT_ENCODING,
    UnfitValue,
    coding_fault,
    decode_value,
    encode_value,
    is_date,
    record_length,
    tagged_record,
    untagged_record,
)
from reference.standard import load
from reference.standard.rows import Element, ElementType, FileKind

STANDARD = load()
ELEMENTS = [element for rows in STANDARD.elements_by_file.values() for element in rows]
SHAPES = list({(e.type, e.length, e.content): e for e in reversed(ELEMENTS)}.values())
"""One element of every type, length and meaning: the coding depends on nothing else."""
ISSUER, HOLDER = "DDF1/EF05", "DDF1/EF06"
NAME = STANDARD.element(ISSUER, "issuer-name")
CODE = STANDARD.element(ISSUER, "issuer-code")
DATE = STANDARD.element(ISSUER, "issue-date")
SEX = STANDARD.element(HOLDER, "sex")


def values(element: Element) -> st.SearchStrategy[str]:
    """Values that the element can hold."""
    match element.type:
        case ElementType.ANS:
            letters = st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.characters(
                min_codepoint=0x4E00, max_codepoint=0x9FA5
            )
            return st.text(letters, max_size=element.length).filter(
                lambda text: len(text.encode(TEXT_ENCODING)) <= element.length
            )
        case ElementType.CN if element.content == "date":
            return st.dates(datetime.date(1000, 1, 1)).map(lambda day: day.strftime("%Y%m%d"))
        case ElementType.CN:
            return st.text("0123456789", max_size=2 * element.length)
        case ElementType.B:
            size = min(element.length, 300)
            return st.binary(min_size=size, max_size=size).map(
                lambda raw: (raw + bytes(element.length - size)).hex().upper()
            )


@settings(max_examples=50, deadline=None)
@pytest.mark.parametrize("element", SHAPES, ids=lambda element: element.requirement)
@given(data=st.data())
def test_a_value_comes_back_as_it_was_written(element: Element, data: st.DataObject) -> None:
    value = data.draw(values(element))
    raw = encode_value(element, value)
    assert len(raw) == element.length
    assert coding_fault(element, raw) is None
    assert decode_value(element, raw) == value


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: element.requirement)
def test_every_element_holds_nothing_and_a_whole_value(element: Element) -> None:
    whole = "2" * element.length if element.type is ElementType.ANS else "20121018" * element.length
    for value in ("", whole[: element.length * (1 if element.type is ElementType.ANS else 2)]):
        raw = encode_value(element, value)
        assert (len(raw), coding_fault(element, raw)) == (element.length, None)
        assert decode_value(element, raw) == (value or ("00" * element.length if element.type is ElementType.B else ""))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ELEMENTS), st.data())
def test_any_bytes_are_a_value_or_have_a_fault(element: Element, data: st.DataObject) -> None:
    raw = data.draw(st.binary(min_size=element.length, max_size=element.length))
    fault = coding_fault(element, raw)
    if fault is None:
        assert isinstance(decode_value(element, raw), str)
    else:
        with pytest.raises(UnfitValue) as unfit:
            decode_value(element, raw)
        assert unfit.value.reason == fault


def test_text_is_padded_with_zeros_and_digits_with_f() -> None:
    assert encode_value(NAME, "省") == "省".encode("gb2312") + bytes(28)
    assert encode_value(CODE, "41001") == bytes.fromhex("41001F" + "FF" * 8)
    assert encode_value(SEX, "01") == b"\x01"
    assert encode_value(CODE, "") == b"\xff" * 11


@pytest.mark.parametrize(
    ("element", "value", "reason"),
    [
        (NAME, "省" * 16, "32 bytes do not fit into 30"),
        (CODE, "1" * 23, "12 bytes do not fit into 11"),
        (CODE, "41A", "'41A' is not made of digits"),
        (CODE, "4１", "'4１' is not made of digits"),
        (SEX, "0102", "2 bytes do not fit into 1"),
        (SEX, "男", "cannot be coded"),
        (SEX, "1", "cannot be coded"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name_and_reason(element: Element, value: str, reason: str) -> None:
    with pytest.raises(UnfitValue) as unfit:
        encode_value(element, value)
    assert unfit.value.element is element
    assert reason in str(unfit.value)
    assert str(unfit.value).startswith(f"{element.file} {element.id}: ")


@pytest.mark.parametrize(
    ("element", "raw", "fault"),
    [
        (SEX, "", "0 bytes instead of 1"),
        (SEX, "0101", "2 bytes instead of 1"),
        (DATE, "20121A01", "20121A01 is not packed BCD padded with F"),
        (DATE, "2012F018", "2012F018 is not packed BCD padded with F"),
        (DATE, "20121301", "20121301 is not a date YYYYMMDD"),
        (DATE, "20130229", "20130229 is not a date YYYYMMDD"),
        (DATE, "201210FF", "201210 is not a date YYYYMMDD"),
        (DATE, "20121018", None),
        (DATE, "FFFFFFFF", None),
        (NAME, "FF" * 30, "the bytes are not text in GB 2312 or its extensions"),
        (NAME, "CA" + "00" * 29, "the bytes are not text in GB 2312 or its extensions"),
        (NAME, "00" * 30, None),
    ],
)
def test_a_coding_fault_is_found(element: Element, raw: str, fault: str | None) -> None:
    found = coding_fault(element, bytes.fromhex(raw))
    assert (found.en if found else None) == fault


@given(st.text(max_size=9))
def test_a_date_is_eight_digits_of_a_day(digits: str) -> None:
    assert not is_date(digits) or len(digits) == 8


@given(st.dates())
def test_every_day_of_the_calendar_is_a_date(day: datetime.date) -> None:
    assert is_date(f"{day.year:04}{day.month:02}{day.day:02}")


def test_a_tagged_record_has_one_byte_tag_and_one_byte_length() -> None:
    city = STANDARD.element(ISSUER, "city-code")
    assert tagged_record(city, "410100").hex().upper() == "3903410100"


def test_an_untagged_record_lays_its_elements_side_by_side() -> None:
    rows = STANDARD.elements("DDF1/DF02/EF08")
    record = untagged_record(rows, {"vaccine": "BCG", "vaccination-date": "20130401"})
    assert record == b"BCG" + bytes(17) + bytes.fromhex("20130401")
    assert untagged_record(rows, {}) == bytes(20) + b"\xff" * 4


def test_record_lengths_count_tag_and_length_bytes() -> None:
    lengths = [record_length(STANDARD, STANDARD.files[ISSUER], number) for number in range(1, 11)]
    assert lengths == [0x03, 0x06, 0x20, 0x0D, 0xB6, 0x06, 0x14, 0x05, 0x0C, 0x05]
    assert record_length(STANDARD, STANDARD.files["DDF1/DF02/EF07"], 3) == 120
    assert record_length(STANDARD, STANDARD.files["DDF1/DF03/EF06"], 5) == 1


def test_the_elements_of_a_file_fill_it_exactly() -> None:
    for path, file in STANDARD.files.items():
        rows = STANDARD.elements(path)
        total = sum(element.length for element in rows)
        if file.kind is FileKind.BINARY:
            assert total == file.size, path
        elif file.kind is not FileKind.VARIABLE:
            assert total == file.record_length, path
        offsets = [element.offset for element in rows if element.tag is None]
        assert offsets == sorted(offsets), path
