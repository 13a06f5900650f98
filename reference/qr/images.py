"""Images of codes: PNG of a fixed square (Qinghai 3.3: 200 by 200 pixels) and SVG for labels.

Upper-case hexadecimal and colons fit the alphanumeric mode of QR code (GB/T 18284), so that the symbols stay small.
No source gives error-correction level, print size or shades: level M, the quiet zone of four modules that the symbol
asks for, and inks dark enough for readers are decisions. The dynamic code of a display is drawn by the same functions.
"""

from __future__ import annotations

import io
import struct
import zlib

import segno

from reference.ecard.refusals import Refusal

ERROR_LEVEL = "m"
QUIET_ZONE = 4
"""Light modules around the symbol."""
INKS = {0: (0x00, 0x00, 0x00), 1: (0x00, 0x70, 0x30), 2: (0x8A, 0x60, 0x00), 3: (0xB0, 0x00, 0x10)}
"""Red, green and blue of the dark modules by health colour: black, green, yellow, red (Tencent getDynamicQRCode)."""
LIGHT = (0xFF, 0xFF, 0xFF)


def png(text: str, colour: int, side: int) -> bytes:
    """The code as a PNG of ``side`` by ``side`` pixels: whole pixels a module, what is left over around it.

    Raises Refusal ``system.failure`` when the symbol does not fit.
    """
    rows = [bytes(row) for row in _symbol(text).matrix]
    scale = side // (len(rows) + 2 * QUIET_ZONE)
    if scale < 1:
        raise Refusal("system.failure")
    margin = (side - scale * len(rows)) // 2
    empty = b"\0" * side
    lines = [empty] * margin
    for row in rows:
        dark = b"".join(bytes([module]) * scale for module in row)
        lines += [(b"\0" * margin + dark).ljust(side, b"\0")] * scale
    lines += [empty] * (side - len(lines))
    pixels = zlib.compress(b"".join(b"\0" + line for line in lines), 9)
    header = struct.pack(">IIBBBBB", side, side, 8, 3, 0, 0, 0)
    palette = bytes((*LIGHT, *INKS[colour]))
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def svg(text: str, colour: int) -> bytes:
    """The code as SVG without a size of its own: whoever places it on a label gives it one."""
    out = io.BytesIO()
    ink = "#{:02x}{:02x}{:02x}".format(*INKS[colour])
    _symbol(text).save(out, kind="svg", border=QUIET_ZONE, dark=ink, light="#ffffff", omitsize=True)
    return out.getvalue()


def _symbol(text: str) -> segno.QRCode:
    return segno.make_qr(text, error=ERROR_LEVEL, boost_error=False)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
