"""Diversification, session keys and authentication data: ranges, refusals, marks carried along."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.crypto import CIPHERS, BlockCipher, SecretKey
from reference.crypto.derivation import (
    authentication_data,
    card_factor,
    diversify,
    diversify_levels,
    province_factor,
    session_key,
)

KEY = SecretKey(bytes(range(16)))
eight_bytes = st.binary(min_size=8, max_size=8)


@pytest.mark.parametrize(
    ("code", "factor"), [(b"\x41\x01\x00", b"41000000"), ("410100", b"41000000"), ("63", b"63000000")]
)
def test_the_province_factor_is_two_digits_and_six_zeros(code: bytes | str, factor: bytes) -> None:
    assert province_factor(code) == factor


@pytest.mark.parametrize("code", [b"", b"\xff\xff\xff", "", "4", "4a", "４１"])
def test_a_city_code_without_a_province_is_refused(code: bytes | str) -> None:
    with pytest.raises(ValueError, match="two digits of its province"):
        province_factor(code)


@pytest.mark.parametrize("length", [0, 8, 12, 14])
def test_other_than_thirteen_historical_bytes_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match=f"13 historical bytes, not {length}"):
        card_factor(bytes(length))


@pytest.mark.parametrize("function", [diversify, session_key, authentication_data])
@pytest.mark.parametrize("length", [0, 7, 9, 16])
def test_other_than_eight_bytes_are_refused(function: type, length: int) -> None:
    with pytest.raises(ValueError, match=f"8 bytes, not {length}"):
        function(KEY, bytes(length))


def test_no_level_leaves_the_key_as_it_is() -> None:
    assert diversify_levels(KEY, []) == KEY


@given(first=eight_bytes, second=eight_bytes)
def test_keys_differ_as_soon_as_a_factor_differs(first: bytes, second: bytes) -> None:
    assert (diversify(KEY, first) == diversify(KEY, second)) == (first == second)
    assert (session_key(KEY, first) == session_key(KEY, second)) == (first == second)


@given(factor=eight_bytes)
def test_the_order_of_levels_matters(factor: bytes) -> None:
    other = bytes(byte ^ 0x55 for byte in factor)
    assert diversify_levels(KEY, [factor, other]) != diversify_levels(KEY, [other, factor])


def test_what_comes_from_a_demo_key_is_a_demo_key() -> None:
    demo = SecretKey(bytes(16), demo=True)
    assert diversify(demo, bytes(8)).demo
    assert session_key(demo, bytes(8)).demo
    assert not session_key(KEY, bytes(8)).demo


class Mirror:
    """A cipher that turns blocks round: what a profile with another cipher would pass in."""

    name = "mirror"

    def encrypt(self, key: bytes, blocks: bytes) -> bytes:
        """The blocks, backwards."""
        return blocks[::-1]

    decrypt = encrypt

    def encrypt_chained(self, key: bytes, iv: bytes, blocks: bytes) -> bytes:
        """The blocks, backwards."""
        return blocks[::-1]


def test_another_cipher_takes_the_place_of_sm4_everywhere() -> None:
    mirror: BlockCipher = Mirror()
    assert session_key(KEY, b"\x01" * 8, mirror) == SecretKey(bytes(8) + b"\x01" * 8)
    assert diversify(KEY, bytes(8), mirror) == SecretKey(b"\xff" * 8 + bytes(8))
    assert authentication_data(KEY, bytes(range(8)), mirror) == bytes(range(7, -1, -1))


def test_every_cipher_that_a_profile_can_name_goes_by_its_name() -> None:
    assert {name: cipher.name for name, cipher in CIPHERS.items()} == {"SM4": "SM4"}
