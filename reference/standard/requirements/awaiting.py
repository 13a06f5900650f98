"""Obligations of products whose suites are still to come: one table a kind of product, `awaited_*.csv`.

Each row keeps the id, the clause and the words of one obligation of APP11, REV2, API13 or another document, and names
the suite that will judge it. When that suite is built the row becomes a requirement under the same id.
"""

from __future__ import annotations

from pathlib import Path

from reference.languages import Text, say
from reference.standard.cells import Reading
from reference.standard.errors import StandardError
from reference.standard.reading import Folder
from reference.standard.requirements.reasons import in_both
from reference.standard.rows import Awaited
from reference.standard.tables import Standard


def read_awaited(standard: Standard, directory: Path | None = None) -> dict[str, Awaited]:
    """All awaited obligations by id, in the order of the tables.

    ``directory`` holds the requirement tables; the standard's own where it is left out. Raises StandardError.
    """
    folder = Folder(directory or standard.root / "requirements")
    reading = Reading(standard.documents, standard.switches, standard.profile.switches)
    awaited: dict[str, Awaited] = {}
    places: dict[str, str] = {}
    for name in sorted(path.name for path in folder.root.glob("awaited_*.csv")):
        for raw in folder.rows(name, "awaited"):
            row = reading.row(Awaited, raw)
            if row is None:
                continue
            if row.id in awaited:
                raise StandardError(
                    f"{raw.place}, id",
                    say("{name} stands already in {place}.", name=row.id, place=places[row.id]),
                    say("Rename or remove one of them."),
                )
            in_both(Text(row.en, row.zh), raw, "en, zh")
            awaited[row.id], places[row.id] = row, raw.place
    return awaited
