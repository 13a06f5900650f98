"""SM2 public-key encryption (GB/T 32918.4): both engines agree, and nothing changed or foreign is deciphered."""

from __future__ import annotations

import random

import pytest
from gmssl.sm2 import CryptSM2

from reference.crypto import Engine, InvalidKey, InvalidNonce, WrongCryptogram
from reference.crypto.fast import FastEngine
from reference.crypto.oracle import GmsslEngine
from reference.crypto.sm2 import N, to_bytes

FAST, ORACLE = FastEngine(), GmsslEngine()
PRIVATE = to_bytes(0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8)
PUBLIC = FAST.sm2_public_key(PRIVATE)
NONCE = to_bytes(0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21)
CRYPTOGRAM = (
    "04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73"
    "E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0"
    "59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766"
    "21886CA989CA9C7D58087307CA93092D651EFA"
)
"""The example of GB/T 32918.5, annex C: "encryption standard" for this key and nonce."""


def test_the_worked_example_of_the_standard_comes_out(each_engine: Engine) -> None:
    assert each_engine.sm2_encrypt(PUBLIC, b"encryption standard", NONCE).hex().upper() == CRYPTOGRAM
    assert each_engine.sm2_decrypt(PRIVATE, bytes.fromhex(CRYPTOGRAM)) == b"encryption standard"


def test_both_engines_encipher_and_decipher_alike() -> None:
    draw = random.Random("sm2-encryption")
    for _ in range(20):
        private, nonce = to_bytes(draw.randrange(1, N - 1)), to_bytes(draw.randrange(1, N))
        message, public = draw.randbytes(draw.randrange(1, 100)), FAST.sm2_public_key(private)
        cryptogram = FAST.sm2_encrypt(public, message, nonce)
        assert cryptogram == ORACLE.sm2_encrypt(public, message, nonce)
        assert FAST.sm2_decrypt(private, cryptogram) == ORACLE.sm2_decrypt(private, cryptogram) == message


def test_gmssl_itself_deciphers_what_the_fast_engine_enciphers() -> None:
    judge = CryptSM2(private_key=PRIVATE.hex(), public_key=PUBLIC.hex(), mode=1)
    assert judge.decrypt(FAST.sm2_encrypt(PUBLIC, b"sixteen bytes ok", NONCE)) == b"sixteen bytes ok"


@pytest.mark.parametrize("at", [0, 63, 64, 95, 96, 114])
def test_a_changed_byte_is_not_deciphered(each_engine: Engine, at: int) -> None:
    changed = bytearray.fromhex(CRYPTOGRAM)
    changed[at] ^= 0x01
    with pytest.raises(WrongCryptogram):
        each_engine.sm2_decrypt(PRIVATE, bytes(changed))


def test_a_cryptogram_for_another_key_is_not_deciphered(each_engine: Engine) -> None:
    with pytest.raises(WrongCryptogram):
        each_engine.sm2_decrypt(to_bytes(7), bytes.fromhex(CRYPTOGRAM))


@pytest.mark.parametrize("length", [0, 64, 96])
def test_a_cryptogram_without_message_is_refused(each_engine: Engine, length: int) -> None:
    with pytest.raises(WrongCryptogram):
        each_engine.sm2_decrypt(PRIVATE, bytes.fromhex(CRYPTOGRAM)[:length])


def test_a_point_off_the_curve_and_a_nonce_out_of_range_are_refused(each_engine: Engine) -> None:
    with pytest.raises(InvalidKey):
        each_engine.sm2_encrypt(bytes(64), b"x", NONCE)
    with pytest.raises(InvalidNonce):
        each_engine.sm2_encrypt(PUBLIC, b"x", bytes(32))
