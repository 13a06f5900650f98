"""A crypto machine inside this process: the port's digest, encryption and decryption over a key set.

Derivation: electronic health card core, as the fielded stand-in and its published vectors have it: user key =
E(security key, F ‖ NOT F), step by step for several factors; zero padding, block by block.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from reference.crypto import Engine, SecretKey, engine
from reference.crypto.face import BLOCK
from reference.keys.tables import protocol, refusal
from reference.keys.versions import KeySet, KeyVersion
from reference.ports import CURRENT, DeviceInfo

FIRMWARE: Final = "S1.00.00"


class SoftwareCryptoMachine:
    """A `CryptoMachine` of software; to be used from any thread. It holds the keys and shows none of them."""

    def __init__(self, keys: KeySet, engine: Engine = engine(), firmware: str = FIRMWARE) -> None:  # noqa: B008
        self._keys = keys
        self._engine = engine
        self._device = DeviceInfo(keys.check_value(), firmware)

    def digest(self, data: bytes) -> bytes:
        """The 32-byte SM3 digest."""
        return self._engine.sm3(data)

    def encrypt(self, data: bytes, factors: tuple[bytes, ...] = (), version: int = CURRENT) -> bytes:
        """The data, filled with zeros, enciphered; see `CryptoMachine`. Raises CryptoMachineRefused."""
        key = self._key(self._keys.to_encrypt(version), factors)
        if not data:
            raise refusal("length")
        return self._engine.sm4_encrypt(key, _filled(data, bool(factors)))

    def decrypt(self, data: bytes, factors: tuple[bytes, ...] = (), version: int = CURRENT) -> bytes:
        """Whole blocks deciphered; see `CryptoMachine`. Raises CryptoMachineRefused."""
        key = self._key(self._keys.to_decrypt(version), factors)
        if not data or len(data) % BLOCK:
            raise refusal("length")
        return self._engine.sm4_decrypt(key, data)

    def decrypt_each(self, blocks: Sequence[bytes], pairs: Sequence[bytes], version: int = CURRENT) -> list[bytes]:
        """Card ids of many people; see `GroupCryptoMachine`. Raises CryptoMachineRefused."""
        security = _bare(self._keys.to_decrypt(version).security)
        if any(len(pair) != BLOCK for pair in pairs) or len(pairs) != len(blocks):
            raise refusal("malformed")
        if any(not one or len(one) % BLOCK for one in blocks):
            raise refusal("length")
        # ECB: the keys of all are the cipher of their pairs in one text.
        return self._engine.sm4_decrypt_each(self._engine.sm4_encrypt(security, b"".join(pairs)), blocks)

    def current_version(self) -> int:
        """The newest active key version. Raises CryptoMachineRefused when none is active."""
        return self._keys.current().number

    def device(self) -> DeviceInfo:
        """The key set's check value and the firmware."""
        return self._device

    def heartbeat(self) -> None:
        """Nothing can be down here."""

    @property
    def demo(self) -> bool:
        """Whether any key is published."""
        return self._keys.demo

    def take_keys(self, keys: KeySet) -> None:
        """Go on with other keys, as after a roll-over; calls under way end under the old ones."""
        self._keys, self._device = keys, DeviceInfo(keys.check_value(), self._device.firmware)

    def _key(self, version: KeyVersion, factors: tuple[bytes, ...]) -> bytes:
        """The key to work under: the protection key, or the security key dispersed by each factor."""
        if not factors:
            return _bare(version.protection)
        key = _bare(version.security)
        for factor in factors:
            if len(factor) != BLOCK:
                raise refusal("malformed")
            key = self._engine.sm4_encrypt(key, factor)
        return key

    def __repr__(self) -> str:
        return f"SoftwareCryptoMachine({self._keys!r})"


def _bare(key: SecretKey | None) -> bytes:
    assert key is not None, "the key set gives only versions that have their keys"
    return key.secret_value


def _filled(data: bytes, with_factors: bool) -> bytes:
    sizes = protocol().sizes
    least = max(sizes.with_factors if with_factors else sizes.without_factors, len(data))
    return data.ljust(-(-least // BLOCK) * BLOCK, b"\0")
