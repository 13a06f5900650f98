"""The simulated card's updates: records, binary files, the flags of the visit indexes.

Follows APP11 5.7 (maintenance rule), 6.1.2, 6.2.2, 6.3.2, 6.4 and REV2 item 24. A command computes the new content
and hands it to the memory once, at its end.
"""

from __future__ import annotations

import msgspec

from reference.card.access import key_of_role, may_update
from reference.card.apdu import CommandApdu
from reference.crypto.derivation import session_key
from reference.crypto.keys import SecretKey
from reference.crypto.secure_messaging import MAC_LENGTH, MalformedPlaintext, decipher_record, mac_is_right
from reference.standard.rows import DirectoryKind, File, FileKind, KeyRole, Protection
from simulators.cards.memory import Held
from simulators.cards.reading import RECORD_BY_NUMBER, Reading
from simulators.cards.runtime import PLAIN_CLASS, PROTECTED_CLASS, SECURED_CLASS, Refused, command

RECORD_PREVIOUS = 0x03
BLOCK = 16
VALID, EMPTY = b"\x00", b"\xff"
"""Flags of the visit indexes: a record valid, no valid record (REV2 item 17, table 8-2)."""


class Updating(Reading):
    """New content, to whom the file's update key gave the right, in the form that the file demands."""

    @command("card.update-record", PLAIN_CLASS, SECURED_CLASS)
    def update_record(self, apdu: CommandApdu) -> bytes:
        """UPDATE RECORD by number or by identifier, or "previous" of a cyclic file."""
        file = self.opened(FileKind.VARIABLE, FileKind.FIXED, FileKind.CYCLIC)
        self.require(self.may_update(file), "security-status-not-satisfied")
        if file.kind is FileKind.CYCLIC:
            self.require((apdu.p1, apdu.p2) == (0, RECORD_PREVIOUS), "wrong-parameters")
            self.push(file, self.new_record(apdu, file))
            return b""
        index = self.place(file, apdu.p1, apdu.p2)
        record, old = self.unwrap(apdu, file), self.content(file).records[index]
        self.require(len(record) == len(old), "wrong-length")
        if file.kind is FileKind.VARIABLE:
            self.require(record[:2] == old[:2], "wrong-data")
        if file.kind is FileKind.FIXED:
            self.require(record in (VALID, EMPTY), "wrong-data")
            self.require(record != EMPTY or self.may_erase(file), "security-status-not-satisfied")
        self.store(file, index, record)
        return b""

    @command("card.append-record", PLAIN_CLASS, SECURED_CLASS)
    def append_record(self, apdu: CommandApdu) -> bytes:
        """APPEND RECORD to a cyclic file, only where the product declares it."""
        self.require("append-record" in self.features, "instruction-not-supported")
        file = self.opened(FileKind.CYCLIC)
        self.require(self.may_update(file), "security-status-not-satisfied")
        self.require(apdu.p1 == apdu.p2 == 0, "wrong-parameters")
        self.push(file, self.new_record(apdu, file))
        return b""

    @command("card.write-record", PROTECTED_CLASS)
    def write_record(self, apdu: CommandApdu) -> bytes:
        """WRITE RECORD on a visit index: the flag becomes 00, a valid record (APP11 6.4.1.3 (9))."""
        file = self.opened(FileKind.FIXED)
        self.require(self.may_update(file), "security-status-not-satisfied")
        return self.flag(apdu, file, VALID)

    @command("card.erase-record", PROTECTED_CLASS)
    def erase_record(self, apdu: CommandApdu) -> bytes:
        """ERASE RECORD on a visit index: the flag becomes FF, no valid record (APP11 6.4.3.3 (9))."""
        file = self.opened(FileKind.FIXED)
        self.require(self.may_erase(file), "security-status-not-satisfied")
        return self.flag(apdu, file, EMPTY)

    def flag(self, apdu: CommandApdu, file: File, value: bytes) -> bytes:
        """Set a flag after checking the command's MAC, which covers its header alone."""
        self.require(apdu.p2 == 0, "wrong-parameters")
        index = self.place(file, apdu.p1, RECORD_BY_NUMBER)
        self.checked_by_mac(apdu, file.directory, b"")
        self.store(file, index, value)
        return b""

    @command("card.update-binary", PLAIN_CLASS, SECURED_CLASS)
    def update_binary(self, apdu: CommandApdu) -> bytes:
        """UPDATE BINARY at the offset in P1 and P2, inside the file."""
        file = self.opened(FileKind.BINARY)
        self.require(self.may_update(file), "security-status-not-satisfied")
        data, offset = self.unwrap(apdu, file), apdu.p1 << 8 | apdu.p2
        held = self.content(file).binary
        self.require(offset + len(data) <= len(held), "wrong-offset")
        self.memory.write(file.path, Held(binary=held[:offset] + data + held[offset + len(data) :]))
        return b""

    def new_record(self, apdu: CommandApdu, file: File) -> bytes:
        """The record that the command brings for a cyclic file."""
        record = self.unwrap(apdu, file)
        self.require(len(record) == file.record_length, "wrong-length")
        return record

    def push(self, file: File, record: bytes) -> None:
        """Make the record the newest of a cyclic file; beyond its number of records the oldest goes."""
        self.memory.write(file.path, Held((record, *self.content(file).records)[: file.records]))

    def store(self, file: File, index: int, record: bytes) -> None:
        """Put a record in place of another."""
        records = self.content(file).records
        self.memory.write(file.path, Held((*records[:index], record, *records[index + 1 :])))

    # -- secure messaging ------------------------------------------------------------------------------------

    def unwrap(self, apdu: CommandApdu, file: File) -> bytes:
        """The plain data of an update in the form that the file demands (REV2 item 24)."""
        self.require(bool(apdu.data), "wrong-length")
        protection = self.protection(file)
        if protection is Protection.PLAIN:
            self.require(apdu.cla == PLAIN_CLASS, "class-not-supported")
            return apdu.data
        self.require(apdu.cla == SECURED_CLASS, "mac-missing")
        covered = apdu.data[:-MAC_LENGTH]
        self.require(bool(covered), "wrong-length")
        if protection is Protection.MAC:
            self.checked_by_mac(apdu, file.directory, covered)
            return covered
        self.require(len(covered) % BLOCK == 0, "wrong-length")
        session = self.checked_by_mac(apdu, file.directory, covered)
        try:
            return decipher_record(session, covered)
        except MalformedPlaintext:
            raise Refused("wrong-data") from None

    def protection(self, file: File) -> Protection:
        """What an update of the file must carry; files that are never rewritten are plain until activation."""
        return Protection.PLAIN if file.protection is Protection.NONE else file.protection

    def checked_by_mac(self, apdu: CommandApdu, directory: str, covered: bytes) -> SecretKey:
        """Check the MAC over header and ``covered`` with the session key, which is returned (APP11 5.7 (3))."""
        self.require(len(apdu.data) == len(covered) + MAC_LENGTH, "wrong-length")
        session = self.maintenance_session(directory)
        message = apdu.header + bytes((len(apdu.data),)) + covered
        if not self.mac_holds(session, message, apdu.data[len(covered) :]):
            self.count_wrong_mac(directory)
            raise Refused("mac-wrong")
        self.forget_wrong_macs(directory)
        return session

    def maintenance_session(self, directory: str) -> SecretKey:
        """The session key of the directory's maintenance key for the last challenge, which is used up by it."""
        key = key_of_role(self.standard, directory, KeyRole.MAINTENANCE)
        if key is None or self.challenge_given is None:
            raise Refused("conditions-not-satisfied")
        challenge, self.challenge_given = self.challenge_given, None
        return session_key(self.memory.keys[key.id], challenge)

    def mac_holds(self, session: SecretKey, message: bytes, sent: bytes) -> bool:
        """Whether the MAC sent is that of header and data, compared in constant time."""
        return mac_is_right(session, message, sent)

    def count_wrong_mac(self, directory: str) -> None:
        """One more wrong MAC; at the limit an application is locked temporarily (APP11 5.4)."""
        now = self.memory.now
        count = now.wrong_macs.get(directory, 0) + 1
        after = msgspec.structs.replace(now, wrong_macs=now.wrong_macs | {directory: count})
        lockable = self.standard.directories[directory].kind is DirectoryKind.ADF
        if lockable and count >= self.standard.limit("wrong-mac-limit") and directory not in now.locks:
            after = msgspec.structs.replace(after, locks=now.locks | {directory: "temporary"})
        self.memory.change(after)

    def forget_wrong_macs(self, directory: str) -> None:
        """A right MAC starts the count anew."""
        now = self.memory.now
        if now.wrong_macs.get(directory):
            self.memory.change(msgspec.structs.replace(now, wrong_macs=now.wrong_macs | {directory: 0}))

    # -- rights ----------------------------------------------------------------------------------------------

    def may_update(self, file: File) -> bool:
        """The update right (reference.card.access); before activation everything may be written."""
        return not self.memory.now.activated or may_update(file, self.authenticated)

    def may_erase(self, file: File) -> bool:
        """The erase right of a visit index (REV2 table 10-2)."""
        return file.erase is not None and file.erase in self.authenticated
