"""Vectors and frames of the crypto machine, written down from the facts and not from the project's tables.

The keys are the published sample keys; the persons are made up, but for the example of the specification.
"""

from __future__ import annotations

from typing import Final

from reference.crypto import SecretKey
from reference.keys.versions import KeySet, KeyVersion, State

CARDS: Final = [
    # dispersal factor, identity document's type and number, e-card id
    ("92CDCE45A16799FD", b"0111010020171225006X", "98FF9F2C05145CB9305E9D8A57E072BB51180CA49E5BE5E9D41BCE3A9A571928"),
    ("A5B13880D0C652CF", b"0111010020171225006X", "99CEAF7217DCFBA97402465CA54C7877980A3C1785B14EFAE41A1A2258206025"),
    ("D137FF26814B6ACC", b"01990000199001010017", "CDE1BABDE8F86793BFA9D55137F0C44B4F988E8247BDB047192641AB8028B9F6"),
    ("F2A8FB6A14D58191", b"03E00000000", "837C825FE117BE7F9031F42030F7AD7FAAFD2E334C4B28BCF1A9E31168FCEA6B"),
    ("BD29B75873BF1C2D", b"08A000000001", "D3ABEEFDBC46A995E971A377238175FE019C4A537236F2019E6ECFEDF749BB9B"),
]
TOKENS: Final = [
    ("20180117115003", "92FD69141DFE1553A42251E2B0196148"),
    ("20260101120000", "33DAE0A8AE198B63068047189C693A98"),
    ("20260101120100", "E558490BBCAC7543D6AEBC4A611505AE"),
]
INDEX_IDS: Final = [
    ("0111010020171225006X测试甲", "C3CABF018DF969CF18C51728CC07252FD99AFD85115862A8A7246D2C80607C87"),
    ("03E00000000TEST PERSON", "D5312EF1AF92EB57363A0B442D3A76ADEEA61831BCB347A2FF05C6EE2ACE5BC9"),
]

ENCRYPT: Final = b"\x00\x4aS300" + b"00AK010401A5B13880D0C652CF5A4EC77F2F39AD300002" + b"00140111010020171225006X"
ENCRYPTED: Final = b"\x00\x28S4000020" + bytes.fromhex(CARDS[1][2])
DECRYPT: Final = (
    b"\x00\x56S400" + b"00AK010401A5B13880D0C652CF5A4EC77F2F39AD300002" + b"0020" + bytes.fromhex(CARDS[1][2])
)
DECRYPTED: Final = b"\x00\x28S5000020" + b"0111010020171225006X" + bytes(12)
DECRYPT_TOKEN: Final = b"\x00\x26S40000AK01040000020010" + bytes.fromhex(TOKENS[0][1])
DECRYPTED_TOKEN: Final = b"\x00\x18S5000010" + bytes.fromhex("20180117115003") + bytes(9)
DIGEST: Final = b"\x00\x14" + b"3C200003abc;00000000"
DIGESTED: Final = (
    b"\x00\x26" + b"3D0032" + bytes.fromhex("66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0")
)
EXCHANGES: Final = [
    (ENCRYPT, ENCRYPTED),
    (DECRYPT, DECRYPTED),
    (DECRYPT_TOKEN, DECRYPTED_TOKEN),
    (DIGEST, DIGESTED),
]


def both_halves(factor: str) -> bytes:
    """A dispersal factor and its complement, as the machine takes them."""
    return bytes.fromhex(factor) + bytes(255 - byte for byte in bytes.fromhex(factor))


def key(byte: int) -> SecretKey:
    """A key of 16 equal bytes."""
    return SecretKey(bytes([byte]) * 16)


def aged_keys() -> KeySet:
    """Version 1 destroyed, 2 disabled, 3 verify-only, 4 active but not the newest, 5 active."""
    return KeySet(
        [
            KeyVersion(1, State.DESTROYED, None, None),
            KeyVersion(2, State.DISABLED, key(2), key(3)),
            KeyVersion(3, State.VERIFY_ONLY, key(4), key(5)),
            KeyVersion(4, State.ACTIVE, key(6), key(7)),
            KeyVersion(5, State.ACTIVE, key(8), key(9)),
        ]
    )
