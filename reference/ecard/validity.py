"""The validity token (有效期密文) of a dynamic code: its last moment, enciphered under the protection key.

The token holds the time alone, so that equal times give equal tokens on every card and a token can be moved to another
card: a platform also records what it issued. Source: EC-HSM, verified by its vectors.
"""

from __future__ import annotations

import re
from typing import Final

from reference.crypto import SecretKey, engine
from reference.ecard.broken_rules import BrokenRule
from reference.ecard.moments import PACKED, Moment, UnreadableMoment, china_text, moment_of
from reference.languages import say

BLOCK: Final = 16
"""Bytes of the token."""

TOKEN: Final = re.compile("[0-9A-F]{32}")
PACKED_BYTES: Final = 7
"""Bytes of the time: fourteen digits, two a byte."""


class MalformedToken(BrokenRule):
    """A token that is not 32 upper-case hexadecimal digits."""

    refusal = "code.garbled"


class UnreadableValidity(BrokenRule):
    """A token that deciphers to no time: another key made it, or nobody did."""

    refusal = "code.time-unreadable"


def validity_plaintext(moment: Moment) -> bytes:
    """What the token is the cipher of, 16 bytes: China time as packed digits YYYYMMDDhhmmss, then nine zeros.

    The moment is cut off to its second. Source: EC-HSM.
    """
    return bytes.fromhex(china_text(moment)).ljust(BLOCK, b"\0")


def read_validity_plaintext(plaintext: bytes) -> Moment:
    """The moment in the 16 bytes. Raises UnreadableValidity for other lengths, fillings, digits and dates."""
    packed, filling = plaintext[:PACKED_BYTES], plaintext[PACKED_BYTES:]
    if filling != bytes(BLOCK - PACKED_BYTES):
        raise UnreadableValidity(say("The time is not followed by nine zero bytes."), "token")
    try:
        return moment_of(packed.hex(), PACKED)
    except UnreadableMoment as error:
        raise UnreadableValidity(error.detail, "token") from None


def validity_token(protection_key: SecretKey, moment: Moment) -> str:
    """The token, 32 hexadecimal digits: SM4-ECB over `validity_plaintext` under the protection key (保护密钥)."""
    return engine().sm4_encrypt(protection_key.secret_value, validity_plaintext(moment)).hex().upper()


def read_validity_token(protection_key: SecretKey, token: str) -> Moment:
    """The last moment at which the token holds. Raises MalformedToken and UnreadableValidity."""
    return read_validity_plaintext(engine().sm4_decrypt(protection_key.secret_value, token_bytes(token)))


def token_bytes(token: str) -> bytes:
    """The 16 bytes of a token. Raises MalformedToken."""
    if TOKEN.fullmatch(token) is None:
        raise MalformedToken(say("A validity token has 32 upper-case hexadecimal digits."), "token")
    return bytes.fromhex(token)
