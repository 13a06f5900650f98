"""The shapes of the standard's tables: one class a kind of row, each with its source and thereby its basis.

A source is written as in ``APP11 table 4-9``: the key of a document in `documents.toml`, then the clause. The
document gives the basis: normative, field, sibling or decision (`docs/standard-as-data.md`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from reference.languages import Text

Byte = Annotated[int, msgspec.Meta(ge=0, le=0xFF)]
"""One byte as a number."""
Count = Annotated[int, msgspec.Meta(ge=0)]
"""A number of bytes, records or levels, or an offset."""
Fid = Annotated[str, msgspec.Meta(pattern="^[0-9A-F]{4}$")]
"""A file identifier in hexadecimal."""
Hex = Annotated[str, msgspec.Meta(pattern="^([0-9A-F]{2})*$")]
"""Bytes in hexadecimal."""
Chip = Literal["card", "sam"]


class Basis(StrEnum):
    """How well a row is founded; only normative rows, in field profiles also field rows, fail a product."""

    NORMATIVE = "normative"
    FIELD = "field"
    SIBLING = "sibling"
    DECISION = "decision"


class Level(StrEnum):
    """The strength of a requirement."""

    SHALL = "shall"
    SHOULD = "should"
    MAY = "may"


class Citation(msgspec.Struct, frozen=True):
    """Where a value comes from: document key, clause, and the basis that the document gives it."""

    document: str
    clause: str
    basis: Basis

    def __str__(self) -> str:
        return f"{self.document} {self.clause}".strip()


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every row carries: its citation, and those of single values that come from elsewhere."""

    source: Citation
    sources: dict[str, Citation] = {}

    def source_of(self, column: str) -> Citation:
        """The citation of one value: its own where it has one, else the row's."""
        return self.sources.get(column, self.source)


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document that facts are taken from."""

    id: str
    basis: Basis
    title: Text
    date: str = ""


class DirectoryKind(StrEnum):
    """Directories of APP11 4.1: the root, an application environment, an application."""

    MF = "mf"
    DDF = "ddf"
    ADF = "adf"


class Directory(Row, frozen=True, kw_only=True):
    """A directory of the card. ``path`` is written from below the MF; the MF's own path is empty."""

    path: str
    fid: Fid
    kind: DirectoryKind
    title: Text
    name: Hex = ""
    """DF name (AID or environment name) in hexadecimal; empty where the directory has none."""

    @property
    def id(self) -> str:
        """The directory's part of a requirement id: ``card.df02``."""
        return f"card.{self.path.rpartition('/')[2].lower() or 'mf'}"


class FileKind(StrEnum):
    """File types of APP11 4.1, note 1 and 2."""

    VARIABLE = "variable-records"
    FIXED = "fixed-records"
    CYCLIC = "cyclic-records"
    BINARY = "binary"


class Protection(StrEnum):
    """What an update command must carry (REV2 item 24)."""

    NONE = "none"
    PLAIN = "plain"
    MAC = "mac"
    CIPHER_AND_MAC = "cipher-and-mac"


def file_id(path: str) -> str:
    """The id of the file at a path: directory and identifier, in lower case."""
    return f"card.{'.'.join(path.lower().split('/')[-2:])}"


def place_id(path: str) -> str:
    """The part of a requirement id that files of one layout share.

    Identifiers EFxx name single files; others (EExx, EDxx) number files of one layout, which the standard treats
    together: ``card.df03.ee``.
    """
    id = file_id(path)
    return id if path.rpartition("/")[2].startswith("EF") else id.rstrip("0123456789")


class File(Row, frozen=True, kw_only=True):
    """An elementary file: its place, type, size and rights. Keys are named by their ids in `keys.toml`."""

    path: str
    fid: Fid
    kind: FileKind
    title: Text
    read: str | None = None
    """Key that opens the file for reading; None is free."""
    update: str | None = None
    """Key that opens the file for updating; None forbids rewriting after issue."""
    erase: str | None = None
    protection: Protection = Protection.NONE
    records: Count = 0
    """Number of records; 0 for a binary file, and for variable records the number of elements."""
    record_length: Count = 0
    """Bytes a record, for fixed and cyclic records."""
    size: Count = 0
    """Bytes of a binary file."""

    @property
    def directory(self) -> str:
        """Path of the directory that the file belongs to."""
        return self.path.rpartition("/")[0]

    @property
    def id(self) -> str:
        """The file's own id: ``card.df02.ef05``, ``card.df03.ee01``."""
        return file_id(self.path)

    @property
    def place(self) -> str:
        """The file's part of a requirement id, see `place_id`."""
        return place_id(self.path)

    @property
    def visit(self) -> str:
        """What kind of visit an EExx or EDxx file holds; empty for other files."""
        return {"EE": "inpatient", "ED": "outpatient"}.get(self.fid[:2], "")


class ElementType(StrEnum):
    """Data types of APP11 table 3-1."""

    ANS = "ans"
    CN = "cn"
    B = "b"


class Element(Row, frozen=True, kw_only=True):
    """A data element: a tagged record of a record file, or a slice of an untagged record or binary file."""

    id: str
    """Mnemonic, unique within its file: ``issuer-name``."""
    file: str
    type: ElementType
    length: Count
    title: Text
    tag: Byte | None = None
    """Tag as a plain byte value (APP11 writes tags in decimal); None for untagged files."""
    offset: Count = 0
    """Offset inside the record or the binary file, for untagged elements."""
    codes: str = ""
    """Name of the code table that the value must come from; empty where there is none."""
    content: str = ""
    """What it means: ``date``, ``date-time``, ``digits``, ``flag``, ``amount``; empty for free text."""

    @property
    def requirement(self) -> str:
        """The id of the requirement on this element: ``card.ddf1.ef05.city-code``."""
        return f"{place_id(self.file)}.{self.id}"


class KeyRole(StrEnum):
    """Key classes of REV2 table 10-2."""

    INTERNAL = "internal-authentication"
    MAINTENANCE = "maintenance"
    CARD_BLOCK = "card-block"
    APPLICATION_LOCK = "application-lock"
    UPDATE = "update"
    ERASE = "erase"
    READ = "read"


class Key(Row, frozen=True, kw_only=True):
    """A key of the user card; ``reference`` is the P2 that names it in the commands of its directory."""

    id: str
    role: KeyRole
    directory: str
    reference: Byte | None = None
    title: Text


class Command(Row, frozen=True, kw_only=True):
    """A command: class, instruction, fixed parameters, and which chip takes it (``card``, ``sam``)."""

    id: str
    chip: Chip
    cla: Byte
    ins: Byte
    p1: Byte | None = None
    p2: Byte | None = None
    lc: Byte | None = None
    title: Text


class StatusWord(Row, frozen=True, kw_only=True):
    """A status word: ``sw`` as four hexadecimal digits, where x stands for any digit."""

    id: str
    sw: Annotated[str, msgspec.Meta(pattern="^[0-9A-F]{2}[0-9A-Fx]{2}$")]
    title: Text


class Code(Row, frozen=True, kw_only=True):
    """One value of a code table.

    ``value`` is what the element holds, without padding: digits for cn, text for ans, hexadecimal for b.
    """

    table: str
    value: str
    title: Text


class Interface(Row, frozen=True, kw_only=True):
    """How a chip answers at its interface: reset answer and the style of returning data."""

    id: str
    chip: Chip
    reset: Hex
    """Answer to reset in hexadecimal up to the historical bytes."""
    check: bool
    """Whether a check byte (XOR of all bytes after TS) ends the answer."""
    returns_data: Literal["directly", "get-response"]
    """``directly``, or ``get-response`` (61xx, then GET RESPONSE; wrong Le gets 6Cxx)."""
    title: Text


class Environment(Row, frozen=True, kw_only=True):
    """An environment of a card with several applications, by its name."""

    id: str
    name: Hex
    """DF name in hexadecimal."""
    optional: bool
    """Whether a card with a financial application may lack it."""
    title: Text


class SamKey(Row, frozen=True, kw_only=True):
    """A key inside the SAM: id (P2), type (low bits of P1) for DELIVERY SESSION KEY, and levels.

    ``fielded_levels`` are those that middleware in the field puts into P1, whatever the documents say.
    """

    key: str
    id: Byte
    type: Byte
    levels: Count
    fielded_levels: Count


class SamType(Row, frozen=True, kw_only=True):
    """One of the five types of SAM by the keys that it holds."""

    number: int
    title: Text
    keys: tuple[str, ...]


class SamFile(Row, frozen=True, kw_only=True):
    """A file of the SAM with its fields as (name, offset, length)."""

    path: str
    fid: Fid
    size: Count
    title: Text
    fields: tuple[tuple[str, int, int], ...] = ()


class CertificateField(Row, frozen=True, kw_only=True):
    """A field of a certificate: its place, its length, and what it always holds where that is fixed."""

    certificate: Literal["issuer", "sam"]
    name: str
    offset: Count
    length: Count
    title: Text
    value: Hex = ""
    """What the field always holds, in hexadecimal; empty where it varies."""


class Limit(Row, frozen=True, kw_only=True):
    """A number that governs behaviour: retry limits, block sizes, fixed lengths."""

    id: str
    value: int
    title: Text


class Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place where the sources disagree: the values that a profile may choose between."""

    id: str
    title: Text
    values: tuple[str, ...]
    conflict: Text


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reading of the standard: a value for every switch, and whether field rows can fail a product."""

    id: str
    title: Text
    standard: Text
    """The documents that the verdict speaks of: ``APP11 v1.1 + REV2``."""
    switches: dict[str, str]
    field_rows_can_fail: bool = False


class Requirement(Row, frozen=True, kw_only=True):
    """A requirement on one kind of product. ``id`` is stable, mnemonic and never used for something else."""

    id: str
    level: Level
    actor: str
    text: Text
    why: Text
    applies_when: str = ""
    """Name of the capability that the product must declare; empty: always."""
    not_testable: Text | None = None
    """Why no test can judge it; None means that a test exists (a meta-test holds this true)."""
    same_as: tuple[str, ...] = ()
    """Requirements that state the same behaviour: what breaks this one breaks them too."""
    needs: tuple[str, ...] = ()
    """Requirements that must hold before this one can be observed."""
    answers: tuple[str, ...] = ()
    """Status words, by their ids, of which the card answers one; empty where the row demands no certain word."""


class Awaited(Row, frozen=True, kw_only=True):
    """An obligation of a product whose suite is still to come: kept by its id, so that none is lost."""

    id: str
    level: Level
    actor: str
    suite: str
    """Name of the suite that will judge it: ``terminal``, ``sam``."""
    en: str
    zh: str
