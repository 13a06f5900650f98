"""The wire between a virtual reader (`vpcd`) and a card: messages of two length bytes, most significant
first, and as many bytes of payload.

A payload of one byte controls the power or asks for the answer to reset, and only the last is answered; a
longer one is a command APDU. Source: the virtualsmartcard project, `vpcd`.
"""

from __future__ import annotations

import contextlib
import socket
from enum import IntEnum

LENGTH_BYTES = 2
LONGEST_PAYLOAD = 0xFFFF


class Control(IntEnum):
    """What a payload of one byte means."""

    POWER_OFF = 0x00
    POWER_ON = 0x01
    RESET = 0x02
    GET_ATR = 0x04


class Link:
    """One connection between a virtual reader and a card."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._arrived = bytearray()

    def receive(self) -> bytes | None:
        """The next payload, or None when the other side is gone."""
        head = self._take(LENGTH_BYTES)
        return None if head is None else self._take(int.from_bytes(head, "big"))

    def send(self, payload: bytes) -> None:
        """Send one payload of 1 to 65,535 bytes. Raises ValueError for another length, OSError on a broken
        link.
        """
        if not 0 < len(payload) <= LONGEST_PAYLOAD:
            raise ValueError(f"a payload has 1 to {LONGEST_PAYLOAD} bytes, not {len(payload)}")
        self._connection.sendall(len(payload).to_bytes(LENGTH_BYTES, "big") + payload)

    def limit(self, seconds: float) -> None:
        """Let `receive` wait at most so long; then it raises TimeoutError."""
        self._connection.settimeout(seconds)

    def hang_up(self) -> None:
        """End the connection; a `receive` under way in another thread returns None."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _take(self, count: int) -> bytes | None:
        while len(self._arrived) < count:
            try:
                # vpcd writes length and body apart. Linux forgets this option after each segment; without
                # it the body waits for a delayed acknowledgement, 40 ms an APDU.
                self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                fresh = self._connection.recv(LONGEST_PAYLOAD + LENGTH_BYTES)
            except TimeoutError:
                raise
            except OSError:
                return None
            if not fresh:
                return None
            self._arrived += fresh
        taken = bytes(self._arrived[:count])
        del self._arrived[:count]
        return taken
