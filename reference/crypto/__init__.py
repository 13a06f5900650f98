"""SM2, SM3 and SM4 behind one face with two engines, and what the card builds on them: keys, sessions, MACs.

`engine()` gives the engine of this machine. Rules of the card: `derivation` and `secure_messaging`, pure
functions with their sources; the cipher is a parameter, since the card's own SM1 is unpublished (`ciphers`).
"""

from reference.crypto.ciphers import CIPHERS, SM4, BlockCipher
from reference.crypto.face import DEFAULT_USER_ID, Engine, EngineUnavailable, InvalidKey, InvalidNonce, WrongCryptogram
from reference.crypto.keys import SecretKey, SigningKey
from reference.crypto.selection import engine

__all__ = [
    "CIPHERS",
    "DEFAULT_USER_ID",
    "SM4",
    "BlockCipher",
    "Engine",
    "EngineUnavailable",
    "InvalidKey",
    "InvalidNonce",
    "SecretKey",
    "SigningKey",
    "WrongCryptogram",
    "engine",
]
