"""One worked example from the national key to the MAC, as hexadecimal constants.

The constants were computed with gmssl alone; the first test does so again, step by step on literal bytes,
without the project's own derivation. The others hold `derivation` and `secure_messaging` against them.
"""

from __future__ import annotations

from gmssl.sm4 import SM4_ENCRYPT, CryptSM4

from reference.crypto import SecretKey
from reference.crypto.derivation import (
    authentication_data,
    card_factor,
    diversify,
    diversify_levels,
    province_factor,
    session_key,
)
from reference.crypto.secure_messaging import (
    decipher_record,
    encipher_record,
    length_then_pad,
    mac,
    mac_is_right,
)

unhex = bytes.fromhex

NATIONAL_KEY = unhex("000102030405060708090a0b0c0d0e0f")
PROVINCE_KEY = unhex("05eb2651c0188727325fe36b030ff83b")
CARD_KEY = unhex("7331f52aec914f398b6ca18932a8202a")
SESSION_KEY = unhex("ef5a1769493039b16465df5ac8bb7657")

CITY_CODE = unhex("410100")
HISTORICAL = unhex("00814854430101202611220041")
RANDOM = unhex("a1b2c3d4e5f60718")
ORIGINAL = unhex("1122334455667788")
AUTHENTICATION = unhex("d6187f203db6f588")

RECORD = unhex("1b143133383030303030303030000000000000000000")
"""DDF1/DF01/EF06 tag 27: a telephone number, 20 characters padded with zeros."""
PLAIN = unhex("161b143133383030303030303030000000000000000000800000000000000000")
CIPHERTEXT = unhex("e6f1427a2c0cc1996102a20db3e443967e7b0d35a3c6c5fd2d1426e8b08749b9")
HEADER = unhex("04dc030424")
MAC = unhex("0a488458")

SESSION = SecretKey(SESSION_KEY, demo=True)


def test_gmssl_alone_leads_to_the_constants() -> None:
    assert by_gmssl(NATIONAL_KEY, "3431303030303030 cbcecfcfcfcfcfcf") == PROVINCE_KEY
    assert by_gmssl(PROVINCE_KEY, "0101202611220041 fefedfd9eeddffbe") == CARD_KEY
    assert by_gmssl(CARD_KEY, "a1b2c3d4e5f60718 0000000000000000") == SESSION_KEY
    assert by_gmssl(SESSION_KEY, "1122334455667788 0000000000000000").hex() == "3f2cf7807510c12de93488a048a634a5"
    assert xor(unhex("3f2cf7807510c12d"), unhex("e93488a048a634a5")) == AUTHENTICATION
    assert by_gmssl(SESSION_KEY, PLAIN.hex()) == CIPHERTEXT
    chain = bytes(16)
    for block in (
        "04dc030424e6f1427a2c0cc1996102a2",
        "0db3e443967e7b0d35a3c6c5fd2d1426",
        "e8b08749b98000000000000000000000",
    ):
        chain = by_gmssl(SESSION_KEY, xor(chain, unhex(block)).hex())
    assert chain.hex() == "0a488458457b67c494f71aea38f5f8c3"


def by_gmssl(key: bytes, blocks: str) -> bytes:
    """Blocks enciphered by gmssl, which leaves padding out in a mode that it does not know."""
    cipher = CryptSM4(SM4_ENCRYPT, padding_mode=None)
    cipher.set_key(key, SM4_ENCRYPT)
    return bytes(cipher.crypt_ecb(unhex(blocks)))


def xor(left: bytes, right: bytes) -> bytes:
    """Both strings, bit by bit."""
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def test_the_factors_are_those_of_the_example() -> None:
    assert province_factor(CITY_CODE) == b"41000000"
    assert card_factor(HISTORICAL).hex() == "0101202611220041"


def test_the_card_key_comes_from_the_national_key_by_two_levels() -> None:
    national, factors = SecretKey(NATIONAL_KEY), [province_factor(CITY_CODE), card_factor(HISTORICAL)]
    assert diversify(national, factors[0]) == SecretKey(PROVINCE_KEY)
    assert diversify_levels(national, factors) == SecretKey(CARD_KEY)


def test_the_session_key_comes_from_the_card_key_and_the_random() -> None:
    assert session_key(SecretKey(CARD_KEY), RANDOM) == SESSION


def test_the_authentication_data_come_from_the_session_key_and_the_original() -> None:
    assert authentication_data(SESSION, ORIGINAL) == AUTHENTICATION


def test_the_record_is_enciphered_with_its_length_and_padding() -> None:
    assert length_then_pad(RECORD) == PLAIN
    assert encipher_record(SESSION, RECORD) == CIPHERTEXT
    assert decipher_record(SESSION, CIPHERTEXT) == RECORD


def test_the_mac_covers_header_and_ciphertext() -> None:
    assert mac(SESSION, HEADER + CIPHERTEXT) == MAC
    assert mac_is_right(SESSION, HEADER + CIPHERTEXT, MAC)
    assert not mac_is_right(SESSION, HEADER + CIPHERTEXT, unhex("0a488459"))


def test_commands_without_data_have_a_mac_over_their_header() -> None:
    # WRITE RECORD and ERASE RECORD of the first visit: one padded block each.
    assert (
        mac(SESSION, unhex("84d2010004")).hex() == by_gmssl(SESSION_KEY, "84d20100048000000000000000000000").hex()[:8]
    )
    assert mac(SESSION, unhex("84d2010004")).hex() == "18e7b106"
    assert mac(SESSION, unhex("840c010004")).hex() == "112f0ba7"
