"""The compiled kernel, the fast engine and gmssl give the same answers on 10 060 seeded random inputs.

Split: SM3 3 000, SM4 block by block 5 000 (both directions), SM4 chained 2 000, SM2 60 (key, signature with
both kinds of nonce, verdict), since gmssl needs 100 ms for one of the last and 1 ms for one of the others.
"""

from __future__ import annotations

import random

from reference.crypto.fast import FastEngine
from reference.crypto.kernel import KernelEngine
from reference.crypto.oracle import GmsslEngine
from reference.crypto.sm2 import N, to_bytes
from tests.reference.crypto.engines import HAS_KERNEL

FAST, ORACLE = FastEngine(), GmsslEngine()
KERNEL = KernelEngine() if HAS_KERNEL else FAST


def test_both_engines_digest_alike() -> None:
    draw = random.Random("sm3")
    for _ in range(3_000):
        message = draw.randbytes(draw.randrange(131))
        assert FAST.sm3(message) == ORACLE.sm3(message), message.hex()


def test_all_engines_encipher_and_decipher_alike() -> None:
    draw = random.Random("sm4")
    for _ in range(5_000):
        key, blocks = draw.randbytes(16), draw.randbytes(16 * draw.randrange(4))
        enciphered = FAST.sm4_encrypt(key, blocks)
        assert KERNEL.sm4_encrypt(key, blocks) == enciphered, (key.hex(), blocks.hex())
        assert KERNEL.sm4_decrypt(key, enciphered) == blocks, (key.hex(), blocks.hex())
        assert enciphered == ORACLE.sm4_encrypt(key, blocks), (key.hex(), blocks.hex())
        assert FAST.sm4_decrypt(key, blocks) == ORACLE.sm4_decrypt(key, blocks), (key.hex(), blocks.hex())
        assert FAST.sm4_decrypt(key, enciphered) == blocks


def test_both_engines_chain_alike() -> None:
    draw = random.Random("sm4-cbc")
    for _ in range(2_000):
        key, iv, blocks = draw.randbytes(16), draw.randbytes(16), draw.randbytes(16 * draw.randrange(5))
        expected = ORACLE.sm4_cbc_encrypt(key, iv, blocks)
        assert FAST.sm4_cbc_encrypt(key, iv, blocks) == expected, (key.hex(), iv.hex(), blocks.hex())


def test_both_engines_sign_and_verify_alike() -> None:
    draw = random.Random("sm2")
    for turn in range(60):
        private, message = to_bytes(draw.randrange(1, N - 1)), draw.randbytes(draw.randrange(100))
        user_id = draw.randbytes(draw.randrange(30))
        nonce = None if turn % 2 else to_bytes(draw.randrange(1, N))
        public = FAST.sm2_public_key(private)
        assert public == ORACLE.sm2_public_key(private), private.hex()
        signature = FAST.sm2_sign(private, message, user_id, nonce)
        assert signature == ORACLE.sm2_sign(private, message, user_id, nonce), (private.hex(), message.hex())
        assert FAST.sm2_verify(public, message, signature, user_id)
        assert ORACLE.sm2_verify(public, message, signature, user_id), signature.hex()
        bit = draw.randrange(512)
        flipped = (int.from_bytes(signature, "big") ^ 1 << bit).to_bytes(64, "big")
        assert not FAST.sm2_verify(public, message, flipped, user_id)
        assert not ORACLE.sm2_verify(public, message, flipped, user_id), (signature.hex(), bit)
