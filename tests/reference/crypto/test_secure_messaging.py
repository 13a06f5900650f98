"""Enciphered records and MACs: lengths known from the field, refusals, and properties over random records."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.crypto import SM4, SecretKey
from reference.crypto.secure_messaging import (
    MalformedPlaintext,
    cbc_mac,
    decipher_record,
    encipher_record,
    length_then_pad,
    mac,
    mac_is_right,
    pad80,
    record_command_length,
)

SESSION = SecretKey(bytes.fromhex("ef5a1769493039b16465df5ac8bb7657"), demo=True)
records = st.binary(max_size=255)

FIELDED_LENGTHS = [
    # bytes a record (tag, length and value; cyclic records are bare), Lc that terminals in the field send
    (3, 0x14),
    (6, 0x14),
    (19, 0x24),
    (20, 0x24),
    (22, 0x24),
    (32, 0x34),
    (42, 0x34),
    (102, 0x74),
    (182, 0xC4),
    (120, 0x84),
    (24, 0x24),
]


@pytest.mark.parametrize(("length", "lc"), FIELDED_LENGTHS)
def test_the_command_length_is_that_of_fielded_terminals(length: int, lc: int) -> None:
    assert record_command_length(length) == lc
    assert record_command_length(length) == 16 * -(-(length + 1) // 16) + 4


@pytest.mark.parametrize(
    ("data", "padded"),
    [
        (b"", "80000000000000000000000000000000"),
        (b"\x01" * 15, "01" * 15 + "80"),
        (b"\x01" * 16, "01" * 16 + "80000000000000000000000000000000"),
    ],
)
def test_padding_is_always_added(data: bytes, padded: str) -> None:
    assert pad80(data).hex() == padded


@given(first=st.binary(max_size=64), second=st.binary(max_size=64))
def test_padding_keeps_different_data_different(first: bytes, second: bytes) -> None:
    assert (pad80(first) == pad80(second)) == (first == second)
    assert len(pad80(first)) % 16 == 0
    assert pad80(first).startswith(first + b"\x80")


@given(record=records)
def test_a_deciphered_record_is_the_one_that_was_enciphered(record: bytes) -> None:
    ciphertext = encipher_record(SESSION, record)
    assert decipher_record(SESSION, ciphertext) == record
    assert record_command_length(len(record)) == len(ciphertext) + 4


def test_a_record_longer_than_its_length_byte_is_refused() -> None:
    assert length_then_pad(bytes(255))[0] == 255
    with pytest.raises(ValueError, match="255 bytes, not to 256"):
        length_then_pad(bytes(256))


MALFORMED = {
    "length byte one too small": "0102 0380 00000000 00000000 00000000",
    "length byte one too large": "0301 0280 00000000 00000000 00000000",
    "length byte beyond the end": "ff01 0280 00000000 00000000 00000000",
    "no padding mark": "0201 0200 00000000 00000000 00000000",
    "padding mark of another value": "0201 0281 00000000 00000000 00000000",
    "padding that is not zero": "0201 0280 00000000 00000000 00000001",
    "a block of padding too many": "0201 0280 00000000 00000000 00000000" + "00" * 16,
    "aligned data without padding": "0f" + "01" * 15,
}


@pytest.mark.parametrize("blocks", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_plaintext_of_another_form_is_refused(blocks: str) -> None:
    ciphertext = SM4.encrypt(SESSION.secret_value, bytes.fromhex(blocks))
    with pytest.raises(MalformedPlaintext, match="padding 80 00") as refusal:
        decipher_record(SESSION, ciphertext)
    assert refusal.value.reason.zh != refusal.value.reason.en


def test_the_well_formed_twin_of_the_malformed_plaintexts_is_taken() -> None:
    ciphertext = SM4.encrypt(SESSION.secret_value, bytes.fromhex("0201 0280 00000000 00000000 00000000"))
    assert decipher_record(SESSION, ciphertext) == b"\x01\x02"


@pytest.mark.parametrize("length", [0, 1, 15, 17])
def test_a_ciphertext_that_is_not_whole_blocks_is_refused(length: int) -> None:
    with pytest.raises(MalformedPlaintext, match=f"{length} bytes, which are not whole blocks") as refusal:
        decipher_record(SESSION, bytes(length))
    assert str(length) in refusal.value.reason.zh


def test_a_record_under_another_session_key_is_refused() -> None:
    ciphertext = encipher_record(SESSION, b"\x1b\x14" + bytes(20))
    with pytest.raises(MalformedPlaintext):
        decipher_record(SecretKey(bytes(16)), ciphertext)


@given(message=st.binary(min_size=5, max_size=100), data=st.data())
def test_the_mac_changes_with_every_bit_of_the_message(message: bytes, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, 8 * len(message) - 1))
    changed = (int.from_bytes(message, "big") ^ 1 << bit).to_bytes(len(message), "big")
    assert mac_is_right(SESSION, message, mac(SESSION, message))
    assert not mac_is_right(SESSION, changed, mac(SESSION, message))


@given(message=st.binary(min_size=5, max_size=100), position=st.integers(0, 15), bit=st.integers(0, 7))
def test_the_mac_changes_with_key_and_initial_value(message: bytes, position: int, bit: int) -> None:
    flip = bytes(1 << bit if index == position else 0 for index in range(16))
    key = bytes(a ^ b for a, b in zip(SESSION.secret_value, flip, strict=True))
    assert mac(SESSION, message, iv=flip) != mac(SESSION, message)
    assert mac(SecretKey(key), message) != mac(SESSION, message)


@pytest.mark.parametrize("given_mac", [b"", b"\x18\xe7\xb1", bytes.fromhex("18e7b10600")])
def test_a_mac_of_another_length_is_wrong(given_mac: bytes) -> None:
    assert mac(SESSION, bytes.fromhex("84d2010004")).hex() == "18e7b106"
    assert not mac_is_right(SESSION, bytes.fromhex("84d2010004"), given_mac)


@given(blocks=st.integers(2, 6).flatmap(lambda count: st.binary(min_size=16 * count, max_size=16 * count)))
def test_a_chain_may_be_computed_in_parts(blocks: bytes) -> None:
    assert cbc_mac(SESSION, blocks[16:], iv=cbc_mac(SESSION, blocks[:16])) == cbc_mac(SESSION, blocks)


def test_a_chain_over_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one block"):
        cbc_mac(SESSION, b"")
