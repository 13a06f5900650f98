"""The validity token: vectors, every second both ways, and what is no token."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.crypto import Engine, SecretKey
from reference.ecard import validity
from reference.ecard.moments import SECOND, china_text, moment_of

VECTORS = [
    ("20180117115003", "92FD69141DFE1553A42251E2B0196148"),
    ("20260101120000", "33DAE0A8AE198B63068047189C693A98"),
    ("20260101120100", "E558490BBCAC7543D6AEBC4A611505AE"),
]
LAST = moment_of("99991231235959")


@pytest.mark.parametrize(("time", "token"), VECTORS)
def test_the_token_is_that_of_the_vectors_and_reads_back(
    each_engine: Engine, protection_key: SecretKey, time: str, token: str
) -> None:
    assert validity.validity_token(protection_key, moment_of(time)) == token
    assert china_text(validity.read_validity_token(protection_key, token)) == time


@given(st.integers(min_value=0, max_value=LAST))
def test_every_moment_reads_back_to_its_second(moment: int) -> None:
    plaintext = validity.validity_plaintext(moment)
    assert len(plaintext) == 16
    assert validity.read_validity_plaintext(plaintext) == moment - moment % SECOND


def test_the_plaintext_is_packed_digits_and_zeros() -> None:
    assert validity.validity_plaintext(moment_of("20260101120100")).hex() == "20260101120100" + "00" * 9


@pytest.mark.parametrize(
    "block",
    [
        "",
        "20260101120100",
        "20260101120100" + "00" * 8,
        "20260101120100" + "00" * 10,
        "20260101120100" + "00" * 8 + "01",
        "2026010112010A" + "00" * 9,
        "20260230120100" + "00" * 9,
        "20261301120100" + "00" * 9,
        "20260101240000" + "00" * 9,
        "20260101126000" + "00" * 9,
        "00000101120000" + "00" * 9,
        "00" * 16,
    ],
)
def test_what_is_no_time_is_refused(block: str) -> None:
    with pytest.raises(validity.UnreadableValidity) as caught:
        validity.read_validity_plaintext(bytes.fromhex(block))
    assert caught.value.id == "code.time-unreadable"


def test_a_token_of_another_key_is_unreadable(each_engine: Engine, security_key: SecretKey) -> None:
    with pytest.raises(validity.UnreadableValidity):
        validity.read_validity_token(security_key, VECTORS[0][1])


@pytest.mark.parametrize("token", ["", "92FD", VECTORS[0][1].lower(), VECTORS[0][1] + "0", VECTORS[0][1] + "\n"])
def test_a_token_has_32_upper_case_digits(protection_key: SecretKey, token: str) -> None:
    with pytest.raises(validity.MalformedToken):
        validity.read_validity_token(protection_key, token)
