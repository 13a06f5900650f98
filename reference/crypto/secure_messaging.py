"""Secure messaging of the card: enciphered records and MACs, as terminals in the field compute them.

Source: REV2 item 24 says what is protected; the layout is that of fielded software.
"""

from __future__ import annotations

import hmac
from typing import Final

from reference.crypto.ciphers import SM4, BlockCipher
from reference.crypto.face import BLOCK
from reference.crypto.keys import SecretKey
from reference.languages import Text, say

MAC_LENGTH: Final = 4
ZERO_IV: Final = bytes(BLOCK)


class MalformedPlaintext(ValueError):
    """A deciphered record is not L ‖ data ‖ 80 00…: wrong key, padding or length; ``reason`` tells."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


def pad80(data: bytes) -> bytes:
    """The data, one byte 80, zeros to whole blocks; whole blocks get one more (ISO/IEC 9797-1 method 2)."""
    return data + b"\x80" + bytes(-(len(data) + 1) % BLOCK)


def length_then_pad(plain: bytes) -> bytes:
    """What is enciphered: length (1 byte) ‖ data, padded by `pad80`. Raises ValueError above 255 bytes."""
    if len(plain) > 0xFF:
        raise ValueError(f"one length byte reaches to 255 bytes, not to {len(plain)}")
    return pad80(bytes([len(plain)]) + plain)


def encipher_record(session: SecretKey, plain: bytes, cipher: BlockCipher = SM4) -> bytes:
    """A record as the card wants it in cipher: `length_then_pad`, block by block (ECB)."""
    return cipher.encrypt(session.secret_value, length_then_pad(plain))


def decipher_record(session: SecretKey, ciphertext: bytes, cipher: BlockCipher = SM4) -> bytes:
    """The record inside a ciphertext; raises MalformedPlaintext unless made as by `encipher_record`."""
    if not ciphertext or len(ciphertext) % BLOCK:
        raise MalformedPlaintext(
            say("The ciphertext has {length} bytes, which are not whole blocks.", length=len(ciphertext))
        )
    padded = cipher.decrypt(session.secret_value, ciphertext)
    plain = padded[1 : 1 + padded[0]]
    if not hmac.compare_digest(padded, length_then_pad(plain)):
        raise MalformedPlaintext(
            say("The deciphered record is not its length, its data and the padding 80 00 … to whole blocks.")
        )
    return plain


def cbc_mac(session: SecretKey, blocks: bytes, iv: bytes = ZERO_IV, cipher: BlockCipher = SM4) -> bytes:
    """The last enciphered block (16 bytes) of a CBC chain over at least one whole block, nothing padded."""
    if not blocks:
        raise ValueError("a MAC is computed over at least one block")
    return cipher.encrypt_chained(session.secret_value, iv, blocks)[-BLOCK:]


def mac(session: SecretKey, message: bytes, iv: bytes = ZERO_IV, cipher: BlockCipher = SM4) -> bytes:
    """The first 4 bytes of the CBC-MAC over the padded message.

    ``message`` is CLA INS P1 P2 Lc ‖ ciphertext, where Lc counts the MAC; the header alone for WRITE RECORD,
    ERASE RECORD and the locking commands.
    """
    return cbc_mac(session, pad80(message), iv, cipher)[:MAC_LENGTH]


def mac_is_right(
    session: SecretKey, message: bytes, given: bytes, iv: bytes = ZERO_IV, cipher: BlockCipher = SM4
) -> bool:
    """Whether ``given`` is the `mac` of the message, compared in constant time."""
    return hmac.compare_digest(mac(session, message, iv, cipher), given)


def record_command_length(length: int) -> int:
    """Lc of UPDATE RECORD with cipher and MAC for a record of ``length`` bytes: padded blocks and MAC.

    16·⌈(length + 1)/16⌉ + 4 for every record of the card: none fills its last block exactly.
    """
    return len(length_then_pad(bytes(length))) + MAC_LENGTH
