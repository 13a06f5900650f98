"""Point arithmetic on the SM2 curve by OpenSSL's libcrypto, through ctypes.

Only the curve's group is taken from OpenSSL (1.1.1 or later): its SM2 signature calls choose their own nonce
and cannot give deterministic signatures. A call holds no Python lock, so several threads compute at once.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable
from contextlib import ExitStack
from ctypes import c_char_p, c_int, c_size_t, c_void_p
from typing import Final, TypeVar

from reference.crypto.face import EngineUnavailable
from reference.crypto.sm2 import WIDTH, to_bytes

Library = TypeVar("Library", bound=ctypes.CDLL)
Signatures = dict[str, tuple[object, ...]]
"""Type of the result, then of the arguments, by the function's name."""

UNCOMPRESSED: Final = 4

# Without these declarations ctypes would cut 64-bit pointers down to 32 bits.
SIGNATURES: Final[Signatures] = {
    "OBJ_sn2nid": (c_int, c_char_p),
    "EC_GROUP_new_by_curve_name": (c_void_p, c_int),
    "EC_POINT_new": (c_void_p, c_void_p),
    "EC_POINT_clear_free": (None, c_void_p),
    "EC_POINT_oct2point": (c_int, c_void_p, c_void_p, c_char_p, c_size_t, c_void_p),
    "EC_POINT_point2oct": (c_size_t, c_void_p, c_void_p, c_int, c_char_p, c_size_t, c_void_p),
    "EC_POINT_mul": (c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p),
    "BN_bin2bn": (c_void_p, c_char_p, c_int, c_void_p),
    "BN_clear_free": (None, c_void_p),
    "BN_CTX_new": (c_void_p,),
    "BN_CTX_free": (None, c_void_p),
    "ERR_clear_error": (None,),
}


class NoSuchPoint(ValueError):
    """The given bytes are not a point of the curve, or the result is the point at infinity."""


def declared(opening: type[Library], signatures: Signatures, wanted: str) -> Library:
    """OpenSSL's libcrypto opened as a ctypes library, its functions declared by result and arguments.

    Raises EngineUnavailable when there is none with all of the functions; ``wanted`` says which one is needed.
    """
    for name in (ctypes.util.find_library("crypto"), "libcrypto.so.3"):
        try:
            library = opening(name) if name else None
        except OSError:
            continue
        if library is not None and all(hasattr(library, function) for function in signatures):
            for function, (result, *arguments) in signatures.items():
                entry = getattr(library, function)
                entry.restype, entry.argtypes = result, arguments
            return library
    raise EngineUnavailable(f"no OpenSSL library {wanted} was found")


def load() -> ctypes.CDLL:
    """The library with what computes on points; raises EngineUnavailable without one."""
    return declared(ctypes.CDLL, SIGNATURES, "libcrypto 1.1.1 or later")


class Sm2Group:
    """The group of points of the SM2 curve; raises EngineUnavailable when libcrypto leaves it out."""

    def __init__(self) -> None:
        self._library = load()
        self._group = self._library.EC_GROUP_new_by_curve_name(self._library.OBJ_sn2nid(b"SM2"))
        if not self._group:
            self._library.ERR_clear_error()
            raise EngineUnavailable("this build of OpenSSL's libcrypto leaves SM2 out")

    def multiply_base(self, scalar: int) -> bytes:
        """[scalar]G as x ‖ y, 64 bytes; takes the same time for every scalar. Raises NoSuchPoint for zero."""
        with ExitStack() as stack:
            context, result = self._context(stack), self._point(stack)
            number = self._number(stack, scalar)
            done = self._library.EC_POINT_mul(self._group, result, number, None, None, context)
            return self._coordinates(done, result, context)

    def multiply(self, point: bytes, scalar: int) -> bytes:
        """[scalar]point as x ‖ y, 64 bytes; takes the same time for every scalar. Raises NoSuchPoint."""
        with ExitStack() as stack:
            context, result = self._context(stack), self._point(stack)
            factor, number = self._decoded(stack, point, context), self._number(stack, scalar)
            done = self._library.EC_POINT_mul(self._group, result, None, factor, number, context)
            return self._coordinates(done, result, context)

    def combine(self, base_scalar: int, point: bytes, scalar: int) -> bytes:
        """[base_scalar]G + [scalar]point as x ‖ y, 64 bytes, of public values: takes a varying time.

        Raises NoSuchPoint when ``point`` (x ‖ y) is not on the curve or the sum is the point at infinity.
        """
        with ExitStack() as stack:
            context, result = self._context(stack), self._point(stack)
            factor = self._decoded(stack, point, context)
            base_number, number = self._number(stack, base_scalar), self._number(stack, scalar)
            done = self._library.EC_POINT_mul(self._group, result, base_number, factor, number, context)
            return self._coordinates(done, result, context)

    def _context(self, stack: ExitStack) -> int:
        return self._owned(stack, self._library.BN_CTX_new(), self._library.BN_CTX_free)

    def _point(self, stack: ExitStack) -> int:
        return self._owned(stack, self._library.EC_POINT_new(self._group), self._library.EC_POINT_clear_free)

    def _number(self, stack: ExitStack, scalar: int) -> int:
        number = self._library.BN_bin2bn(to_bytes(scalar), WIDTH, None)
        return self._owned(stack, number, self._library.BN_clear_free)

    def _decoded(self, stack: ExitStack, point: bytes, context: int) -> int:
        """The point x ‖ y inside libcrypto. Raises NoSuchPoint."""
        decoded, encoded = self._point(stack), bytes([UNCOMPRESSED]) + point
        # oct2point refuses coordinates outside the field and points off the curve.
        if not self._library.EC_POINT_oct2point(self._group, decoded, encoded, len(encoded), context):
            self._library.ERR_clear_error()
            raise NoSuchPoint("the coordinates are not those of a point of the SM2 curve")
        return decoded

    def _owned(self, stack: ExitStack, pointer: int | None, free: Callable[[int], None]) -> int:
        """The pointer, wiped and freed when the stack ends; a null pointer must not go on into libcrypto."""
        if not pointer:
            raise MemoryError("libcrypto is out of memory")
        stack.callback(free, pointer)
        return pointer

    def _coordinates(self, done: int, point: int, context: int) -> bytes:
        if not done:
            self._library.ERR_clear_error()
            raise MemoryError("libcrypto could not multiply a point of the SM2 curve")
        encoded = ctypes.create_string_buffer(1 + 2 * WIDTH)
        written = self._library.EC_POINT_point2oct(self._group, point, UNCOMPRESSED, encoded, len(encoded), context)
        if written != len(encoded):  # the point at infinity is one zero byte
            raise NoSuchPoint("the result is the point at infinity")
        return encoded.raw[1:]
