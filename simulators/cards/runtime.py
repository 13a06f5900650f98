"""What every command of the simulated user card stands on: session, dispatch, status words, handing data out.

Follows ISO/IEC 7816-3 and 7816-4; what lasts is the card's memory, everything here ends with a reset.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar

from reference.card.apdu import OK, CommandApdu, MalformedApdu, ResponseApdu
from reference.card.reset_answer import build
from reference.card.tree import MASTER_FILE
from reference.ports import Randomness
from reference.standard import Standard
from reference.standard.rows import File, FileKind
from simulators.cards.image import CardImage
from simulators.cards.memory import CardMemory, Held

PLAIN_CLASS, SECURED_CLASS, PROTECTED_CLASS = 0x00, 0x04, 0x84
"""Plain commands, updates with cipher text and MAC, and commands that a MAC alone protects."""


class Refused(Exception):
    """The card refuses a command with a status word."""

    def __init__(self, status: str, data: bytes = b"", low: int | None = None) -> None:
        super().__init__(status)
        self.status, self.data, self.low = status, data, low


_Card = TypeVar("_Card", bound="CardRuntime")
_Handler = Callable[[_Card, CommandApdu], bytes]


def command(name: str, *classes: int) -> Callable[[_Handler[_Card]], _Handler[_Card]]:
    """Mark a method as the handler of a command of the standard's table, with the classes that it takes."""

    def mark(handler: _Handler[_Card]) -> _Handler[_Card]:
        handler.command = name  # type: ignore[attr-defined]
        handler.classes = classes or (PLAIN_CLASS,)  # type: ignore[attr-defined]
        return handler

    return mark


class Answering:
    """How card and SAM refuse, and hand their data out. ``waiting`` is what 61xx announced."""

    waiting: bytes

    @staticmethod
    def require(holds: bool, status: str) -> None:
        """Refuse with the status word unless the condition holds."""
        if not holds:
            raise Refused(status)

    def take(self, apdu: CommandApdu, data: bytes) -> bytes:
        """Data of exactly the length asked for; another length is answered 6Cxx."""
        if apdu.le is None:
            raise Refused("wrong-length")
        if apdu.le not in (0, len(data)):
            raise Refused("wrong-le", low=len(data) & 0xFF)
        return data

    def announced(self, apdu: CommandApdu) -> bytes:
        """The data announced by 61xx, once."""
        self.require(bool(self.waiting), "conditions-not-satisfied")
        data = self.take(apdu, self.waiting)
        self.waiting = b""
        return data


class CardRuntime(Answering):
    """A powered card: a Chip (reference.ports). ``memory`` survives resets, everything else is the session's."""

    handlers: ClassVar[dict[str, tuple[str, tuple[int, ...]]]] = {}
    """By the name of the command: the method that handles it, and the classes that it takes."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.handlers = {
            member.command: (name, member.classes)
            for base in reversed(cls.__mro__)
            for name, member in vars(base).items()
            if hasattr(member, "command")
        }

    def __init__(
        self,
        standard: Standard,
        image: CardImage,
        randomness: Randomness,
        interface: str = "contactless",
        *,
        memory: CardMemory | None = None,
        features: frozenset[str] = frozenset(),
    ) -> None:
        self.standard = standard
        self.memory = memory or CardMemory(image, activated="activation" not in features)
        self.randomness = randomness
        self.interface = standard.interfaces[interface]
        self.features = features
        """Optional behaviour that the product declares: ``append-record``, ``activation``."""
        self.by_instruction = {standard.commands[name].ins: found for name, found in self.handlers.items()}
        self.classes = frozenset(cla for _, classes in self.handlers.values() for cla in classes)
        self._begin_session()

    def reset(self) -> bytes:
        """Reset: the MF is selected, rights and challenge are gone; the content stays (APP11 5.1.1)."""
        self._begin_session()
        row = self.interface
        return build(bytes.fromhex(row.reset), self.memory.historical, check=row.check)

    def _begin_session(self) -> None:
        self.directory = MASTER_FILE
        self.file: File | None = None
        self.authenticated: set[str] = set()
        self.challenge_given: bytes | None = None
        self.waiting = b""

    def transmit(self, command: bytes) -> bytes:
        """Execute one command APDU; every malformed or refused one gets its status word.

        What the command changed is kept at its end, once; a memory that cannot be written is the old one (6581).
        """
        answer = self._answer(command)
        try:
            self.memory.commit()
        except OSError:
            answer = ResponseApdu(b"", self.standard.sw("memory-failure"))
        return answer.encode()

    def _answer(self, command: bytes) -> ResponseApdu:
        try:
            apdu = CommandApdu.parse(command)
        except MalformedApdu:
            return ResponseApdu(b"", self.standard.sw("wrong-length"))
        try:
            data = self.execute(apdu)
        except Refused as refusal:
            sw = self.standard.sw(refusal.status) | (refusal.low or 0)
            return ResponseApdu(refusal.data, sw)
        return self._give(apdu, data)

    def execute(self, apdu: CommandApdu) -> bytes:
        """Find the command's handler and run it; a locked card runs none."""
        self.require(not self.memory.now.card_locked, "application-blocked")
        self.require(apdu.cla in self.classes, "class-not-supported")
        method, classes = self.by_instruction.get(apdu.ins, ("", ()))
        self.require(bool(method), "instruction-not-supported")
        self.require(apdu.cla in classes, "class-not-supported")
        if method != "get_response":
            self.waiting = b""
        data: bytes = getattr(self, method)(apdu)
        return data

    def _give(self, apdu: CommandApdu, data: bytes) -> ResponseApdu:
        """Hand the data out the way of the interface: at once, or announced by 61xx."""
        if data and self.interface.returns_data == "get-response" and apdu.data:
            self.waiting = data
            return ResponseApdu(b"", self.standard.sw("more-data") | len(data) & 0xFF)
        return ResponseApdu(data, OK)

    def opened(self, *kinds: FileKind) -> File:
        """The selected elementary file, when it is of one of the kinds and its application is not locked."""
        if self.file is None:
            raise Refused("no-current-file")
        self.require(self.file.kind in kinds, "incorrect-file-type")
        self.require(self.file.directory not in self.memory.now.locks, "application-blocked")
        return self.file

    def content(self, file: File) -> Held:
        """The content of a file."""
        return self.memory.files[file.path]

    @command("card.get-response")
    def get_response(self, apdu: CommandApdu) -> bytes:
        """GET RESPONSE: the data announced by 61xx."""
        return self.announced(apdu)
