"""Rows of `card/elements.csv` written once for many: file patterns and repeated groups.

A row may name several files (``DDF1/DF03/EE0*``). Neighbouring rows with the same ``group`` and ``count`` are
repeated together, as APP11 tables 4-15 and 4-16 print them: ``diagnosis-1.name`` … ``diagnosis-3.healing``.
"""

from __future__ import annotations

import fnmatch
import itertools
from collections.abc import Iterable, Iterator

from reference.languages import say
from reference.standard.cells import SOURCE_SUFFIX
from reference.standard.errors import StandardError, among
from reference.standard.reading import RawRow

COUNT = "count"
GROUP = "group"
OFFSET = "offset"


def expanded(rows: Iterable[RawRow], paths: Iterable[str]) -> list[RawRow]:
    """One row for each element of each file. Raises StandardError for an unknown file or a wrong count."""
    known = tuple(paths)
    return [
        row
        for _, block in itertools.groupby(rows, key=lambda row: row.columns.get("file"))
        for file_rows in [list(block)]
        for path in _matching(file_rows[0], known)
        for row in _repeated(RawRow(row.place, row.columns | {"file": path}, row.from_csv) for row in file_rows)
    ]


def _matching(row: RawRow, paths: tuple[str, ...]) -> list[str]:
    pattern = row.columns.get("file", "")
    matching = fnmatch.filter(paths, pattern)
    if not matching:
        raise StandardError(
            f"{row.place}, file",
            say("no file of the card is called {path}.", path=pattern or "–"),
            among(paths),
        )
    return matching


def _repeated(rows: Iterable[RawRow]) -> Iterator[RawRow]:
    """The rows with each group repeated as often as its count says."""
    for group, block in itertools.groupby(rows, key=lambda row: row.columns.get(GROUP)):
        members = list(block)
        if group is None:
            yield from members
            continue
        for number in range(1, _count(members) + 1):
            yield from (_member(row, group, number) for row in members)


def _count(members: list[RawRow]) -> int:
    counts = {row.columns.get(COUNT, "") for row in members}
    count = counts.pop()
    if counts or not count.isdecimal():
        raise StandardError(
            f"{members[0].place}, {COUNT}",
            say("the rows of a group need the same whole number."),
            say("Write how often the group is repeated in each of its rows."),
        )
    return int(count)


def _member(row: RawRow, group: str, number: int) -> RawRow:
    """The row of one repetition: numbered id and titles; a stated offset belongs to the first repetition."""
    columns = {name: cell for name, cell in row.columns.items() if name not in (GROUP, COUNT)}
    if "id" in columns:
        columns["id"] = f"{group}-{number}.{columns['id']}"
    for title in ("title_en", "title_zh"):
        if title in columns:
            columns[title] = f"{columns[title]} {number}"
    if number > 1:
        columns.pop(OFFSET, None)
        columns.pop(OFFSET + SOURCE_SUFFIX, None)
    return RawRow(row.place, columns, row.from_csv)
