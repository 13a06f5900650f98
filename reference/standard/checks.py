"""What must hold between the tables: names point to rows, lengths add up, offsets do not overlap."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection

from reference.languages import say
from reference.standard.errors import StandardError, among
from reference.standard.rows import CertificateField, Code, Element, ElementType, File, FileKind
from reference.standard.tables import Standard

FILES = "card/files.toml"
ELEMENTS = "card/elements.csv"
KEYS = "card/keys.toml"
CERTIFICATES = "sam/certificates.toml"
PERSONAL = "card/personal.toml"

CERTIFICATE_FILES = {"issuer": "DF01/001B", "sam": "DF01/001C"}
"""The file of the SAM that each certificate fills (sam/files.toml)."""
CERTIFICATE_FIELDS = (
    "kind",
    "version",
    "signer-id",
    "subject-id",
    "serial",
    "valid-from",
    "valid-to",
    "public-key",
    "reserved",
    "signature",
)
"""The fields of both certificates; the signature covers all before it and stands last."""

VALUE_FITS: dict[ElementType, Callable[[str, int], bool]] = {
    ElementType.CN: lambda value, length: value.isdecimal() and len(value) <= 2 * length,
    ElementType.ANS: lambda value, length: len(value.encode("gb2312", "replace")) <= length,
    ElementType.B: lambda value, length: re.fullmatch("[0-9A-F]*", value) is not None and len(value) == 2 * length,
}
"""Whether a code can stand in an element of the type and of the length in bytes."""


def check(standard: Standard) -> None:
    """Check the tables against each other. Raises StandardError at the first thing that does not fit."""
    _names(standard)
    for file in standard.files.values():
        elements = standard.elements(file.path)
        _lengths(file, elements)
        if file.kind is FileKind.VARIABLE:
            _tags(file, elements)
        else:
            _offsets(file, elements)
            _sums(file, elements)
    for name, path in CERTIFICATE_FILES.items():
        if path in standard.sam_files:
            _certificate(name, standard.certificates.get(name, ()), standard.sam_files[path].size)


def _names(standard: Standard) -> None:
    """Every name in a row must be a row of the table that it points into."""
    for directory in standard.directories.values():
        if directory.path:
            parent = directory.path.rpartition("/")[0]
            _known(parent, standard.directories, f"{FILES}, directory {directory.path}", "path")
    for file in standard.files.values():
        place = f"{FILES}, file {file.path}"
        _known(file.directory, standard.directories, place, "path")
        for column in ("read", "update", "erase"):
            if getattr(file, column) is not None:
                _known(getattr(file, column), standard.keys, place, column)
    for path, elements in standard.elements_by_file.items():
        for element in elements:
            if element.codes:
                _known(element.codes, standard.codes, f"{ELEMENTS}, {path} {element.id}", "codes")
                _codes_fit(element, standard.codes[element.codes])
    for key in standard.keys.values():
        _known(key.directory, standard.directories, f"{KEYS}, key {key.id}", "directory")
    for row in standard.open_elements:
        _known(row.file, standard.files, f"{PERSONAL}, {row.file} {row.element}", "file")
        known = {element.id for element in standard.elements(row.file)}
        _known(row.element, known, f"{PERSONAL}, {row.file} {row.element}", "element")
    for command in standard.open_commands:
        _known(command.command, standard.commands, f"{PERSONAL}, {command.command}", "command")
    for sam_key in standard.sam_keys.values():
        _known(sam_key.key, standard.keys, f"sam/keys.toml, key {sam_key.key}", "key")
    for sam_type in standard.sam_types.values():
        for key_id in sam_type.keys:
            _known(key_id, standard.keys, f"sam/types.toml, type {sam_type.number}", "keys")


def _known(name: str, rows: Collection[str], place: str, column: str) -> None:
    if name not in rows:
        raise StandardError(
            f"{place}, {column}",
            say("it names {name}, which no table has.", name=name or "–"),
            among(rows),
        )


def _codes_fit(element: Element, codes: tuple[Code, ...]) -> None:
    """Every value of the code table can stand in the element."""
    for code in codes:
        if not VALUE_FITS[element.type](code.value, element.length):
            raise StandardError(
                f"card/codes.csv, {code.table} {code.value}, value",
                say(
                    "the value does not fit {element}, type {type}, {length} bytes.",
                    element=f"{element.file} {element.id}",
                    type=element.type,
                    length=element.length,
                ),
                say("Write digits for cn, text for ans, two hexadecimal digits a byte for b."),
            )


def _lengths(file: File, elements: tuple[Element, ...]) -> None:
    for element in elements:
        if element.length < 1:
            raise StandardError(
                f"{ELEMENTS}, {file.path} {element.id}, length",
                say("the length is {length}.", length=element.length),
                say("An element has at least one byte; leave out an element that the card has not."),
            )


def _tags(file: File, elements: tuple[Element, ...]) -> None:
    """Elements of a variable-length record file are found by tag: each has one, no two the same."""
    seen: dict[int, str] = {}
    for element in elements:
        place = f"{ELEMENTS}, {file.path} {element.id}, tag"
        if element.tag is None:
            raise StandardError(
                place, say("an element of a variable-length record file needs a tag."), say("Add its tag.")
            )
        if element.tag in seen:
            raise StandardError(
                place,
                say("tag {tag} already belongs to {other}.", tag=element.tag, other=seen[element.tag]),
                say("Give each element its own tag."),
            )
        seen[element.tag] = element.id


def _offsets(file: File, elements: tuple[Element, ...]) -> None:
    for before, after in itertools.pairwise(elements):
        if after.offset < before.offset + before.length:
            raise StandardError(
                f"{ELEMENTS}, {file.path} {after.id}, offset",
                say(
                    "offset {offset} overlaps {other}, which ends at {end}.",
                    offset=after.offset,
                    other=before.id,
                    end=before.offset + before.length,
                ),
                say("Correct offset or length; without an offset an element follows the one before it."),
            )


def _sums(file: File, elements: tuple[Element, ...]) -> None:
    """The elements fill a binary file, or a record of fixed length, without a gap."""
    column = "size" if file.kind is FileKind.BINARY else "record_length"
    stated = file.size if file.kind is FileKind.BINARY else file.record_length
    total = sum(element.length for element in elements)
    if total != stated:
        raise StandardError(
            f"{FILES}, file {file.path}, {column}",
            say("it is {stated}, but the elements add up to {total}.", stated=stated, total=total),
            say("Correct this column, or lengths and offsets in {table}.", table=ELEMENTS),
        )


def _certificate(name: str, fields: tuple[CertificateField, ...], size: int) -> None:
    """A certificate has all its fields, the signature last; they fill its file without a gap."""
    place = f"{CERTIFICATES}, {name}"
    found = [field.name for field in fields]
    if sorted(found) != sorted(CERTIFICATE_FIELDS) or found[-1] != "signature":
        raise StandardError(
            place,
            say("its fields are {found}.", found=", ".join(found) or "–"),
            say("Give each of these once, the signature last: {names}.", names=", ".join(CERTIFICATE_FIELDS)),
        )
    end = 0
    for field in fields:
        if field.offset != end:
            raise StandardError(
                f"{place} {field.name}, offset",
                say("it is {offset}, but the field before it ends at {end}.", offset=field.offset, end=end),
                say("Correct offset or length; fields follow one another without a gap."),
            )
        if field.value and len(field.value) != 2 * field.length:
            raise StandardError(
                f"{place} {field.name}, value",
                say("it has {count} bytes, the field {length}.", count=len(field.value) // 2, length=field.length),
                say("Correct value or length."),
            )
        end += field.length
    if end != size:
        raise StandardError(
            f"{place}, length",
            say("the fields add up to {total}, but the file has {size} bytes.", total=end, size=size),
            say("Correct the lengths, or the size in {table}.", table="sam/files.toml"),
        )
