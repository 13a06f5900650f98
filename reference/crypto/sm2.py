"""What SM2 says besides point arithmetic: curve constants, ranges, the signer's id, deterministic nonces.

Source: GB/T 32918.1, .2 and .4 (GM/T 0003.1, .2, .4), curve of GB/T 32918.5 (GM/T 0003.5); nonces: RFC 6979, 3.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from reference.crypto.face import InvalidKey, InvalidNonce, WrongCryptogram
from reference.ports import Randomness

WIDTH: Final = 32
"""Bytes of a scalar, a coordinate and a digest."""

A: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC
B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GX: Final = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY: Final = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0

INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))
"""Translations that mix HMAC's two pads into the key (RFC 2104)."""


def to_bytes(scalar: int) -> bytes:
    """A scalar or coordinate as 32 bytes, most significant first."""
    return scalar.to_bytes(WIDTH, "big")


def private_scalar(private: bytes) -> int:
    """The private key d as a number; InvalidKey unless 32 bytes and 1 ≤ d ≤ n-2 (GB/T 32918.1, 6.1)."""
    scalar = int.from_bytes(private, "big")
    if len(private) != WIDTH or not 1 <= scalar <= N - 2:
        raise InvalidKey("an SM2 private key has 32 bytes and lies between 1 and n-2")
    return scalar


def nonce_scalar(nonce: bytes) -> int:
    """The nonce k as a number; raises InvalidNonce unless 32 bytes and 1 ≤ k ≤ n-1 (GB/T 32918.2, 6.1 A3)."""
    scalar = int.from_bytes(nonce, "big")
    if len(nonce) != WIDTH or not 1 <= scalar < N:
        raise InvalidNonce("an SM2 nonce has 32 bytes and lies between 1 and n-1")
    return scalar


def signature_scalars(signature: bytes) -> tuple[int, int] | None:
    """r and s of a 64-byte signature, or None where verification ends at once (GB/T 32918.2, 7.1 B1, B2, B5).

    That is: another length, r or s outside 1 … n-1, or t = r + s = 0 mod n.
    """
    r, s = int.from_bytes(signature[:WIDTH], "big"), int.from_bytes(signature[WIDTH:], "big")
    if len(signature) != 2 * WIDTH or not 1 <= r < N or not 1 <= s < N or r + s == N:
        return None
    return r, s


def entity_prefix(user_id: bytes) -> bytes:
    """ENTL ‖ ID, the head of what Z is the digest of (GB/T 32918.2, 5.5); ValueError above 8191 bytes."""
    bits = 8 * len(user_id)
    if bits > 0xFFFF:
        raise ValueError(f"an SM2 user id has at most 8191 bytes, not {len(user_id)}")
    return bits.to_bytes(2, "big") + user_id


def identity(public: bytes, user_id: bytes) -> bytes:
    """What Z is the digest of (GB/T 32918.2, 5.5): the signer's id, the curve, the public key x ‖ y."""
    return entity_prefix(user_id) + b"".join(map(to_bytes, (A, B, GX, GY))) + public


def random_scalar(randomness: Randomness) -> bytes:
    """A private key or nonce drawn evenly from 1 … n-2, as 32 bytes."""
    while True:
        candidate = randomness.bytes(WIDTH)
        if 1 <= int.from_bytes(candidate, "big") <= N - 2:
            return candidate


def hmac_with(digest: Callable[[bytes], bytes], key: bytes, data: bytes) -> bytes:
    """HMAC (RFC 2104) over a digest with 64-byte blocks, for keys of at most 64 bytes."""
    block = key.ljust(64, b"\0")
    return digest(block.translate(OUTER) + digest(block.translate(INNER) + data))


def key_stream(digest: Callable[[bytes], bytes], seed: bytes, length: int) -> bytes:
    """The key derivation function of GB/T 32918.4 clause 5.4.3: SM3(seed ‖ counter) from counter 1, cut to length."""
    counters = range(1, -(-length // WIDTH) + 1)
    return b"".join(digest(seed + counter.to_bytes(4, "big")) for counter in counters)[:length]


def masked(message: bytes, stream: bytes) -> bytes:
    """The exclusive or of a message and a key stream of its length."""
    return bytes(left ^ right for left, right in zip(message, stream, strict=True))


def parts_of(cryptogram: bytes) -> tuple[bytes, bytes, bytes]:
    """C1, C3 and C2 of a cryptogram. Raises WrongCryptogram for one too short to hold a message."""
    if len(cryptogram) <= 3 * WIDTH:
        raise WrongCryptogram("an SM2 cryptogram is longer than 96 bytes")
    return cryptogram[: 2 * WIDTH], cryptogram[2 * WIDTH : 3 * WIDTH], cryptogram[3 * WIDTH :]


def deterministic_nonces(digest: Callable[[bytes], bytes], private: int, e: bytes, order: int) -> Iterator[int]:
    """The nonces k of RFC 6979 clause 3.2 for private key and message digest ``e``, best first.

    ``digest`` is the 256-bit hash behind HMAC, ``order`` that of the curve (256 bits). The later ones
    serve only when the first leads to a signature that must be thrown away.
    """
    seed = to_bytes(private) + to_bytes(int.from_bytes(e, "big") % order)
    value, key = b"\x01" * WIDTH, b"\x00" * WIDTH
    for separator in (b"\x00", b"\x01"):
        key = hmac_with(digest, key, value + separator + seed)
        value = hmac_with(digest, key, value)
    while True:
        value = hmac_with(digest, key, value)
        if 1 <= int.from_bytes(value, "big") < order:
            yield int.from_bytes(value, "big")
        key = hmac_with(digest, key, value + b"\x00")
        value = hmac_with(digest, key, value)
