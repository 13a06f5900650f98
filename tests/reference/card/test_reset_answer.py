"""The answer to reset: historical bytes from every well-formed answer, a clear refusal of the others (7816-3 8.2)."""

from __future__ import annotations

from functools import reduce
from operator import xor

import hypothesis.strategies as st
import pytest
from hypothesis import given

from reference.card.reset_answer import MalformedReset, build, historical_bytes


@pytest.mark.parametrize(
    ("answer", "historical"),
    [
        ("3B8D8001 00816B0000101512345678ABCD 8D", "00816B0000101512345678ABCD"),
        ("3B6D0000 00816B0000101512345678ABCD", "00816B0000101512345678ABCD"),
        ("3F65250052096A9000", "52096A9000"),
        ("3B00", ""),
        ("3B80800101", ""),
        ("3BF2 11223304 AABB", "AABB"),
        ("3B92 11 80 01 AABB 00", "AABB"),
    ],
)
def test_historical_bytes_stand_behind_the_interface_bytes(answer: str, historical: str) -> None:
    assert historical_bytes(bytes.fromhex(answer)).hex().upper() == historical


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "starts with 3B or 3F"),
        ("3B", "starts with 3B or 3F"),
        ("FF00", "not FF"),
        ("3B80", "ends within its interface bytes"),
        ("3BF0112233", "ends within its interface bytes"),
        ("3B6D000000816B", "announces 13 historical bytes and ends before them"),
    ],
)
def test_an_answer_that_does_not_add_up_is_refused_with_its_reason(answer: str, reason: str) -> None:
    with pytest.raises(MalformedReset) as fault:
        historical_bytes(bytes.fromhex(answer))
    assert reason in str(fault.value)
    assert fault.value.reason.zh != fault.value.reason.en


@pytest.mark.parametrize("answer", ["3B8D800100816B0000101512345678ABCD8D", "3B6D000000816B0000101512345678ABCD"])
def test_no_shortened_answer_gives_other_historical_bytes(answer: str) -> None:
    whole = bytes.fromhex(answer)
    for length in range(len(whole)):
        try:
            found = historical_bytes(whole[:length])
        except MalformedReset:
            continue
        assert found == historical_bytes(whole)
        assert length == len(whole) - 1


@given(st.binary(max_size=40))
def test_any_bytes_have_historical_bytes_or_are_refused(answer: bytes) -> None:
    try:
        found = historical_bytes(answer)
    except MalformedReset:
        return
    assert found in answer
    assert len(found) == answer[1] & 0x0F


@given(st.binary(max_size=15), st.booleans())
def test_a_built_answer_gives_its_historical_bytes_back(historical: bytes, check: bool) -> None:
    prefix = bytes([0x3B, 0x80 | len(historical), 0x80, 0x01]) if check else bytes([0x3B, len(historical)])
    answer = build(prefix, historical, check=check)
    assert historical_bytes(answer) == historical
    assert not check or reduce(xor, answer[1:]) == 0
