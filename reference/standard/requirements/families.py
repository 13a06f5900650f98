"""Families of requirements: one template and a selection of table rows make one requirement for every row.

The clause, and with it the basis, is that of the table's cell, so a corrected table corrects its requirements
(APP11 tables 4-1 to 4-16, REV2 tables 10-1 and 10-2).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from reference.languages import Text, say
from reference.standard.cells import Reading
from reference.standard.errors import StandardError, among
from reference.standard.reading import RawRow
from reference.standard.requirements.selections import SELECTIONS, Subject
from reference.standard.rows import Citation, Directory, Level, Requirement, Row
from reference.standard.tables import Standard


class Family(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One family. ``id``, texts and relations are templates over the names of a subject of the selection."""

    id: str
    each: str
    """Name of the selection in `selections.py`."""
    level: Level
    en: str
    zh: str
    why: Text
    source_of: str = ""
    """The cell whose citation the requirement takes over: ``file.read``."""
    sources: dict[str, str] = {}
    """Or the source for each directory, by the last part of its path; others have no such requirement."""
    same_as: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def members(standard: Standard, reading: Reading, raw: RawRow, actor: str) -> Iterator[Requirement]:
    """The requirements of the family in this row of `families.toml`. Raises StandardError."""
    family = _family(standard, raw)
    for subject in SELECTIONS[family.each](standard):
        directory = subject["directory"]
        assert isinstance(directory, Directory)
        if family.sources and _last(directory) not in family.sources:
            continue
        yield Requirement(
            id=_filled(family.id, subject, raw, "id").lower(),
            source=_source(family, subject, reading, raw),
            level=family.level,
            actor=actor,
            text=Text(_filled(family.en, subject, raw, "en"), _filled(family.zh, subject, raw, "zh")),
            why=Text(_filled(family.why.en, subject, raw, "why"), _filled(family.why.zh, subject, raw, "why")),
            same_as=tuple(_filled(pattern, subject, raw, "same_as").lower() for pattern in family.same_as),
            needs=tuple(_filled(pattern, subject, raw, "needs").lower() for pattern in family.needs),
        )


def _family(standard: Standard, raw: RawRow) -> Family:
    """The row as a family whose selection and directories exist."""
    try:
        family = msgspec.convert(raw.columns, Family)
    except msgspec.ValidationError as error:
        raise StandardError(
            raw.place,
            say("the value does not fit: {error}.", error=error),
            say("Compare with another family."),
        ) from None
    if family.each not in SELECTIONS:
        raise StandardError(
            f"{raw.place}, each", say("there is no selection {name}.", name=family.each), among(SELECTIONS)
        )
    if bool(family.source_of) is bool(family.sources):
        raise StandardError(
            raw.place,
            say("a family has either source_of or sources."),
            say("Name the cell that gives the clause, or write a source for each directory."),
        )
    known = {_last(directory) for directory in standard.directories.values()}
    for name in sorted(set(family.sources) - known):
        raise StandardError(f"{raw.place}, sources", say("there is no directory {name}.", name=name), among(known))
    return family


def _last(directory: Directory) -> str:
    return directory.path.rpartition("/")[2]


def _source(family: Family, subject: Subject, reading: Reading, raw: RawRow) -> Citation:
    """The citation of the cell, or of the directory."""
    if family.sources:
        directory = subject["directory"]
        assert isinstance(directory, Directory)
        return reading.citation(family.sources[_last(directory)], raw, "sources")
    name, _, column = family.source_of.partition(".")
    row = subject.get(name)
    if not isinstance(row, Row) or column not in row.__struct_fields__:
        raise _absent(family.source_of, subject, raw, "source_of")
    return row.source_of(column)


def _filled(template: str, subject: Subject, raw: RawRow, column: str) -> str:
    """The template with the values of the subject in it."""
    try:
        return template.format(**subject)
    except (KeyError, AttributeError, IndexError, ValueError, TypeError):
        raise _absent(template, subject, raw, column) from None


def _absent(template: str, subject: Subject, raw: RawRow, column: str) -> StandardError:
    return StandardError(
        f"{raw.place}, {column}",
        say("“{template}” names something that the rows of its selection do not have.", template=template),
        say("Use columns of: {names}.", names=", ".join(sorted(subject))),
    )
