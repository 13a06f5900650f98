"""SM4 under keys that serve once: one OpenSSL context a thread, keyed anew for each call.

Every e-card has a key of its own, so that the platform deciphers under a fresh key at each verification; making a
context for each takes several times as long as the cipher itself. GB/T 32907, modes of GB/T 17964 (ECB).
"""

from __future__ import annotations

import ctypes
import functools
from ctypes import c_char_p, c_int, c_void_p
from typing import Final

from reference.crypto.face import EngineUnavailable
from reference.crypto.libcrypto import Signatures, declared

SIGNATURES: Final[Signatures] = {
    "EVP_CIPHER_CTX_new": (c_void_p,),
    "EVP_CIPHER_CTX_free": (None, c_void_p),
    "EVP_CIPHER_CTX_set_padding": (c_int, c_void_p, c_int),
    "EVP_CipherInit_ex": (c_int, c_void_p, c_void_p, c_void_p, c_char_p, c_char_p, c_int),
    "EVP_CipherUpdate": (c_int, c_void_p, c_char_p, c_void_p, c_char_p, c_int),
    "EVP_sm4_ecb": (c_void_p,),
}
LARGEST: Final = 64
"""Bytes of a call at most: the buffer is copied whole, and longer texts are better off with a context of their own."""


@functools.cache
def load() -> ctypes.PyDLL:
    """The library with SM4's functions; raises EngineUnavailable without one.

    PyDLL keeps Python's lock: letting it go and taking it again would take longer than two blocks.
    """
    return declared(ctypes.PyDLL, SIGNATURES, "libcrypto with SM4")


class OneTimeKeys:
    """One direction of SM4 in ECB for one thread. Raises EngineUnavailable where OpenSSL leaves SM4 out."""

    def __init__(self, *, encipher: bool) -> None:
        library = load()
        self._free = library.EVP_CIPHER_CTX_free
        self._context = c_void_p(library.EVP_CIPHER_CTX_new())
        self._init, self._update = library.EVP_CipherInit_ex, library.EVP_CipherUpdate
        self._out = ctypes.create_string_buffer(LARGEST)
        self._length = c_int()
        self._length_place = ctypes.byref(self._length)
        cipher = c_void_p(library.EVP_sm4_ecb())
        if not self._context or self._init(self._context, cipher, None, bytes(16), None, int(encipher)) != 1:
            raise EngineUnavailable("OpenSSL lacks SM4")
        library.EVP_CIPHER_CTX_set_padding(self._context, 0)

    def apply(self, key: bytes, blocks: bytes) -> bytes:
        """Whole blocks, `LARGEST` bytes at most, under a 16-byte key; both are checked by the caller."""
        length = len(blocks)
        # -1 leaves the direction as it is.
        if (
            self._init(self._context, None, None, key, None, -1) != 1
            or self._update(self._context, self._out, self._length_place, blocks, length) != 1
            or self._length.value != length
        ):
            raise EngineUnavailable("OpenSSL refused an SM4 call")
        return self._out.raw[:length]

    def __del__(self) -> None:
        if getattr(self, "_context", None):
            self._free(self._context)
