"""The independent engine: the same face over `gmssl`, written in pure Python by others.

It checks the fast engine, and serves where OpenSSL lacks the Chinese algorithms. Curve constants, digests and
point arithmetic are gmssl's own; only ranges and deterministic nonces are shared with the fast engine.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from gmssl.sm2 import CryptSM2, default_ecc_table
from gmssl.sm3 import sm3_hash
from gmssl.sm4 import SM4_DECRYPT, SM4_ENCRYPT, CryptSM4

from reference.crypto import sm2
from reference.crypto.face import DEFAULT_USER_ID, InvalidKey, InvalidNonce, WrongCryptogram, each_key, require_blocks

NO_PADDING = -1
"""gmssl pads unless the mode is one that it does not know."""


class GmsslEngine:
    """gmssl's SM2, SM3 and SM4: some 25 to several thousand times slower than the fast engine."""

    name = "gmssl"

    def sm3(self, data: bytes) -> bytes:
        """The 32-byte SM3 digest."""
        # sm3_hash appends its padding to the very list that it is given: hand it a list of its own.
        return bytes.fromhex(sm3_hash(list(data)))

    def sm4_encrypt(self, key: bytes, blocks: bytes) -> bytes:
        """Encipher whole blocks one by one; see `Engine`."""
        require_blocks(key, blocks)
        return _sm4(key, SM4_ENCRYPT).crypt_ecb(blocks)  # type: ignore[no-any-return]

    def sm4_decrypt(self, key: bytes, blocks: bytes) -> bytes:
        """Decipher whole blocks one by one; see `Engine`."""
        require_blocks(key, blocks)
        return _sm4(key, SM4_DECRYPT).crypt_ecb(blocks)  # type: ignore[no-any-return]

    def sm4_decrypt_each(self, keys: bytes, texts: Sequence[bytes]) -> list[bytes]:
        """Decipher each text under its own key; see `Engine`."""
        return [self.sm4_decrypt(key, text) for key, text in each_key(keys, texts)]

    def sm4_cbc_encrypt(self, key: bytes, iv: bytes, blocks: bytes) -> bytes:
        """Encipher whole blocks chained; see `Engine`."""
        require_blocks(key, blocks, iv)
        # crypt_cbc adds a block of padding whatever the padding mode says; the blocks before it are right.
        return bytes(_sm4(key, SM4_ENCRYPT).crypt_cbc(iv, blocks)[: len(blocks)])

    def sm2_public_key(self, private: bytes) -> bytes:
        """The public point x ‖ y; see `Engine`."""
        scalar = sm2.private_scalar(private)
        return bytes.fromhex(_sm2()._kg(scalar, default_ecc_table["g"]))

    def sm2_sign(
        self, private: bytes, message: bytes, user_id: bytes = DEFAULT_USER_ID, nonce: bytes | None = None
    ) -> bytes:
        """Sign a message; see `Engine`."""
        e = self._digest_to_sign(self.sm2_public_key(private), user_id, message)
        if nonce is not None:
            nonces = iter([sm2.nonce_scalar(nonce)])
        else:
            nonces = sm2.deterministic_nonces(self.sm3, sm2.private_scalar(private), e, sm2.N)
        for k in nonces:
            signature = _sm2(private=private).sign(e, f"{k:064x}")
            if signature is not None:
                return bytes.fromhex(signature)
        raise InvalidNonce("this nonce gives no SM2 signature of this message: take another")

    def sm2_verify(self, public: bytes, message: bytes, signature: bytes, user_id: bytes = DEFAULT_USER_ID) -> bool:
        """Whether the signature is right; see `Engine`."""
        if sm2.signature_scalars(signature) is None or not _on_curve(public):
            return False
        e = self._digest_to_sign(public, user_id, message)
        try:
            return bool(_sm2(public=public).verify(signature.hex(), e))
        except TypeError:  # gmssl cannot write down the point at infinity
            return False

    def sm2_encrypt(self, public: bytes, message: bytes, nonce: bytes) -> bytes:
        """Encipher for the owner of a public key; see `Engine`."""
        k = sm2.nonce_scalar(nonce)
        if not _on_curve(public):
            raise InvalidKey("the coordinates are not those of a point of the SM2 curve")
        shared = bytes.fromhex(_sm2()._kg(k, public.hex()))
        stream = sm2.key_stream(self.sm3, shared, len(message))
        if not any(stream):
            raise InvalidNonce("this nonce gives a key stream of zeros: take another")
        point = bytes.fromhex(_sm2()._kg(k, default_ecc_table["g"]))
        return point + self._seal(shared, message) + sm2.masked(message, stream)

    def sm2_decrypt(self, private: bytes, cryptogram: bytes) -> bytes:
        """The message inside a cryptogram; see `Engine`."""
        d = sm2.private_scalar(private)
        point, seal, hidden = sm2.parts_of(cryptogram)
        if not _on_curve(point):
            raise WrongCryptogram("the coordinates are not those of a point of the SM2 curve")
        shared = bytes.fromhex(_sm2()._kg(d, point.hex()))
        message = sm2.masked(hidden, sm2.key_stream(self.sm3, shared, len(hidden)))
        if not hmac.compare_digest(self._seal(shared, message), seal):
            raise WrongCryptogram("the digest inside does not fit: another key, or changed bytes")
        return message

    def _seal(self, shared: bytes, message: bytes) -> bytes:
        """C3 = SM3(x2 ‖ M ‖ y2) of GB/T 32918.4, 6.1 A7."""
        return self.sm3(shared[: sm2.WIDTH] + message + shared[sm2.WIDTH :])

    def _digest_to_sign(self, public: bytes, user_id: bytes, message: bytes) -> bytes:
        """e = SM3(Z ‖ M) of GB/T 32918.2, 6.1 A1 and A2; gmssl's own knows the default user id only."""
        curve = bytes.fromhex(default_ecc_table["a"] + default_ecc_table["b"] + default_ecc_table["g"])
        z = self.sm3(sm2.entity_prefix(user_id) + curve + public)
        return self.sm3(z + message)


def _sm4(key: bytes, direction: int) -> CryptSM4:
    cipher = CryptSM4(direction, NO_PADDING)
    cipher.set_key(key, direction)
    return cipher


def _sm2(private: bytes = b"", public: bytes = b"") -> CryptSM2:
    calculator = CryptSM2(private_key=private.hex(), public_key="")
    # The constructor strips every leading 0 and 4 from a key that begins with 04: set the key past it.
    calculator.public_key = public.hex()
    return calculator


def _on_curve(public: bytes) -> bool:
    """Whether x ‖ y satisfies y² = x³ + ax + b mod p; gmssl computes happily with points that do not."""
    p, a, b = (int(default_ecc_table[name], 16) for name in ("p", "a", "b"))
    x, y = int.from_bytes(public[:32], "big"), int.from_bytes(public[32:], "big")
    return len(public) == 2 * sm2.WIDTH and x < p and y < p and (y * y - x * x * x - a * x - b) % p == 0
