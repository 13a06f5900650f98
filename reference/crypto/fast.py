"""The fast engine: SM3 and SM4 by OpenSSL through hashlib and `cryptography`, SM2 on libcrypto's points.

SM2 follows GB/T 32918.2 clauses 6.1 (signature) and 7.1 (verification), and GB/T 32918.4 clauses 6.1 (encryption)
and 7.1 (decryption), step by step.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

from reference.crypto import sm2
from reference.crypto.face import (
    DEFAULT_USER_ID,
    EngineUnavailable,
    InvalidKey,
    InvalidNonce,
    WrongCryptogram,
    each_key,
    require_blocks,
)
from reference.crypto.libcrypto import NoSuchPoint, Sm2Group
from reference.crypto.one_time_keys import LARGEST, OneTimeKeys

KEYS_REMEMBERED = 256
V = TypeVar("V")


class FastEngine:
    """OpenSSL's SM2, SM3 and SM4. Raises EngineUnavailable where this machine's OpenSSL lacks one of them."""

    name = "fast"

    def __init__(self) -> None:
        self._group = Sm2Group()
        self._ecb = _EcbContexts()
        self._remembered_public_key = functools.lru_cache(KEYS_REMEMBERED)(self._public_key)
        try:
            self.sm3(b"")
            FastEngine.sm4_encrypt(self, bytes(16), bytes(16))
        except (ValueError, UnsupportedAlgorithm) as reason:
            raise EngineUnavailable(f"OpenSSL lacks SM3 or SM4: {reason}") from reason

    def sm3(self, data: bytes) -> bytes:
        """The 32-byte SM3 digest."""
        return _sm3(data)

    def sm4_encrypt(self, key: bytes, blocks: bytes) -> bytes:
        """Encipher whole blocks one by one; see `Engine`."""
        require_blocks(key, blocks)
        return self._ecb.encipher(key, blocks)

    def sm4_decrypt(self, key: bytes, blocks: bytes) -> bytes:
        """Decipher whole blocks one by one; see `Engine`."""
        require_blocks(key, blocks)
        return self._ecb.decipher(key, blocks)

    def sm4_decrypt_each(self, keys: bytes, texts: Sequence[bytes]) -> list[bytes]:
        """Decipher each text under its own key; see `Engine`."""
        return [self.sm4_decrypt(key, text) for key, text in each_key(keys, texts)]

    def sm4_cbc_encrypt(self, key: bytes, iv: bytes, blocks: bytes) -> bytes:
        """Encipher whole blocks chained; see `Engine`."""
        require_blocks(key, blocks, iv)
        return Cipher(algorithms.SM4(key), modes.CBC(iv)).encryptor().update(blocks)

    def sm2_public_key(self, private: bytes) -> bytes:
        """The public point x ‖ y; see `Engine`."""
        return self._remembered_public_key(private)

    def sm2_sign(
        self, private: bytes, message: bytes, user_id: bytes = DEFAULT_USER_ID, nonce: bytes | None = None
    ) -> bytes:
        """Sign a message; see `Engine`."""
        d = sm2.private_scalar(private)
        e = _digest_to_sign(self.sm2_public_key(private), user_id, message)
        given = None if nonce is None else iter([sm2.nonce_scalar(nonce)])
        for k in given or sm2.deterministic_nonces(_sm3, d, e, sm2.N):
            signature = self._signature(d, int.from_bytes(e, "big"), k)
            if signature is not None:
                return signature
        raise InvalidNonce("this nonce gives no SM2 signature of this message: take another")

    def sm2_verify(self, public: bytes, message: bytes, signature: bytes, user_id: bytes = DEFAULT_USER_ID) -> bool:
        """Whether the signature is right; see `Engine`."""
        scalars = sm2.signature_scalars(signature)
        if scalars is None or len(public) != 2 * sm2.WIDTH:
            return False
        r, s = scalars
        try:
            point = self._group.combine(s, public, (r + s) % sm2.N)
        except NoSuchPoint:
            return False
        e = int.from_bytes(_digest_to_sign(public, user_id, message), "big")
        expected = (e + int.from_bytes(point[: sm2.WIDTH], "big")) % sm2.N
        return hmac.compare_digest(sm2.to_bytes(expected), sm2.to_bytes(r))

    def sm2_encrypt(self, public: bytes, message: bytes, nonce: bytes) -> bytes:
        """Encipher for the owner of a public key; see `Engine`."""
        k = sm2.nonce_scalar(nonce)
        try:
            shared = self._group.multiply(public, k)
        except NoSuchPoint as fault:
            raise InvalidKey(str(fault)) from fault
        stream = sm2.key_stream(_sm3, shared, len(message))
        if not any(stream):
            raise InvalidNonce("this nonce gives a key stream of zeros: take another")
        return self._group.multiply_base(k) + _seal(shared, message) + sm2.masked(message, stream)

    def sm2_decrypt(self, private: bytes, cryptogram: bytes) -> bytes:
        """The message inside a cryptogram; see `Engine`."""
        d = sm2.private_scalar(private)
        point, seal, hidden = sm2.parts_of(cryptogram)
        try:
            shared = self._group.multiply(point, d)
        except NoSuchPoint as fault:
            raise WrongCryptogram(str(fault)) from fault
        message = sm2.masked(hidden, sm2.key_stream(_sm3, shared, len(hidden)))
        if not hmac.compare_digest(_seal(shared, message), seal):
            raise WrongCryptogram("the digest inside does not fit: another key, or changed bytes")
        return message

    def _public_key(self, private: bytes) -> bytes:
        return self._group.multiply_base(sm2.private_scalar(private))

    def _signature(self, d: int, e: int, k: int) -> bytes | None:
        """Steps A4 to A7: r ‖ s, or None where the standard asks for another k."""
        x = int.from_bytes(self._group.multiply_base(k)[: sm2.WIDTH], "big")
        r = (e + x) % sm2.N
        s = pow(1 + d, -1, sm2.N) * (k - r * d) % sm2.N
        return None if r == 0 or r + k == sm2.N or s == 0 else sm2.to_bytes(r) + sm2.to_bytes(s)


def _seal(shared: bytes, message: bytes) -> bytes:
    """C3 = SM3(x2 ‖ M ‖ y2) of GB/T 32918.4, 6.1 A7."""
    return _sm3(shared[: sm2.WIDTH] + message + shared[sm2.WIDTH :])


_nothing_yet = hashlib.new("sm3")


def _sm3(data: bytes) -> bytes:
    digest = _nothing_yet.copy()  # OpenSSL looks an algorithm up by its name at each new digest
    digest.update(data)
    return digest.digest()


def _ecb(key: bytes) -> Cipher[modes.ECB]:
    return Cipher(algorithms.SM4(key), modes.ECB())  # noqa: S305 – single blocks and records, as the card has it


class _Direction:
    """SM4 in one direction for one thread: keys that come again keep a context, all others share one.

    ECB carries nothing from block to block, so that a running context serves again and again.
    """

    def __init__(self, *, encipher: bool) -> None:
        self._encipher = encipher
        self._kept: OrderedDict[bytes, CipherContext] = OrderedDict()
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._one_time = OneTimeKeys(encipher=encipher)

    def apply(self, key: bytes, blocks: bytes) -> bytes:
        """Whole blocks under a 16-byte key."""
        context = self._kept.get(key)
        if context is not None:
            return context.update(blocks)
        if key not in self._seen and len(blocks) <= LARGEST:
            _remember(self._seen, key, None)
            return self._one_time.apply(key, blocks)
        self._seen.pop(key, None)
        cipher = _ecb(key)
        context = cipher.encryptor() if self._encipher else cipher.decryptor()
        _remember(self._kept, key, context)
        return context.update(blocks)


class _EcbContexts(threading.local):
    """Both directions. A context must not be entered by two threads at once: each thread has its own."""

    def __init__(self) -> None:
        self.encipher = _Direction(encipher=True).apply
        self.decipher = _Direction(encipher=False).apply


def _remember(kept: OrderedDict[bytes, V], key: bytes, value: V) -> None:
    """Keep the last `KEYS_REMEMBERED`."""
    kept[key] = value
    if len(kept) > KEYS_REMEMBERED:
        kept.popitem(last=False)


@functools.lru_cache(KEYS_REMEMBERED)
def _z(public: bytes, user_id: bytes) -> bytes:
    """Z of GB/T 32918.2, 5.5: the digest of the signer's id, the curve and the public key."""
    return _sm3(sm2.identity(public, user_id))


def _digest_to_sign(public: bytes, user_id: bytes, message: bytes) -> bytes:
    """e = SM3(Z ‖ M) of GB/T 32918.2, 6.1 A1 and A2."""
    return _sm3(_z(public, user_id) + message)
