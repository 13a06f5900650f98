"""The simulated user card: the card operating system at APDU level over a personalised image.

Follows APP11 chapters 4 to 6; the forms of commands are those of fielded terminals, status words those of sibling
specifications (standard/card/status_words.toml). The runtime holds the state of a session and asks the reference for
every rule; what the card may look like is the standard's tables, what it holds is its image.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import ClassVar, TypeVar

from reference.card.access import authentication_key, key_of_role, may_read, may_update
from reference.card.apdu import OK, CommandApdu, MalformedApdu, ResponseApdu
from reference.card.reset_answer import build
from reference.card.tree import MASTER_FILE, select_by_identifier, select_by_name
from reference.crypto.derivation import authentication_data, session_key
from reference.crypto.keys import SecretKey
from reference.crypto.secure_messaging import MAC_LENGTH, MalformedPlaintext, decipher_record, mac_is_right
from reference.ports import Randomness
from reference.standard import Standard
from reference.standard.rows import Directory, File, FileKind, KeyRole, Protection
from simulators.cards.image import CardImage, Content

BY_IDENTIFIER, BY_NAME = 0x00, 0x04
RECORD_BY_IDENTIFIER, RECORD_PREVIOUS, RECORD_BY_NUMBER = 0x00, 0x03, 0x04
PLAIN_CLASS, SECURED_CLASS = 0x00, 0x04
KEY_VERSION = 0x01
UNLIMITED_TRIES = 0x0F
"""Low digit of 63Cx where no number of tries is set (no source gives a limit for external authentication)."""


class Refused(Exception):
    """The card refuses a command with a status word."""

    def __init__(self, status: str, data: bytes = b"", low: int | None = None) -> None:
        super().__init__(status)
        self.status, self.data, self.low = status, data, low


Handler = Callable[["UserCard", CommandApdu], bytes]
_Card = TypeVar("_Card", bound="UserCard")


def command(
    name: str,
) -> Callable[[Callable[[_Card, CommandApdu], bytes]], Callable[[_Card, CommandApdu], bytes]]:
    """Mark a method as the handler of a command of the standard's table."""

    def mark(handler: Callable[[_Card, CommandApdu], bytes]) -> Callable[[_Card, CommandApdu], bytes]:
        handler.command = name  # type: ignore[attr-defined]
        return handler

    return mark


class UserCard:
    """A user card: a Chip (reference.ports). ``memory`` survives resets, everything else is the session's."""

    handlers: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.handlers = _handlers(cls)

    def __init__(
        self, standard: Standard, image: CardImage, randomness: Randomness, interface: str = "contactless"
    ) -> None:
        self.standard = standard
        self.memory = image
        self.randomness = randomness
        self.interface = standard.interfaces[interface]
        self.by_instruction = {standard.commands[name].ins: method for name, method in type(self).handlers.items()}
        self.waiting = b""
        self._begin_session()

    # -- the chip --------------------------------------------------------------------------------------------

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
        """Execute one command APDU; every malformed or refused one gets its status word."""
        try:
            apdu = CommandApdu.parse(command)
        except MalformedApdu:
            return ResponseApdu(b"", self.standard.sw("wrong-length")).encode()
        try:
            data = self.execute(apdu)
        except Refused as refusal:
            sw = self.standard.sw(refusal.status) | (refusal.low or 0)
            return ResponseApdu(refusal.data, sw).encode()
        return self._give(apdu, data).encode()

    def execute(self, apdu: CommandApdu) -> bytes:
        """Find the command's handler and run it."""
        rows = self.standard.commands.values()
        classes = {row.cla for row in rows if row.chip == "card" and row.ins == apdu.ins}
        self.require(apdu.cla in classes | {PLAIN_CLASS}, "class-not-supported")
        method = self.by_instruction.get(apdu.ins)
        if method is None:
            raise Refused("instruction-not-supported")
        if method != "get_response":
            self.waiting = b""
        data: bytes = getattr(self, method)(apdu)
        return data

    def _give(self, apdu: CommandApdu, data: bytes) -> ResponseApdu:
        """Hand the data out the way of the interface: at once, or announced by 61xx."""
        if data and self.interface.returns_data == "get-response" and apdu.data:
            self.waiting = data
            return ResponseApdu(b"", 0x6100 | len(data) & 0xFF)
        return ResponseApdu(data, OK)

    def take(self, apdu: CommandApdu, data: bytes) -> bytes:
        """Data of exactly the length asked for; another length is answered 6Cxx."""
        if apdu.le is None:
            raise Refused("wrong-length")
        if apdu.le not in (0, len(data)):
            raise Refused("wrong-le", low=len(data) & 0xFF)
        return data

    # -- selection -------------------------------------------------------------------------------------------

    @command("card.select")
    def select(self, apdu: CommandApdu) -> bytes:
        """SELECT by file identifier or by DF name (APP11 4.5)."""
        if apdu.p2 != 0 or apdu.p1 not in (BY_IDENTIFIER, BY_NAME):
            raise Refused("wrong-parameters")
        if apdu.p1 == BY_IDENTIFIER and len(apdu.data) != 2:
            raise Refused("wrong-length")
        found = (
            select_by_name(self.standard, apdu.data)
            if apdu.p1 == BY_NAME
            else select_by_identifier(self.standard, self.directory, apdu.data.hex().upper())
        )
        if found is None or not self.holds(found):
            raise Refused("file-not-found")
        if isinstance(found, File):
            self.file = found
            return b""
        self.enter(found)
        return self.take(apdu, self.control_information(found)) if apdu.le is not None else b""

    def holds(self, row: Directory | File) -> bool:
        """Whether the file or directory was made on this card."""
        return isinstance(row, Directory) or row.path in self.memory.files

    def enter(self, directory: Directory) -> None:
        """Make a directory the current one; rights belong to the directory whose keys gave them."""
        if directory.path != self.directory:
            self.authenticated.clear()
        self.directory, self.file = directory.path, None

    def control_information(self, directory: Directory) -> bytes:
        """FCI with the DF name, where the directory has one (tags 6F and 84 of ISO/IEC 7816-4)."""
        name = bytes.fromhex(directory.name)
        inner = bytes((0x84, len(name))) + name if name else b""
        return bytes((0x6F, len(inner))) + inner

    # -- reading ---------------------------------------------------------------------------------------------

    @command("card.read-record")
    def read_record(self, apdu: CommandApdu) -> bytes:
        """READ RECORD by number, or by identifier (its tag)."""
        file = self.opened(FileKind.VARIABLE, FileKind.FIXED, FileKind.CYCLIC)
        self.require(self.may_read(file), "security-status-not-satisfied")
        return self.take(apdu, self.record(file, apdu.p1, apdu.p2))

    @command("card.read-binary")
    def read_binary(self, apdu: CommandApdu) -> bytes:
        """READ BINARY from the offset in P1 and P2."""
        file = self.opened(FileKind.BINARY)
        self.require(self.may_read(file), "security-status-not-satisfied")
        content, offset = self.content(file).binary, apdu.p1 << 8 | apdu.p2
        self.require(offset < len(content), "wrong-offset")
        wanted = 256 if apdu.le == 0 else apdu.le
        if wanted is None:
            raise Refused("wrong-length")
        if apdu.le and offset + wanted > len(content):
            raise Refused("wrong-le", low=(len(content) - offset) & 0xFF)
        return content[offset : offset + wanted]

    def opened(self, *kinds: FileKind) -> File:
        """The selected elementary file, when it is of one of the kinds."""
        if self.file is None:
            raise Refused("no-current-file")
        self.require(self.file.kind in kinds, "incorrect-file-type")
        return self.file

    def content(self, file: File) -> Content:
        """The content of a file."""
        return self.memory.files[file.path]

    def record(self, file: File, p1: int, p2: int) -> bytes:
        """The record that P1 and P2 name."""
        return self.content(file).records[self.place(file, p1, p2)]

    def place(self, file: File, p1: int, p2: int) -> int:
        """Index of the record that P1 and P2 name: by number from 1, or by identifier among tagged records."""
        records = self.content(file).records
        if p2 == RECORD_BY_NUMBER:
            self.require(1 <= p1 <= len(records), "record-not-found")
            return p1 - 1
        if p2 == RECORD_BY_IDENTIFIER and file.kind is FileKind.VARIABLE:
            tagged = [index for index, record in enumerate(records) if record[0] == p1]
            self.require(bool(tagged), "record-not-found")
            return tagged[0]
        raise Refused("wrong-parameters")

    # -- updating --------------------------------------------------------------------------------------------

    @command("card.update-record")
    def update_record(self, apdu: CommandApdu) -> bytes:
        """UPDATE RECORD by number, or "previous" of a cyclic file; indexes have commands of their own."""
        file = self.opened(FileKind.VARIABLE, FileKind.CYCLIC)
        self.require(self.may_update(file), "security-status-not-satisfied")
        if file.kind is FileKind.CYCLIC:
            self.require((apdu.p1, apdu.p2) == (0, RECORD_PREVIOUS), "wrong-parameters")
            record = self.unwrap(apdu, file)
            self.require(len(record) == file.record_length, "wrong-length")
            self.push(file, record)
            return b""
        self.require(apdu.p2 == RECORD_BY_NUMBER, "wrong-parameters")
        index = self.place(file, apdu.p1, apdu.p2)
        record, old = self.unwrap(apdu, file), self.content(file).records[index]
        self.require(len(record) == len(old), "wrong-length")
        self.require(record[:2] == old[:2], "wrong-data")
        self.content(file).records[index] = record
        return b""

    def push(self, file: File, record: bytes) -> None:
        """Make the record the newest of a cyclic file; beyond its number of records the oldest goes."""
        records = self.content(file).records
        records.insert(0, record)
        del records[file.records :]

    @command("card.update-binary")
    def update_binary(self, apdu: CommandApdu) -> bytes:
        """UPDATE BINARY at the offset in P1 and P2, inside the file."""
        file = self.opened(FileKind.BINARY)
        self.require(self.may_update(file), "security-status-not-satisfied")
        data, offset = self.unwrap(apdu, file), apdu.p1 << 8 | apdu.p2
        content = self.content(file)
        self.require(offset + len(data) <= len(content.binary), "wrong-offset")
        content.binary = content.binary[:offset] + data + content.binary[offset + len(data) :]
        return b""

    def unwrap(self, apdu: CommandApdu, file: File) -> bytes:
        """The plain data of an update in the form that the file demands (REV2 item 24; maintenance rule APP11 5.7)."""
        self.require(bool(apdu.data), "wrong-length")
        if file.protection is Protection.PLAIN:
            self.require(apdu.cla == PLAIN_CLASS, "class-not-supported")
            return apdu.data
        self.require(apdu.cla == SECURED_CLASS, "mac-missing")
        session = self.maintenance_session(file.directory)
        cipher, sent_mac = apdu.data[:-MAC_LENGTH], apdu.data[-MAC_LENGTH:]
        self.require(bool(cipher) and len(cipher) % 16 == 0, "wrong-length")
        self.check_mac(session, apdu.header + bytes((len(apdu.data),)) + cipher, sent_mac)
        try:
            return decipher_record(session, cipher)
        except MalformedPlaintext:
            raise Refused("wrong-data") from None

    def maintenance_session(self, directory: str) -> SecretKey:
        """The session key of the directory's maintenance key for the last challenge, which is used up by it."""
        key = key_of_role(self.standard, directory, KeyRole.MAINTENANCE)
        if key is None or self.challenge_given is None:
            raise Refused("conditions-not-satisfied")
        challenge, self.challenge_given = self.challenge_given, None
        return session_key(self.memory.keys[key.id], challenge)

    def check_mac(self, session: SecretKey, covered: bytes, sent: bytes) -> None:
        """Refuse a command whose MAC is not that of its header and cipher text."""
        self.require(mac_is_right(session, covered, sent), "mac-wrong")

    # -- authentication --------------------------------------------------------------------------------------

    @command("card.get-challenge")
    def get_challenge(self, apdu: CommandApdu) -> bytes:
        """GET CHALLENGE: eight random bytes, kept for the next use (APP11 5.3.1 (2))."""
        self.require(apdu.p1 == apdu.p2 == 0, "wrong-parameters")
        data = self.take(apdu, self.randomness.bytes(self.standard.limit("challenge-length")))
        self.challenge_given = data
        return data

    @command("card.external-authenticate")
    def external_authenticate(self, apdu: CommandApdu) -> bytes:
        """EXTERNAL AUTHENTICATE: proof over the last challenge and the original information (APP11 5.3.1 (8))."""
        proof, original = self.authentication_fields(apdu)
        key = authentication_key(self.standard, self.directory, apdu.p2)
        if key is None:
            raise Refused("key-not-found")
        if self.challenge_given is None:
            raise Refused("conditions-not-satisfied")
        expected = authentication_data(session_key(self.memory.keys[key.id], self.challenge_given), original)
        self.use_challenge()
        if not self.proves(proof, expected):
            raise Refused("authentication-failed", low=UNLIMITED_TRIES)
        self.authenticated.add(key.id)
        return b""

    def use_challenge(self) -> None:
        """A challenge serves one authentication."""
        self.challenge_given = None

    def proves(self, proof: bytes, expected: bytes) -> bool:
        """Whether the proof sent is the one expected, compared in constant time."""
        return hmac.compare_digest(proof, expected)

    @command("card.internal-authenticate")
    def internal_authenticate(self, apdu: CommandApdu) -> bytes:
        """INTERNAL AUTHENTICATE: the proof that this card holds IRKDDF1 (APP11 5.2.1 (8))."""
        random, original = self.authentication_fields(apdu)
        key = key_of_role(self.standard, self.directory, KeyRole.INTERNAL)
        if key is None or apdu.p2 != key.reference:
            raise Refused("key-not-found")
        return authentication_data(session_key(self.memory.keys[key.id], random), original)

    def authentication_fields(self, apdu: CommandApdu) -> tuple[bytes, bytes]:
        """The two eight-byte fields before the key version of both authentication commands."""
        self.require(apdu.p1 == 0, "wrong-parameters")
        self.require(len(apdu.data) == 17, "wrong-length")
        self.require(apdu.data[16] == KEY_VERSION, "key-not-found")
        return apdu.data[:8], apdu.data[8:16]

    @command("card.get-response")
    def get_response(self, apdu: CommandApdu) -> bytes:
        """GET RESPONSE: the data announced by 61xx."""
        self.require(bool(self.waiting), "conditions-not-satisfied")
        data = self.take(apdu, self.waiting)
        self.waiting = b""
        return data

    # -- rules that a mutant may bend ------------------------------------------------------------------------

    def may_read(self, file: File) -> bool:
        """The read right (reference.card.access)."""
        return may_read(file, self.authenticated)

    def may_update(self, file: File) -> bool:
        """The update right (reference.card.access)."""
        return may_update(file, self.authenticated)

    @staticmethod
    def require(holds: bool, status: str) -> None:
        """Refuse with the status word unless the condition holds."""
        if not holds:
            raise Refused(status)


def _handlers(cls: type[UserCard]) -> dict[str, str]:
    return {
        member.command: name
        for base in reversed(cls.__mro__)
        for name, member in vars(base).items()
        if hasattr(member, "command")
    }


UserCard.handlers = _handlers(UserCard)
