"""Recording a visit on the card and settling it: inpatient (DF03/EF05, EE) and outpatient (DF03/EF06, ED).

Follows APP11 6.4.1 to 6.4.4; the profile's switches ``visit-record-to-write``, ``no-free-visit-record`` and
``settlement-order`` decide where the sources disagree. The right to a file is gained after selecting it and again after
selecting another: a card may drop it then (decision).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import msgspec

from reference.card.images import blank_content
from reference.card.values import Value, encode
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import Element, File
from reference.terminal.admission import admit, expiry_key, internal_key, need_sam
from reference.terminal.endings import CommandRefused, NoFreeVisitRecord, NoVisitToSettle, SignatureNotAccepted
from reference.terminal.reading import read_binary, read_file
from reference.terminal.signatures import SignedVisit, Verifier, sign
from reference.terminal.terminal import OK, Terminal
from reference.terminal.writing import write_binary

VALID, EMPTY = b"\x00", b"\xff"
"""Flags of an index: a record valid, no record (REV2 item 17, table 8-2)."""
SIGNATURE, CERTIFICATE = "signature", "sam-certificate"


class VisitFiles(msgspec.Struct, frozen=True):
    """Where one kind of visit is kept: its index, and what its files' names begin with."""

    index: str
    prefix: str

    def path(self, number: int) -> str:
        """The file of record ``number``: EE or ED, then the number (APP11 6.4.1.3 (2))."""
        return f"{self.index.rpartition('/')[0]}/{self.prefix}{number:02}"


INPATIENT = VisitFiles("DDF1/DF03/EF05", "EE")
OUTPATIENT = VisitFiles("DDF1/DF03/EF06", "ED")


class StoredVisit(msgspec.Struct, frozen=True):
    """A visit on the card: the number of its record, its file, and what the file holds."""

    number: int
    file: str
    visit: SignedVisit


def data_elements(standard: Standard, files: VisitFiles) -> tuple[Element, ...]:
    """The elements that are signed: all but signature and certificate (APP11 7.1.1)."""
    elements = standard.elements(files.path(1))
    return tuple(element for element in elements if element.id not in (SIGNATURE, CERTIFICATE))


def visit_data(standard: Standard, files: VisitFiles, values: Mapping[str, Value]) -> bytes:
    """The part of a visit that is signed, of values by element id; what is left out is as on a new card.

    Raises UnfitValue; ValueError for an id that the visit has not got.
    """
    elements = data_elements(standard, files)
    unknown = values.keys() - {element.id for element in elements}
    if unknown:
        raise ValueError(f"a visit has no element {', '.join(sorted(unknown))}")
    blank = blank_content(standard, standard.files[files.path(1)]).binary
    return b"".join(
        encode(standard, element, values[element.id])
        if element.id in values
        else blank[element.offset : element.offset + element.length]
        for element in elements
    )


# -- recording -------------------------------------------------------------------------------------------------


def record_visit(terminal: Terminal, files: VisitFiles, data: bytes, pin: bytes, today: datetime.date) -> StoredVisit:
    """Record a visit (APP11 6.4.1.3, 6.4.2.3): sign it in the SAM, write it, mark its record valid.

    ``data`` is what `visit_data` gives. Raises ValueError for data of another length; WrongSamType before the card is
    touched; WrongPin, NoFreeVisitRecord and CardExpired before anything is written; CommandRefused, FlowBroken,
    NotGiven, SamRefuses.
    """
    standard = terminal.standard
    length = sum(element.length for element in data_elements(standard, files))
    if len(data) != length:
        raise ValueError(f"the data of this visit have {length} bytes, not {len(data)}")
    index, first = standard.files[files.index], standard.files[files.path(1)]
    keys = [index.read, first.update, index.update, terminal.maintenance_key(index.directory)]
    _need_sam(terminal, say("recording a visit"), keys)
    admit(terminal, today)
    terminal.sam.need_pin(pin)
    number = _record_to_write(terminal, files)
    file = standard.files[files.path(number)]
    visit = sign(terminal.sam, data)
    _open(terminal, file, file.update)
    for element, part in (
        (data_elements(standard, files)[0], visit.data),
        (standard.element(file.path, SIGNATURE), visit.signature),
        (standard.element(file.path, CERTIFICATE), visit.certificate),
    ):
        write_binary(terminal, file, element.offset, part)
    _open(terminal, index, index.update)
    _flag(terminal, "write-record", index, number)
    return StoredVisit(number, file.path, visit)


def _record_to_write(terminal: Terminal, files: VisitFiles) -> int:
    """The record that the profile lets the terminal write. Raises NoFreeVisitRecord."""
    writable = VALID if terminal.standard.switch("visit-record-to-write") == "flagged-valid" else EMPTY
    flags = _flags(terminal, files)
    if writable in flags:
        return flags.index(writable) + 1
    if terminal.standard.switch("no-free-visit-record") == "overwrite-oldest":
        return _oldest(terminal, files, len(flags))
    raise NoFreeVisitRecord(files.index)


def _oldest(terminal: Terminal, files: VisitFiles, count: int) -> int:
    """The record whose visit began first: packed digits of a date stand in the order of time."""
    elements = data_elements(terminal.standard, files)
    began = next(element for element in elements if element.content in ("date", "date-time"))
    dates = {}
    for number in range(1, count + 1):
        file = terminal.standard.files[files.path(number)]
        _open(terminal, file, file.read)
        dates[number] = read_binary(terminal, began.offset, began.length)
    return min(dates, key=lambda number: dates[number])


# -- settling --------------------------------------------------------------------------------------------------


def settle_visit(terminal: Terminal, files: VisitFiles, back_end: Verifier, today: datetime.date) -> StoredVisit:
    """Settle the first recorded visit (APP11 6.4.3.3, 6.4.4.3): have it verified, then erase its flag.

    Raises WrongSamType before the card is touched; NoVisitToSettle, SignatureNotAccepted and CardExpired with the card
    as it was; CommandRefused, FlowBroken, NotGiven, SamRefuses.
    """
    standard = terminal.standard
    index = standard.files[files.index]
    keys = [index.read, standard.files[files.path(1)].read, index.erase, terminal.maintenance_key(index.directory)]
    _need_sam(terminal, say("settling a visit"), keys)
    admit(terminal, today)
    flags = _flags(terminal, files)
    if VALID not in flags:
        raise NoVisitToSettle(files.index)
    number = flags.index(VALID) + 1
    stored = StoredVisit(number, files.path(number), read_visit(terminal, files, number))
    reason = back_end.fault(stored.visit)
    if reason is not None:
        raise SignatureNotAccepted(stored.file, reason)
    if standard.switch("settlement-order") == "right-first":
        terminal.select(index.directory)
        _authenticate(terminal, index.erase)
        terminal.card.select_from(index.directory, index.path)
    else:
        _open(terminal, index, index.erase)
    _flag(terminal, "erase-record", index, number)
    return stored


def read_visit(terminal: Terminal, files: VisitFiles, number: int) -> SignedVisit:
    """Data, signature and certificate of a record (APP11 6.4.3.3 (3), (4)). Raises FlowBroken, NotGiven, SamRefuses."""
    file = terminal.standard.files[files.path(number)]
    content = read_file(terminal, file).binary
    signature, certificate = (terminal.standard.element(file.path, name) for name in (SIGNATURE, CERTIFICATE))
    return SignedVisit(
        data=content[: signature.offset],
        signature=content[signature.offset : certificate.offset],
        certificate=content[certificate.offset : certificate.offset + certificate.length],
    )


# -- steps of both ---------------------------------------------------------------------------------------------


def _need_sam(terminal: Terminal, flow: Text, keys: list[str | None]) -> None:
    standard = terminal.standard
    need_sam(terminal, flow, [internal_key(standard), expiry_key(standard), *keys])


def _flags(terminal: Terminal, files: VisitFiles) -> list[bytes]:
    """The index's flags, record 1 first (APP11 6.4.1.3 (1), (2))."""
    return read_file(terminal, terminal.standard.files[files.index]).records


def _open(terminal: Terminal, file: File, key: str | None) -> None:
    terminal.select(file.path)
    _authenticate(terminal, key)


def _authenticate(terminal: Terminal, key: str | None) -> None:
    if key is not None:
        terminal.authenticate(key)


def _flag(terminal: Terminal, command: str, index: File, number: int) -> None:
    """Set or erase the flag of a record, with a MAC over the command's header."""
    answer = terminal.protected(command, index.directory, p1=number)
    if answer.sw != OK:
        title = terminal.standard.commands[f"card.{command}"].title
        raise CommandRefused(title, f"{index.path} {number}", answer.describe())
