"""The compiled kernel: SM4 block by block (GB/T 32907) several times as fast as OpenSSL's, for the verification path.

Deciphering requests, card ids and tokens and enciphering answers is what a verification spends its processor time on
beside the interpreter. The kernel is built where there is a C compiler for x86-64 (`building`), and used where the
processor has AES instructions; everywhere else OpenSSL does the same, which also is its oracle in the tests.
``HEALTHCARD_KERNEL=off`` leaves it out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Final

from reference.crypto.face import BLOCK, EngineUnavailable, require_blocks
from reference.crypto.fast import FastEngine

SWITCH: Final = "HEALTHCARD_KERNEL"
EXAMPLE_KEY: Final = bytes.fromhex("0123456789abcdeffedcba9876543210")
EXAMPLE: Final = bytes.fromhex("681edf34d206965e86b3e94f536e4246")
"""GB/T 32907, A.1: this key enciphers itself to this."""
Cipher = Callable[[bytes, bytes], bytes]


class KernelEngine(FastEngine):
    """The fast engine with the kernel's SM4.

    Raises EngineUnavailable where the kernel was not built, cannot run, is switched off or errs in the example.
    """

    name = "kernel"

    def __init__(self) -> None:
        kernel = _loaded()
        self._encipher: Cipher = kernel.encipher
        self._decipher: Cipher = kernel.decipher
        self._decipher_each: Cipher = kernel.decipher_each
        if self._encipher(EXAMPLE_KEY, EXAMPLE_KEY) != EXAMPLE:
            raise EngineUnavailable("the compiled kernel errs in the example of GB/T 32907")
        super().__init__()

    def sm4_encrypt(self, key: bytes, blocks: bytes) -> bytes:
        """Encipher whole blocks one by one; see `Engine`."""
        require_blocks(key, blocks)
        return self._encipher(key, blocks)

    def sm4_decrypt(self, key: bytes, blocks: bytes) -> bytes:
        """Decipher whole blocks one by one; see `Engine`."""
        require_blocks(key, blocks)
        return self._decipher(key, blocks)

    def sm4_decrypt_each(self, keys: bytes, texts: Sequence[bytes]) -> list[bytes]:
        """Decipher each text under its own key, those of one length together; see `Engine`."""
        length = len(texts[0]) if texts else 0
        if any(len(text) != length for text in texts) or length % BLOCK or len(keys) != BLOCK * len(texts):
            return super().sm4_decrypt_each(keys, texts)
        plain = self._decipher_each(keys, b"".join(texts))
        return [plain[start : start + length] for start in range(0, len(plain), length)] if length else list(texts)


def _loaded() -> Any:
    if os.environ.get(SWITCH) == "off":
        raise EngineUnavailable(f"the compiled kernel is switched off by {SWITCH}")
    try:
        from reference.crypto.kernel import _sm4
    except ImportError as reason:
        raise EngineUnavailable(f"no compiled kernel: {reason}") from None
    return _sm4
