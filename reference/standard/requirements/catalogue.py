"""The catalogue of requirements: rows written by hand and families, checked, with their relations resolved.

Each table file names its ``actor`` and holds rows of the kinds ``requirement``, ``family`` and ``reason``.
Follows APP11 v1.1 and REV2 through the rows' own sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from reference.languages import Text, say
from reference.standard.cells import Reading
from reference.standard.errors import StandardError, among
from reference.standard.reading import Folder, RawRow
from reference.standard.requirements.families import members
from reference.standard.requirements.reasons import chosen_reason, in_both, read_reasons
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
    answers: tuple[str, ...] = ()


def read(standard: Standard, directory: Path | None = None) -> dict[str, Requirement]:
    """All requirements by id, in the order of their ids, for the standard's profile.

    ``directory`` holds the requirement tables; the standard's own where it is left out. Raises StandardError.
    """
    folder = Folder(directory or standard.root / "requirements")
    names = sorted(path.name for path in folder.root.glob("*.toml"))
    reading = Reading(standard.documents, standard.switches, standard.profile.switches)
    reasons = read_reasons(folder, names)
    requirements: dict[str, Requirement] = {}
    places: dict[str, str] = {}
    left_out: set[str] = set()
    for raw, actor in _raws(folder, names, "requirement"):
        written = reading.row(Written, raw)
        if written is None:
            left_out.add(str(raw.columns.get("id")))
        else:
            _known_words(written.answers, standard, raw)
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


def _requirement(written: Written, actor: str, reasons: Mapping[str, Text], raw: RawRow) -> Requirement:
    return Requirement(
        id=written.id,
        source=written.source,
        level=written.level,
        actor=actor,
        text=Text(written.en, written.zh),
        why=written.why,
        applies_when=written.applies_when,
        not_testable=chosen_reason(written.not_testable, reasons, raw),
        same_as=written.same_as,
        needs=written.needs,
        answers=written.answers,
    )


def _known_words(ids: tuple[str, ...], standard: Standard, raw: RawRow) -> None:
    """Refuse an answer that is no row of the table of status words."""
    for id in ids:
        if id not in standard.status_words:
            raise StandardError(
                f"{raw.place}, answers",
                say("there is no status word {name}.", name=id),
                among(standard.status_words),
            )


def _add(requirement: Requirement, raw: RawRow, requirements: dict[str, Requirement], places: dict[str, str]) -> None:
    """Take the requirement up; refuse a second one of the same id, and empty texts."""
    if requirement.id in requirements:
        raise StandardError(
            f"{raw.place}, id",
            say("{name} stands already in {place}.", name=requirement.id, place=places[requirement.id]),
            say("Rename or remove one of them."),
        )
    in_both(requirement.text, raw, "en, zh")
    in_both(requirement.why, raw, "why")
    requirements[requirement.id] = requirement
    places[requirement.id] = raw.place
