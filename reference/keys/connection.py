"""One TCP connection to a crypto machine: a question and its answer within a deadline, or no further use.

Whoever gets an error from `ask` closes the connection: a late or half answer must never be read as the next one's.
"""

from __future__ import annotations

import contextlib
import select
import socket
from typing import Final

import msgspec

from reference.keys.fields import WrongLength
from reference.keys.messages import Answer, Request, announced, read_answer, request_message
from reference.keys.tables import error_code, protocol
from reference.languages import Text, say
from reference.ports import Clock

MICROSECONDS: Final = 1_000_000
DIGEST_BYTES: Final = 32
AT_ONCE: Final = 4096
"""Bytes asked of the system at once: length and body of an ordinary answer together."""


class MachineAddress(msgspec.Struct, frozen=True):
    """Where a crypto machine listens; with ``check_value`` only the machine that shows it is taken for it."""

    host: str
    port: int
    check_value: str = ""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class ForeignMachine(Exception):
    """Another machine than the expected one listens at the address, or one with other keys; ``text`` says it."""

    def __init__(self, expected: str, shown: str) -> None:
        self.text = say("its check value is {shown}, not {expected}.", shown=shown, expected=expected)
        super().__init__(self.text.en)


class Connection:
    """A connection, open until `close`; for one thread at a time. Deadlines are of the clock, in microseconds."""

    def __init__(self, address: MachineAddress, clock: Clock, deadline_us: int) -> None:
        """Connect, and ask for the check value where one is expected.

        Raises OSError (TimeoutError at the deadline), ForeignMachine, MalformedMessage.
        """
        self._clock = clock
        self._arrived = bytearray()
        self._socket = socket.create_connection((address.host, address.port), self._left_s(deadline_us))
        self._readable = select.poll()  # select() knows no file numbers beyond 1023
        self._readable.register(self._socket, select.POLLIN)
        try:
            # A question is one small segment: it must not wait for the acknowledgement of the one before.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if address.check_value:
                asked = Request("device")
                shown = self.ask(asked, request_message(asked), deadline_us).check_value
                if shown != address.check_value:
                    raise ForeignMachine(address.check_value, shown)
        except BaseException:
            self.close()
            raise

    def ask(self, request: Request, message: bytes, deadline_us: int) -> Answer:
        """The answer to a request, sent as ``message``.

        Raises OSError (TimeoutError at the deadline), and MalformedMessage when it is no answer to that.
        """
        self._socket.settimeout(self._left_s(deadline_us))
        self._socket.sendall(message)
        count = announced(self._take(protocol().frame.length_bytes, deadline_us))
        answer = read_answer(self._take(count, deadline_us), request.command)
        _require_fitting(request, answer)
        return answer

    def is_quiet(self) -> bool:
        """Whether the connection still stands and nothing unasked has come: only then is it used again."""
        # A connection that the other side has closed can be read from, too.
        return not self._arrived and not self._readable.poll(0)

    def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def _take(self, count: int, deadline_us: int) -> bytes:
        while len(self._arrived) < count:
            self._socket.settimeout(self._left_s(deadline_us))
            fresh = self._socket.recv(AT_ONCE)
            if not fresh:
                raise ConnectionResetError("the connection ended before the answer did")
            self._arrived += fresh
        taken = bytes(self._arrived[:count])
        del self._arrived[:count]
        return taken

    def _left_s(self, deadline_us: int) -> float:
        left_us = deadline_us - self._clock.monotonic_us()
        if left_us <= 0:
            raise TimeoutError("timed out")
        return left_us / MICROSECONDS


def _require_fitting(request: Request, answer: Answer) -> None:
    """Raise WrongLength when the data answered cannot be those of the data asked."""
    got, asked, block = len(answer.data), len(request.data), protocol().sizes.block
    fits = {
        "digest": got == DIGEST_BYTES,
        "encrypt": got >= asked and got > 0 and got % block == 0,
        "decrypt": got == asked,
    }
    if answer.error == error_code("done") and not fits.get(request.command, True):
        raise WrongLength(say("{got} bytes cannot be the answer to {asked} bytes.", got=got, asked=asked))


def told(failure: Exception) -> Text:
    """What a failed exchange says of itself, as the end of a sentence."""
    text = getattr(failure, "text", None)
    if isinstance(text, Text):
        return text
    if isinstance(failure, TimeoutError):
        return say("it did not answer in time.")
    return say("the connection failed ({fault}).", fault=getattr(failure, "strerror", None) or failure)
