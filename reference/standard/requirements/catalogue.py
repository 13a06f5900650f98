"""The catalogue of requirements: rows written by hand and families, checked, with their relations resolved.

Each table file names its ``actor`` and holds rows of the kinds ``requirement``, ``family`` and ``reason``.
Follows APP11 v1.1 and REV2 through the rows' own sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from reference.languages import Text, say
from reference.standard.cells import Reading
from reference.standard.errors import StandardError, among
from reference.standard.reading import Folder, RawRow
from reference.standard.requirements.families import members
from reference.standard.requirements.relations import resolved
from reference.standard.rows import Level, Requirement, Row
from reference.standard.tables import Standard

HEADINGS = ("actor", "requirement", "family", "reason")


class Written(Row, frozen=True, kw_only=True):
    """A requirement as it is written in a table file; ``not_testable`` names a reason."""

    id: str
    level: Level
    en: str
    zh: str
    why: Text
    applies_when: str = ""
    not_testable: str = ""
    same_as: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a requirement has no test of its own."""

    id: str
    en: str
    zh: str


def read(standard: Standard, directory: Path | None = None) -> dict[str, Requirement]:
    """All requirements by id, in the order of their ids, for the standard's profile.

    ``directory`` holds the requirement tables; the standard's own where it is left out. Raises StandardError.
    """
    folder = Folder(directory or standard.root / "requirements")
    names = sorted(path.name for path in folder.root.glob("*.toml"))
    reading = Reading(standard.documents, standard.switches, standard.profile.switches)
    reasons = _reasons(folder, names)
    requirements: dict[str, Requirement] = {}
    places: dict[str, str] = {}
    left_out: set[str] = set()
    for raw, actor in _raws(folder, names, "requirement"):
        written = reading.row(Written, raw)
        if written is None:
            left_out.add(str(raw.columns.get("id")))
        else:
            _add(_requirement(written, actor, reasons, raw), raw, requirements, places)
    for raw, actor in _raws(folder, names, "family"):
        for requirement in members(standard, reading, raw, actor):
            _add(requirement, raw, requirements, places)
    return resolved(dict(sorted(requirements.items())), places, left_out)


def _raws(folder: Folder, names: list[str], kind: str) -> Iterator[tuple[RawRow, str]]:
    """The rows of one kind in all files, each with the actor that its file speaks of."""
    for name in names:
        folder.only_kinds(name, HEADINGS)
        rows = folder.rows(name, kind)
        actor = folder.toml(name).get("actor")
        if rows and not isinstance(actor, str):
            raise StandardError(
                name,
                say("the file does not say whom it binds."),
                say('Write a line like: actor = "card" above the rows.'),
            )
        yield from ((raw, str(actor)) for raw in rows)


def _reasons(folder: Folder, names: list[str]) -> dict[str, Text]:
    """The reasons for having no test, by id."""
    reasons: dict[str, Text] = {}
    for name in names:
        for raw in folder.rows(name, "reason"):
            try:
                reason = msgspec.convert(raw.columns, Reason)
            except msgspec.ValidationError as error:
                raise StandardError(
                    raw.place, say("the value does not fit: {error}.", error=error), say("Correct that row.")
                ) from None
            reasons[reason.id] = _both(Text(reason.en, reason.zh), raw, "en, zh")
    return reasons


def _requirement(written: Written, actor: str, reasons: Mapping[str, Text], raw: RawRow) -> Requirement:
    if written.not_testable and written.not_testable not in reasons:
        raise StandardError(
            f"{raw.place}, not_testable",
            say("there is no reason {name}.", name=written.not_testable),
            among(set(reasons)),
        )
    return Requirement(
        id=written.id,
        source=written.source,
        level=written.level,
        actor=actor,
        text=Text(written.en, written.zh),
        why=written.why,
        applies_when=written.applies_when,
        not_testable=reasons.get(written.not_testable),
        same_as=written.same_as,
        needs=written.needs,
    )


def _add(requirement: Requirement, raw: RawRow, requirements: dict[str, Requirement], places: dict[str, str]) -> None:
    """Take the requirement up; refuse a second one of the same id, and empty texts."""
    if requirement.id in requirements:
        raise StandardError(
            f"{raw.place}, id",
            say("{name} stands already in {place}.", name=requirement.id, place=places[requirement.id]),
            say("Rename or remove one of them."),
        )
    _both(requirement.text, raw, "en, zh")
    _both(requirement.why, raw, "why")
    requirements[requirement.id] = requirement
    places[requirement.id] = raw.place


def _both(text: Text, raw: RawRow, column: str) -> Text:
    """The text, if it says something in both languages."""
    if not text.en.strip() or not text.zh.strip():
        raise StandardError(
            f"{raw.place}, {column}",
            say("the text is empty in one of the languages."),
            say("Write it in English and in Chinese."),
        )
    return text
