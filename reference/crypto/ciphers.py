"""The block ciphers that a profile may choose for keys, records and MACs of the card.

The card's own cipher is SM1, which is unpublished: SM4 stands in for it, with the same block and key size.
"""

from __future__ import annotations

from typing import Final, Protocol

from reference.crypto.selection import engine


class BlockCipher(Protocol):
    """A cipher of 16-byte blocks under 16-byte keys; methods take whole blocks and raise as `Engine` does."""

    @property
    def name(self) -> str:
        """The name by which a profile chooses it."""
        ...

    def encrypt(self, key: bytes, blocks: bytes) -> bytes:
        """Encipher block by block (ECB)."""
        ...

    def decrypt(self, key: bytes, blocks: bytes) -> bytes:
        """Decipher block by block (ECB)."""
        ...

    def encrypt_chained(self, key: bytes, iv: bytes, blocks: bytes) -> bytes:
        """Encipher blocks chained (CBC)."""
        ...


class Sm4:
    """SM4 (GB/T 32907) by the engine of this machine."""

    name = "SM4"

    def encrypt(self, key: bytes, blocks: bytes) -> bytes:
        """Encipher block by block."""
        return engine().sm4_encrypt(key, blocks)

    def decrypt(self, key: bytes, blocks: bytes) -> bytes:
        """Decipher block by block."""
        return engine().sm4_decrypt(key, blocks)

    def encrypt_chained(self, key: bytes, iv: bytes, blocks: bytes) -> bytes:
        """Encipher blocks chained."""
        return engine().sm4_cbc_encrypt(key, iv, blocks)


SM4: Final = Sm4()

CIPHERS: Final[dict[str, BlockCipher]] = {SM4.name: SM4}
"""Every cipher that a profile can name."""
