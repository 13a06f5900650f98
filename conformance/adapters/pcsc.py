"""A chip in a PC/SC reader, real or virtual: commands go out as they are, answers come back as they are.

Follows PC/SC part 5 through pyscard (extra `pcsc`), and ISO/IEC 7816-3, 12.2 for what T=0 makes of a command.
Nothing is added to an exchange: a 61xx or 6Cxx is the suite's to deal with, never the reader's.

Traps: libpcsclite keeps the first service (PCSCLITE_CSOCK_NAME) for the life of the process; its calls
cannot be given a time limit, so that each runs in a thread of its own, which is left behind when the time
is up.
"""

from __future__ import annotations

import contextlib
import os
from types import ModuleType, TracebackType
from typing import Any

from conformance.adapters.time_limit import Expired, TimedCalls
from reference.languages import Text, say
from reference.ports import ProductUnreachable

ANSWER_LIMIT_S = 30.0
CALL_LIMIT_S = 15.0
SERVICE_VARIABLE = "PCSCLITE_CSOCK_NAME"
HEADER_BYTES = 4
LONGEST_SHORT_DATA = 255


class UnknownReader(ValueError):
    """The reader's name fits none of the readers present, or several: `text` says which there are."""

    def __init__(self, explained: Text) -> None:
        super().__init__(explained.en)
        self.text = explained


def readers() -> list[str]:
    """The names of the readers present, as PC/SC lists them; empty when the service knows none.

    Raises ProductUnreachable when pyscard is not installed or no PC/SC service answers.
    """
    with contextlib.closing(_Session()) as session:
        return session.readers()


def find_reader(wanted: str, present: list[str]) -> str:
    """The one reader that bears the wanted name, or whose name contains it. Raises UnknownReader."""
    fitting = [name for name in present if name == wanted] or [name for name in present if wanted in name]
    if len(fitting) == 1:
        return fitting[0]
    listed = ", ".join(f'"{name}"' for name in fitting or present)
    if fitting:
        message = 'Several readers fit "{wanted}": {listed}. Give more of the name.'
    elif present:
        message = 'No reader fits "{wanted}". Readers present: {listed}.'
    else:
        message = 'No reader fits "{wanted}": PC/SC shows no reader. Connect one and look again with pcsc_scan.'
    raise UnknownReader(say(message, wanted=wanted, listed=listed))


class PcscChip:
    """The chip in a PC/SC reader, held exclusively from the first reset or command until `close`."""

    def __init__(self, reader: str, *, limit_s: float = ANSWER_LIMIT_S) -> None:
        """`reader` is a name or a part that only one reader has; `limit_s` is how long an answer may take.

        Raises UnknownReader, and ProductUnreachable when no PC/SC service answers.
        """
        self.reader = find_reader(reader, readers())
        self._limit_s = limit_s
        self._session: _Session | None = None

    def __enter__(self) -> PcscChip:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the card and the reader."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def reset(self) -> bytes:
        """Reset the chip (SCARD_RESET_CARD); return its answer to reset. Raises ProductUnreachable."""
        try:
            return self._connected().reset()
        except ProductUnreachable:
            self.close()
            raise

    def transmit(self, command: bytes) -> bytes:
        """One command APDU; its data and status bytes as the reader gave them.

        Raises ProductUnreachable when the card is out, mute or without status word, or the reader is gone;
        ValueError for less than a header, which no reader can carry.
        """
        if len(command) < HEADER_BYTES:
            raise ValueError(f"a command APDU has at least {HEADER_BYTES} bytes, not {len(command)}")
        try:
            answer = self._connected().transmit(command, self._limit_s)
        except ProductUnreachable:
            self.close()
            raise
        if len(answer) < 2:
            raise ProductUnreachable(
                self.reader,
                say("The answer has {count} bytes and no status word.", count=len(answer)),
                say("Check the card's seat, then reset it."),
            )
        return answer

    def _connected(self) -> _Session:
        if self._session is None:
            session = _Session()
            try:
                session.connect(self.reader)
            except ProductUnreachable:
                session.close()
                raise
            self._session = session
        return self._session


def as_t0_command(command: bytes) -> bytes:
    """What T=0 carries of a short command: P3 is 00 without data, and Le is left out beside data.

    A command of another make is left as it is. Source: ISO/IEC 7816-3, 12.2.
    """
    if len(command) == HEADER_BYTES:
        return command + b"\x00"
    data_length = command[HEADER_BYTES]
    if 0 < data_length <= LONGEST_SHORT_DATA and len(command) == HEADER_BYTES + 1 + data_length + 1:
        return command[:-1]
    return command


class _Session:
    """A context of the PC/SC service and, once connected, a card in it; each call has a time limit."""

    def __init__(self) -> None:
        self._scard = _pyscard()
        _keep_to_one_service()
        self._calls = TimedCalls("PC/SC")
        self._reader = "PC/SC"
        self._card: int | None = None
        self._protocol = 0
        self._context: int | None = None
        (self._context,) = self._ask(self._scard.SCardEstablishContext, self._scard.SCARD_SCOPE_USER)

    def readers(self) -> list[str]:
        try:
            (listed,) = self._ask(self._scard.SCardListReaders, self._context, [])
        except _NoReaders:
            return []
        return list(listed)

    def connect(self, reader: str) -> None:
        scard = self._scard
        self._reader = reader
        either = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        self._card, self._protocol = self._ask(
            scard.SCardConnect, self._context, reader, scard.SCARD_SHARE_EXCLUSIVE, either
        )

    def reset(self) -> bytes:
        scard = self._scard
        either = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        (self._protocol,) = self._ask(
            scard.SCardReconnect, self._card, scard.SCARD_SHARE_EXCLUSIVE, either, scard.SCARD_RESET_CARD
        )
        *_, answer = self._ask(scard.SCardStatus, self._card)
        return bytes(answer)

    def transmit(self, command: bytes, limit_s: float) -> bytes:
        scard = self._scard
        t0 = self._protocol == scard.SCARD_PROTOCOL_T0
        carried = as_t0_command(command) if t0 else command
        protocol = scard.SCARD_PCI_T0 if t0 else scard.SCARD_PCI_T1
        (answer,) = self._ask(scard.SCardTransmit, self._card, protocol, list(carried), limit_s=limit_s)
        return bytes(answer)

    def close(self) -> None:
        scard = self._scard
        with contextlib.suppress(ProductUnreachable):
            if self._card is not None:
                self._ask(scard.SCardDisconnect, self._card, scard.SCARD_UNPOWER_CARD)
            if self._context is not None:
                self._ask(scard.SCardReleaseContext, self._context)
        self._card = self._context = None
        self._calls.close()

    def _ask(self, call: Any, *arguments: Any, limit_s: float = CALL_LIMIT_S) -> list[Any]:
        """One call of PC/SC; what it gives after the return code. Raises ProductUnreachable, _NoReaders."""
        try:
            given = self._calls.run(limit_s, call, *arguments)
        except Expired:
            self._card = self._context = None  # held by the call that never came back
            raise ProductUnreachable(
                self._reader,
                say("No answer within {limit:g} s.", limit=limit_s),
                say("Check the card and the reader, then start again."),
            ) from None
        except SystemError:
            # pyscard answers a handle that the service has forgotten with "returned NULL".
            raise self._unreachable(self._scard.SCARD_E_INVALID_HANDLE) from None
        code, *values = given if isinstance(given, list) else [given]
        if code == self._scard.SCARD_E_NO_READERS_AVAILABLE:
            raise _NoReaders
        if code != self._scard.SCARD_S_SUCCESS:
            raise self._unreachable(code)
        return values

    def _unreachable(self, code: int) -> ProductUnreachable:
        reason, next_step = _explanations(self._scard).get(code, (None, None))
        unnamed = say("PC/SC reports: {text}", text=self._scard.SCardGetErrorMessage(code).strip())
        return ProductUnreachable(
            self._reader,
            reason or unnamed,
            next_step or say("Check the card and the reader, then start again."),
        )


class _NoReaders(Exception):
    """The service runs and has no reader."""


_services: list[str] = []


def _keep_to_one_service() -> None:
    """Refuse a second PC/SC service: libpcsclite would quietly go on with the first."""
    named = os.environ.get(SERVICE_VARIABLE, "")
    if not _services:
        _services.append(named)
    if named != _services[0]:
        raise ProductUnreachable(
            say("PC/SC"),
            say(
                'This process has used the service "{first}" and cannot change to "{named}".',
                first=_services[0],
                named=named,
            ),
            say("Start the program again with PCSCLITE_CSOCK_NAME set as wanted."),
        )


def _explanations(scard: ModuleType) -> dict[int, tuple[Text, Text]]:
    """What the return codes of PC/SC mean to a user, and what he does next."""
    no_service = (
        say("No PC/SC service (pcscd) answers."),
        say("Start pcscd; for a private one set PCSCLITE_CSOCK_NAME to its socket."),
    )
    ended = (
        say("The PC/SC service (pcscd) ended, or refuses this program."),
        say("Start pcscd again, or ask for the right to use it."),
    )
    out = (say("No card is in the reader."), say("Insert the card and start again."))
    mute = (
        say("The card does not answer the reset."),
        say("Check that a card is in the reader, the right way round, and start again."),
    )
    lost = (
        say("The card did not answer a command and is lost."),
        say("Check the card's seat, then start again."),
    )
    gone = (say("The reader is gone."), say("Connect the reader and start again."))
    shared = (say("Another program holds the card."), say("End that program and start again."))
    return {
        scard.SCARD_E_NO_SERVICE: no_service,
        scard.SCARD_E_SERVICE_STOPPED: no_service,
        scard.SCARD_F_COMM_ERROR: no_service,
        scard.SCARD_F_INTERNAL_ERROR: no_service,
        scard.SCARD_E_INVALID_HANDLE: no_service,
        # pcsc-lite's word for a connection that the service closed, whatever the cause
        scard.SCARD_W_SECURITY_VIOLATION: ended,
        scard.SCARD_E_NO_SMARTCARD: out,
        scard.SCARD_W_REMOVED_CARD: out,
        scard.SCARD_W_UNRESPONSIVE_CARD: mute,
        scard.SCARD_W_UNPOWERED_CARD: mute,
        scard.SCARD_E_NOT_TRANSACTED: lost,
        scard.SCARD_E_READER_UNAVAILABLE: gone,
        scard.SCARD_E_UNKNOWN_READER: gone,
        scard.SCARD_E_SHARING_VIOLATION: shared,
    }


def _pyscard() -> ModuleType:
    """pyscard's bare interface; imported late, so that the harness works without it."""
    try:
        from smartcard import scard
    except ImportError as lack:
        raise ProductUnreachable(
            say("PC/SC"),
            say("The Python package pyscard is not installed."),
            say("On Debian: apt install gcc libpcsclite-dev, then: pip install 'healthcard[pcsc]'"),
        ) from lack
    return scard  # type: ignore[no-any-return]
