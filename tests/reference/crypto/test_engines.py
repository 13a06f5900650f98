"""What engines refuse, which engine serves, and how nonces are made."""

from __future__ import annotations

import ctypes
import hashlib
import hmac
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from reference.crypto import Engine, EngineUnavailable, InvalidKey, InvalidNonce, engine, libcrypto
from reference.crypto.fast import FastEngine
from reference.crypto.kernel import SWITCH
from reference.crypto.libcrypto import NoSuchPoint, Sm2Group
from reference.crypto.oracle import GmsslEngine, _on_curve
from reference.crypto.sm2 import (
    GX,
    GY,
    N,
    deterministic_nonces,
    entity_prefix,
    hmac_with,
    random_scalar,
    signature_scalars,
    to_bytes,
)
from tests.reference.crypto import vectors

PRIVATE = bytes.fromhex(vectors.SM2.published.private)
P_256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.mark.parametrize("scalar", [0, N - 1, N, 2**256 - 1])
def test_a_private_key_out_of_range_is_refused(each_engine: Engine, scalar: int) -> None:
    with pytest.raises(InvalidKey, match="between 1 and n-2"):
        each_engine.sm2_public_key(to_bytes(scalar))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_private_key_of_another_length_is_refused(each_engine: Engine, length: int) -> None:
    with pytest.raises(InvalidKey, match="32 bytes"):
        each_engine.sm2_sign(b"\x01" * length, b"message")


def test_the_private_key_one_has_the_base_point_as_public_key(each_engine: Engine) -> None:
    assert each_engine.sm2_public_key(to_bytes(1)) == to_bytes(GX) + to_bytes(GY)


@pytest.mark.parametrize("nonce", [to_bytes(0), to_bytes(N), bytes(31), b""])
def test_a_nonce_out_of_range_is_refused(each_engine: Engine, nonce: bytes) -> None:
    with pytest.raises(InvalidNonce, match="between 1 and n-1"):
        each_engine.sm2_sign(PRIVATE, b"message", nonce=nonce)


@pytest.mark.parametrize(("key", "blocks"), [(bytes(15), bytes(16)), (bytes(32), bytes(16))])
def test_an_sm4_key_of_another_length_is_refused(each_engine: Engine, key: bytes, blocks: bytes) -> None:
    with pytest.raises(InvalidKey, match="16 bytes"):
        each_engine.sm4_encrypt(key, blocks)
    with pytest.raises(InvalidKey, match="16 bytes"):
        each_engine.sm4_decrypt(key, blocks)


def test_parts_of_blocks_are_refused_and_leave_nothing_behind(each_engine: Engine) -> None:
    before = each_engine.sm4_encrypt(bytes(16), bytes(16))
    with pytest.raises(ValueError, match="whole blocks"):
        each_engine.sm4_encrypt(bytes(16), bytes(15))
    with pytest.raises(ValueError, match="whole blocks"):
        each_engine.sm4_cbc_encrypt(bytes(16), bytes(16), bytes(17))
    with pytest.raises(ValueError, match="initial value"):
        each_engine.sm4_cbc_encrypt(bytes(16), bytes(8), bytes(16))
    assert each_engine.sm4_encrypt(bytes(16), bytes(16)) == before


def test_a_key_whose_point_begins_with_04_verifies(each_engine: Engine) -> None:
    # gmssl's constructor would strip such a point's first digits.
    private = next(
        to_bytes(scalar) for scalar in range(1, 10_000) if FastEngine().sm2_public_key(to_bytes(scalar))[0] == 0x04
    )
    public = each_engine.sm2_public_key(private)
    assert each_engine.sm2_verify(public, b"message", each_engine.sm2_sign(private, b"message"))


def test_the_same_message_gets_the_same_signature_and_another_message_another_nonce(
    each_engine: Engine,
) -> None:
    first, again = each_engine.sm2_sign(PRIVATE, b"one"), each_engine.sm2_sign(PRIVATE, b"one")
    assert first == again
    assert each_engine.sm2_sign(PRIVATE, b"two")[:32] != first[:32]


def test_a_user_id_longer_than_its_length_field_is_refused() -> None:
    assert entity_prefix(bytes(8191))[:2] == b"\xff\xf8"
    with pytest.raises(ValueError, match="at most 8191 bytes, not 8192"):
        entity_prefix(bytes(8192))


@pytest.mark.parametrize(("r", "s"), [(0, 1), (1, 0), (N, 1), (1, N), (1, N - 1), (N - 1, 1)])
def test_signature_scalars_out_of_range_are_refused_before_any_arithmetic(r: int, s: int) -> None:
    assert signature_scalars(to_bytes(r) + to_bytes(s)) is None


def test_signature_scalars_at_the_edges_are_taken() -> None:
    assert signature_scalars(to_bytes(1) + to_bytes(N - 2)) == (1, N - 2)
    assert signature_scalars(to_bytes(N - 1) + to_bytes(N - 1)) == (N - 1, N - 1)


@pytest.mark.parametrize(
    ("message", "nonce"),
    [
        (b"sample", "a6e3c57dd01abe90086538398355dd4c3b17aa873382b0f24d6129493d8aad60"),
        (b"test", "d16b6ae827f17175e040871a1c7ec3500192c4c92677336ec2537acaee0008e0"),
    ],
)
def test_deterministic_nonces_are_those_of_rfc_6979_a_2_5(message: bytes, nonce: str) -> None:
    """With P-256 and SHA-256, for which the RFC has vectors."""
    private = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
    nonces = deterministic_nonces(sha256, private, sha256(message), P_256_ORDER)
    assert next(nonces) == int(nonce, 16)


def sha256(data: bytes) -> bytes:
    """The digest of RFC 6979's example."""
    return hashlib.sha256(data).digest()


def test_deterministic_nonces_take_the_digest_modulo_the_order() -> None:
    below, above = to_bytes(5), to_bytes(5 + P_256_ORDER)
    nonces = [next(deterministic_nonces(sha256, 1, e, P_256_ORDER)) for e in (below, above, to_bytes(6))]
    assert nonces[0] == nonces[1] != nonces[2]


def test_hmac_sm3_is_that_of_the_standard_library() -> None:
    for length in (0, 1, 32, 64):
        key = bytes(range(length))
        assert hmac_with(FastEngine().sm3, key, b"data") == hmac.new(key, b"data", "sm3").digest()


class Scripted:
    """Randomness that hands out what it was given."""

    def __init__(self, *values: bytes) -> None:
        self._values: Iterator[bytes] = iter(values)

    def bytes(self, length: int) -> bytes:
        """The next value."""
        return next(self._values)


def test_a_random_scalar_out_of_range_is_drawn_again() -> None:
    draws = Scripted(to_bytes(0), to_bytes(N), to_bytes(N - 1), to_bytes(N - 2))
    assert random_scalar(draws) == to_bytes(N - 2)


def test_a_useless_deterministic_nonce_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    fast, tried = FastEngine(), []

    def no_signature_at_first(self: FastEngine, d: int, e: int, k: int) -> bytes | None:
        tried.append(k)
        return None if len(tried) == 1 else b"signature"

    monkeypatch.setattr(FastEngine, "_signature", no_signature_at_first)
    assert fast.sm2_sign(PRIVATE, b"message") == b"signature"
    assert tried[0] != tried[1]


def test_a_given_nonce_that_gives_no_signature_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FastEngine, "_signature", lambda *_: None)
    with pytest.raises(InvalidNonce, match="take another"):
        FastEngine().sm2_sign(PRIVATE, b"message", nonce=to_bytes(5))


@pytest.mark.parametrize("refused", [vector.id for vector in vectors.SM2.refused if vector.public])
def test_libcrypto_refuses_what_is_no_point(refused: str) -> None:
    public = next(vector.public for vector in vectors.SM2.refused if vector.id == refused)
    if refused == "point-negated":
        assert len(Sm2Group().combine(1, bytes.fromhex(public or ""), 1)) == 64
    else:
        with pytest.raises(NoSuchPoint):
            Sm2Group().combine(1, bytes.fromhex(public or ""), 1)


def test_gmssl_refuses_a_coordinate_above_p_and_takes_its_twin() -> None:
    above = next(vector.public for vector in vectors.SM2.refused if vector.id == "coordinate-above-p") or ""
    assert not _on_curve(bytes.fromhex(above))
    assert _on_curve(to_bytes(1) + bytes.fromhex(above)[32:])


def test_zero_times_the_base_point_has_no_coordinates() -> None:
    with pytest.raises(NoSuchPoint, match="infinity"):
        Sm2Group().multiply_base(0)


def test_several_threads_may_share_the_engine() -> None:
    fast, key, data = FastEngine(), bytes(16), bytes(1 << 20)  # long enough for threads to overlap
    signature, public = fast.sm2_sign(PRIVATE, b"message"), fast.sm2_public_key(PRIVATE)
    enciphered = fast.sm4_encrypt(key, data)

    def work(_: int) -> tuple[bool, bytes]:
        return fast.sm2_verify(public, b"message", signature), fast.sm4_encrypt(key, data)

    with ThreadPoolExecutor(4) as pool:
        assert all(result == (True, enciphered) for result in pool.map(work, range(40)))


@pytest.fixture
def _no_choice_made_yet() -> Iterator[None]:
    engine.cache_clear()
    yield
    engine.cache_clear()


@pytest.mark.usefixtures("_no_choice_made_yet")
def test_the_kernel_serves_where_it_can() -> None:
    assert engine().name == "kernel"


@pytest.mark.usefixtures("_no_choice_made_yet")
def test_the_fast_engine_serves_where_the_kernel_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "off")
    assert engine().name == "fast"


@pytest.mark.usefixtures("_no_choice_made_yet")
def test_gmssl_serves_where_libcrypto_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library(name: str) -> ctypes.CDLL:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", no_library)
    with pytest.raises(EngineUnavailable, match="no OpenSSL library"):
        FastEngine()
    assert isinstance(engine(), GmsslEngine)


@pytest.mark.usefixtures("_no_choice_made_yet")
@pytest.mark.parametrize("missing", ["sm3", "sm4_encrypt"])
def test_gmssl_serves_where_openssl_lacks_an_algorithm(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    def unsupported(*_: object) -> bytes:
        raise ValueError("unsupported")

    monkeypatch.setattr(FastEngine, missing, unsupported)
    assert engine().name == "gmssl"


def test_gmssl_serves_where_openssl_was_built_without_sm2(monkeypatch: pytest.MonkeyPatch) -> None:
    library = libcrypto.load()

    class WithoutSm2:
        def __getattr__(self, name: str) -> object:
            return (lambda _: None) if name == "EC_GROUP_new_by_curve_name" else getattr(library, name)

    monkeypatch.setattr(libcrypto, "load", WithoutSm2)
    with pytest.raises(EngineUnavailable, match="leaves SM2 out"):
        FastEngine()
