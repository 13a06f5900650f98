"""Element values and bytes, both ways: every element of every profile, the edges of each kind, and what is refused."""

from __future__ import annotations

import datetime
import string
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.card.elements import UnfitValue
from reference.card.values import (
    Coded,
    Kind,
    Value,
    coded,
    decode,
    empty,
    encode,
    kind_of,
    may_be_empty,
)
from reference.standard import Standard, load
from reference.standard.rows import Element, ElementType
from tests.reference.card.drawing import values_of

PROFILES = ("national-2012", "field-2013")
NATIONAL, FIELD = (load(profile) for profile in PROFILES)
ELEMENTS = [
    pytest.param(standard, element, id=f"{profile}:{element.file}:{element.id}")
    for profile, standard in zip(PROFILES, (NATIONAL, FIELD), strict=True)
    for path in standard.files
    for element in standard.elements(path)
]
NAME = NATIONAL.element("DDF1/EF06", "name")
SEX = NATIONAL.element("DDF1/EF06", "sex")
BIRTH = NATIONAL.element("DDF1/EF06", "birth-date")
PHONE = NATIONAL.element("DDF1/EF08", "own-phone-1")
ISSUER = NATIONAL.element("DDF1/EF05", "issuer-code")
CERTIFICATE = NATIONAL.element("DDF1/EF05", "issuer-certificate")
PHOTO = NATIONAL.element("DDF1/EF07", "photo")
ASTHMA = NATIONAL.element("DDF1/DF02/EF05", "asthma")
RELATION = NATIONAL.element("DDF1/DF01/EF06", "contact-relation-1")
INDEX = NATIONAL.element("DDF1/DF03/EF05", "flag")
VISIT = NATIONAL.element("DDF1/DF03/ED01", "visit-time")
FEE = NATIONAL.element("DDF1/DF03/EE01", "total-fee")
SMALL_FEE = NATIONAL.element("DDF1/DF03/ED01", "fee-1.amount")


def reason(standard: Standard, element: Element, value: Value) -> str:
    """Why the value is refused, in English."""
    with pytest.raises(UnfitValue) as refusal:
        encode(standard, element, value)
    assert refusal.value.element == element
    return refusal.value.reason.en


def fault(standard: Standard, element: Element, raw: bytes) -> str:
    """Why the bytes are no value, in English."""
    with pytest.raises(UnfitValue) as refusal:
        decode(standard, element, raw)
    assert refusal.value.element == element
    return refusal.value.reason.en


@pytest.mark.parametrize(("standard", "element"), ELEMENTS)
def test_some_value_and_its_absence_go_there_and_back(standard: Standard, element: Element) -> None:
    value = values_of(standard, element).example_value()
    raw = encode(standard, element, value)
    assert (len(raw), decode(standard, element, raw)) == (element.length, value)
    if may_be_empty(element):
        assert decode(standard, element, encode(standard, element, None)) is None
    else:
        assert "no value is given" in reason(standard, element, None)
