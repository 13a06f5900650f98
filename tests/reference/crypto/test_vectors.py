"""Both engines against the published vectors of SM2, SM3 and SM4, right ones and ones to be refused."""

from __future__ import annotations

import pytest

from reference.crypto import Engine
from reference.crypto.fast import FastEngine, _digest_to_sign, _z
from tests.reference.crypto import vectors

ONCE = [vector for vector in vectors.SM4.ecb if vector.rounds == 1]
MANY_ROUNDS = [vector for vector in vectors.SM4.ecb if vector.rounds > 1]
PUBLISHED = vectors.SM2.published
unhex = bytes.fromhex


@pytest.mark.parametrize("vector", vectors.SM3.digest, ids=lambda vector: vector.id)
def test_sm3_gives_the_published_digest(each_engine: Engine, vector: vectors.Digest) -> None:
    assert each_engine.sm3(unhex(vector.message)).hex() == vector.digest


@pytest.mark.parametrize("vector", ONCE, ids=lambda vector: vector.id)
def test_sm4_gives_the_published_ciphertext_and_takes_it_back(each_engine: Engine, vector: vectors.Enciphered) -> None:
    assert each_engine.sm4_encrypt(unhex(vector.key), unhex(vector.plain)).hex() == vector.cipher
    assert each_engine.sm4_decrypt(unhex(vector.key), unhex(vector.cipher)).hex() == vector.plain


@pytest.mark.parametrize("vector", MANY_ROUNDS, ids=lambda vector: vector.id)
def test_sm4_gives_the_published_ciphertext_after_a_million_rounds(vector: vectors.Enciphered) -> None:
    fast, key, block = FastEngine(), unhex(vector.key), unhex(vector.plain)
    for _ in range(vector.rounds):
        block = fast.sm4_encrypt(key, block)
    assert block.hex() == vector.cipher


@pytest.mark.parametrize("vector", vectors.SM4.cbc, ids=lambda vector: vector.id)
def test_sm4_gives_the_published_chained_ciphertext(each_engine: Engine, vector: vectors.Enciphered) -> None:
    chained = each_engine.sm4_cbc_encrypt(unhex(vector.key), unhex(vector.iv), unhex(vector.plain))
    assert chained.hex() == vector.cipher


def test_the_published_private_key_has_the_published_public_key(each_engine: Engine) -> None:
    assert each_engine.sm2_public_key(unhex(PUBLISHED.private)).hex() == PUBLISHED.public


def test_z_and_e_are_the_published_intermediate_values() -> None:
    public, user_id = unhex(PUBLISHED.public), PUBLISHED.user_id.encode()
    assert _z(public, user_id).hex() == PUBLISHED.z
    assert _digest_to_sign(public, user_id, PUBLISHED.message.encode()).hex() == PUBLISHED.e


def test_the_published_nonce_gives_the_published_signature(each_engine: Engine) -> None:
    signature = each_engine.sm2_sign(
        unhex(PUBLISHED.private),
        PUBLISHED.message.encode(),
        PUBLISHED.user_id.encode(),
        nonce=unhex(PUBLISHED.nonce),
    )
    assert signature.hex() == PUBLISHED.r + PUBLISHED.s


def verified(engine: Engine, case: vectors.RefusedSignature | None = None) -> bool:
    """The verdict on the published signature, with what the case changes of it."""

    def part(name: str) -> str:
        changed = getattr(case, name, None)
        return str(getattr(PUBLISHED, name) if changed is None else changed)

    return engine.sm2_verify(
        unhex(part("public")),
        part("message").encode(),
        unhex(part("r") + part("s")),
        part("user_id").encode(),
    )


def test_the_published_signature_is_accepted(each_engine: Engine) -> None:
    assert verified(each_engine)


@pytest.mark.parametrize("case", vectors.SM2.refused, ids=lambda case: case.id)
def test_a_signature_with_one_thing_wrong_is_refused(each_engine: Engine, case: vectors.RefusedSignature) -> None:
    assert not verified(each_engine, case), case.why


def test_every_refused_case_differs_from_the_published_signature() -> None:
    changes = [
        {
            name: value
            for name in ("public", "user_id", "message", "r", "s")
            if (value := getattr(case, name)) is not None
        }
        for case in vectors.SM2.refused
    ]
    assert all(change for change in changes)
    assert all(getattr(PUBLISHED, name) != value for change in changes for name, value in change.items())
