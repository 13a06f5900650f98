"""How keys come from keys: diversification from the national key down to the card, and the key of a session.

Inputs and the XOR rule: APP11 chapter 5; factors and zero padding: fielded software; the form of
diversification for 16-byte blocks is a decision of ours, after the sibling cards' E(factor), E(NOT factor).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reference.crypto.ciphers import SM4, BlockCipher
from reference.crypto.keys import SecretKey

FACTOR: Final = 8
"""Bytes of a diversification factor, a random and an original (REV2, APP11 5.2)."""

HISTORICAL: Final = 13
"""Historical bytes in the answer to reset of the card."""


def diversify(parent: SecretKey, factor: bytes, cipher: BlockCipher = SM4) -> SecretKey:
    """The key one level down: E(parent, factor ‖ NOT factor). Raises ValueError unless 8 bytes.

    Source: decision, after the siblings' rule (left half E(factor), right half E(NOT factor)).
    """
    _require_eight("a diversification factor", factor)
    return _derived(parent, factor + bytes(byte ^ 0xFF for byte in factor), cipher)


def diversify_levels(root: SecretKey, factors: Iterable[bytes], cipher: BlockCipher = SM4) -> SecretKey:
    """The key after one `diversify` for each factor, topmost first: province, then card."""
    for factor in factors:
        root = diversify(root, factor, cipher)
    return root


def session_key(card_key: SecretKey, random: bytes, cipher: BlockCipher = SM4) -> SecretKey:
    """The session key: the 8-byte random, filled up with zeros, enciphered under the card key.

    Source: APP11 5.2 and 5.3 for the inputs; the zeros are a decision. Raises ValueError unless 8 bytes.
    """
    _require_eight("the random for a session key", random)
    return _derived(card_key, random + bytes(FACTOR), cipher)


def authentication_data(session: SecretKey, original: bytes, cipher: BlockCipher = SM4) -> bytes:
    """What proves the session key, 8 bytes: E(session, original ‖ 00×8), left half XOR right half.

    Source: APP11 5.2 (internal) and 5.3 (external authentication). Raises ValueError unless 8 bytes.
    """
    _require_eight("the original of an authentication", original)
    block = cipher.encrypt(session.secret_value, original + bytes(FACTOR))
    return bytes(left ^ right for left, right in zip(block[:FACTOR], block[FACTOR:], strict=True))


def province_factor(city_code: bytes | str) -> bytes:
    """The province's factor: first two digits of the city code in ASCII ‖ six digits 0.

    ``city_code``: DDF1/EF05 tag 57 as on the card (three bytes of packed digits) or its digits as text.
    Source: fielded software (41 gives 34 31 30 30 30 30 30 30). Raises ValueError where these are no digits.
    """
    digits = (city_code if isinstance(city_code, str) else city_code.hex())[:2]
    if len(digits) != 2 or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"a city code begins with the two digits of its province, not with {digits!r}")
    return digits.encode("ascii") + b"0" * (FACTOR - 2)


def card_factor(historical: bytes) -> bytes:
    """The card's factor: historical bytes 6 to 13 of its answer to reset.

    Source: fielded software (offset 5 of the 13 bytes). Raises ValueError unless 13 bytes.
    """
    if len(historical) != HISTORICAL:
        raise ValueError(f"the card has {HISTORICAL} historical bytes, not {len(historical)}")
    return historical[-FACTOR:]


def _derived(parent: SecretKey, block: bytes, cipher: BlockCipher) -> SecretKey:
    return SecretKey(cipher.encrypt(parent.secret_value, block), demo=parent.demo)


def _require_eight(what: str, value: bytes) -> None:
    if len(value) != FACTOR:
        raise ValueError(f"{what} has {FACTOR} bytes, not {len(value)}")
