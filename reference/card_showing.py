"""A card's content for people and machines: tables on a terminal, tab-separated lines, JSON.

Files and elements come in the order of APP11 figure 4-1 and tables 4-1 to 4-16, with the titles of the standard's
tables.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from reference.card.images import CardData, Reading, readings
from reference.card.values import Coded, Kind, Value, kind_of
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import File, FileKind

NOTHING = "–"
BYTES_SHOWN = 24
"""Longer bytes are cut for people; JSON has them whole."""


def shown(standard: Standard, found: Reading) -> Text:
    """The element's value as people read it; faulty bytes in hexadecimal with what is wrong."""
    if found.fault is not None:
        return say("{hex}: {fault}", hex=_short_hex(found.raw), fault=found.fault)
    match found.value:
        case None:
            return Text(NOTHING, NOTHING)
        case bool():
            return next(
                row.title for row in standard.codes[found.element.codes] if row.value == found.raw.hex().upper()
            )
        case Coded(code, None):
            return say("{code} (not in the code table {table})", code=code, table=found.element.codes)
        case Coded(code, title):
            return say("{code} {title}", code=code, title=title)
        case datetime.datetime():
            return _same(found.value.isoformat(" "))
        case datetime.date():
            return _same(found.value.isoformat())
        case Decimal():
            return say("{amount:,.2f} yuan", amount=found.value)
        case bytes() if kind_of(found.element) is Kind.PHOTO:
            return say("image of {count} bytes", count=len(found.value))
        case bytes():
            return _same(_short_hex(found.value))
        case _:
            return _same(str(found.value))


def _same(text: str) -> Text:
    return Text(text, text)


def _short_hex(raw: bytes) -> str:
    if len(raw) <= BYTES_SHOWN:
        return raw.hex().upper()
    return f"{raw[:BYTES_SHOWN].hex().upper()}… ({len(raw)})"


# -- for people ----------------------------------------------------------------------------------------------


def print_card(console: Console, standard: Standard, data: CardData, paths: Iterable[str], lang: str) -> None:
    """Print the files with these paths, which the data have, as tables below the titles of their directories."""
    head = say(
        "profile {profile}, historical bytes {hex}", profile=standard.profile.id, hex=data.historical.hex().upper()
    )
    console.print(Styled(head.inside(lang), style="dim"))
    for directory, files in itertools.groupby((standard.files[path] for path in paths), lambda file: file.directory):
        row = standard.directories[directory]
        console.print()
        console.print(Styled(f"{row.path}  {row.title.inside(lang)}", style="bold reverse"))
        for file in files:
            _print_file(console, standard, file, readings(standard, file, data.files[file.path]), lang)


def _print_file(console: Console, standard: Standard, file: File, sets: Sequence[Sequence[Reading]], lang: str) -> None:
    console.print()
    console.print(Styled(f"{file.path}  {file.title.inside(lang)}", style="bold"))
    if not sets:
        console.print(Styled(f"  {NOTHING}", style="dim"))
    for number, found in enumerate(sets, 1):
        if file.kind in (FileKind.CYCLIC, FileKind.FIXED):
            console.print(Styled("  " + say("record {number}", number=number).inside(lang), style="cyan"))
        console.print(_table(standard, file, found, lang))


def _table(standard: Standard, file: File, found: Sequence[Reading], lang: str) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 2))
    tagged = file.kind is FileKind.VARIABLE
    for name, blank, members in _repetitions(found):
        if blank:
            table.add_row(*([""] if tagged else []), Styled(name, style="dim"), Styled(NOTHING, style="dim"))
            continue
        for one in members:
            style = "red" if one.fault is not None else "dim" if one.blank else ""
            cells = (one.element.title.inside(lang), shown(standard, one).inside(lang))
            tag = [Styled(f"{one.element.tag:02X}", style="dim")] if one.element.tag is not None else []
            table.add_row(*tag, *(Styled(cell, style=style) for cell in cells))
    return table


def _repetitions(found: Sequence[Reading]) -> Iterator[tuple[str, bool, list[Reading]]]:
    """The readings in their repeated groups: name, whether nothing is stated in all of it, members.

    Neighbouring repetitions without any content come as one: ``fee-4 … fee-20``.
    """
    groups = [(name, list(members)) for name, members in itertools.groupby(found, _group)]

    def unused(group: tuple[str, list[Reading]]) -> bool:
        return group[0] != "" and all(one.blank for one in group[1])

    for blank, run in itertools.groupby(groups, unused):
        several = list(run)
        if not blank:
            yield from ((name, False, members) for name, members in several)
            continue
        for _, same in itertools.groupby(several, lambda group: group[0].rpartition("-")[0]):
            names = [name for name, _ in same]
            yield (names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"), True, []


def _group(found: Reading) -> str:
    """``fee-4`` for ``fee-4.amount``; nothing for an element that stands alone."""
    return found.element.id.rpartition(".")[0]


# -- for machines --------------------------------------------------------------------------------------------


def lines(standard: Standard, data: CardData, paths: Iterable[str], lang: str) -> Iterator[str]:
    """One line an element: file, record, tag, id, title, value; between tabs."""
    for path in paths:
        file = standard.files[path]
        for number, found in enumerate(readings(standard, file, data.files[path]), 1):
            for one in found:
                tag = "" if one.element.tag is None else f"{one.element.tag:02X}"
                titles = (one.element.title.inside(lang), shown(standard, one).inside(lang))
                yield "\t".join((path, _record(file, number), tag, one.element.id, *titles))


def _record(file: File, number: int) -> str:
    return str(number) if file.kind in (FileKind.CYCLIC, FileKind.FIXED) else ""


def as_json(standard: Standard, data: CardData, paths: Iterable[str]) -> dict[str, object]:
    """The files as plain values to encode: every element with raw bytes, value, meaning and fault."""
    return {
        "profile": standard.profile.id,
        "historical": data.historical.hex().upper(),
        "files": [_file_as_json(standard, standard.files[path], data) for path in paths],
    }


def _file_as_json(standard: Standard, file: File, data: CardData) -> dict[str, object]:
    sets = readings(standard, file, data.files[file.path])
    return {
        "path": file.path,
        "title": file.title,
        "kind": file.kind,
        "values": [[_element_as_json(one) for one in found] for found in sets],
    }


def _element_as_json(found: Reading) -> dict[str, object]:
    return {
        "id": found.element.id,
        "tag": found.element.tag,
        "title": found.element.title,
        "raw": found.raw.hex().upper(),
        "value": _plain(found.value),
        "meaning": found.value.title if isinstance(found.value, Coded) else None,
        "fault": found.fault,
    }


def _plain(value: Value) -> object:
    """The value as JSON has it: bytes in hexadecimal, dates in ISO 8601, amounts as texts of digits."""
    match value:
        case bytes():
            return value.hex().upper()
        case Coded():
            return value.code
        case Decimal():
            return str(value)
        case _:
            return value
