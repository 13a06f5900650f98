"""The ledger of requirement ids: every id that was ever used, so that none is used again for something else.

`ledger.txt` holds one line an id: the id, ``live`` or ``retired``, and the day on which it first stood in a table.
Lines are only ever added: `python -m reference.standard.requirements.ledger 2026-11-22` adds what the tables hold that
the ledger lacks. A row that is taken out of all tables leaves its id behind, marked ``retired`` by hand.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from reference.languages import say
from reference.standard.errors import StandardError
from reference.standard.loader import SHIPPED, load, profiles
from reference.standard.reading import Folder, text_of
from reference.standard.tables import Standard

LEDGER = "requirements/ledger.txt"


class State(StrEnum):
    """Whether an id stands in a table."""

    LIVE = "live"
    RETIRED = "retired"


class Entry(msgspec.Struct, frozen=True):
    """One id that was used, and since when."""

    id: str
    state: State
    since: datetime.date

    def __str__(self) -> str:
        return f"{self.id} {self.state} {self.since.isoformat()}"


def read(root: Path = SHIPPED) -> dict[str, Entry]:
    """The ledger in a directory of tables, by id. Raises StandardError for a line that is none, or out of order."""
    entries: dict[str, Entry] = {}
    last = ""
    for number, line in enumerate(text_of(LEDGER, Folder(root).content(LEDGER)).splitlines(), start=1):
        entry = _entry(number, line)
        if entry.id <= last:
            raise StandardError(
                f"{LEDGER}, line {number}",
                say("{name} stands twice or out of order.", name=entry.id),
                say("Sort the lines by id, each id once."),
            )
        entries[entry.id], last = entry, entry.id
    return entries


def _entry(number: int, line: str) -> Entry:
    try:
        id, state, since = line.split(" ")
        return Entry(id, State(state), datetime.date.fromisoformat(since))
    except ValueError:
        raise StandardError(
            f"{LEDGER}, line {number}",
            say("{line} is not an id, live or retired, and a date.", line=repr(line)),
            say("Write: card.structure.tree live 2026-11-22"),
        ) from None


def ids_of(standards: Iterable[Standard]) -> set[str]:
    """Every id that stands in a table: of requirements and of obligations that wait for their suite."""
    return {id for standard in standards for id in (*standard.requirements, *standard.awaited)}


def grown(entries: Mapping[str, Entry], ids: Iterable[str], today: datetime.date) -> dict[str, Entry]:
    """The ledger with the ids that it lacked, in order; nothing that stands in it is changed."""
    added = {id: Entry(id, State.LIVE, today) for id in ids if id not in entries}
    return {id: (entries.get(id) or added[id]) for id in sorted({*entries, *added})}


def main() -> None:
    """Add what the tables of all profiles hold; the argument is the day."""
    today = datetime.date.fromisoformat(sys.argv[1])
    entries = read()
    after = grown(entries, ids_of(map(load, profiles())), today)
    text = "".join(f"{entry}\n" for entry in after.values())
    (SHIPPED / LEDGER).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{LEDGER}: {len(after) - len(entries)} added, {len(after)} in all\n")


if __name__ == "__main__":
    main()
