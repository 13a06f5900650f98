"""The terminal registry (院内终端登记): which in-house terminals may ask, in which department each stands.

A terminal's identifier is organisation and department code, at most 20 characters (Qinghai, Sichuan). The registry is a
CSV file of the institution, read at the start: ``terminal,department,channel,place,state``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reference.front_end.refusals import FrontEndRefusal
from reference.languages import Text, say
from reference.standard.ecard import load_ecard

COLUMNS: Final = ("terminal", "department", "channel", "place", "state")
IDENTIFIER: Final = re.compile("[0-9A-Za-z_-]{1,20}")
STATES: Final = ("in-service", "blocked")


class UnusableTerminals(ValueError):
    """A file of terminals that cannot be used; ``text`` names the file, the line and the reason."""

    def __init__(self, file: Path, problem: Text) -> None:
        self.text = say("{file}: {problem}", file=file, problem=problem)
        super().__init__(self.text.en)


@dataclass(frozen=True, slots=True)
class InHouseTerminal:
    """A terminal of the institution. ``department`` is the 4-digit code, ``channel`` a value of the code table."""

    terminal: str
    department: str = ""
    channel: str = ""
    place: str = ""
    state: str = STATES[0]


class Terminals:
    """The registered terminals."""

    def __init__(self, terminals: Iterable[InHouseTerminal]) -> None:
        self._by_id: Mapping[str, InHouseTerminal] = {one.terminal: one for one in terminals}

    def __len__(self) -> int:
        return len(self._by_id)

    def working(self, terminal: str) -> InHouseTerminal:
        """The terminal, when it is in service.

        Raises FrontEndRefusal ``front-end.unknown-terminal`` and ``front-end.terminal-blocked``.
        """
        found = self._by_id.get(terminal)
        if found is None:
            raise FrontEndRefusal("front-end.unknown-terminal", "terminal")
        if found.state != STATES[0]:
            raise FrontEndRefusal("front-end.terminal-blocked", "terminal")
        return found


def read_terminals(file: Path) -> Terminals:
    """The registry of a file. Raises UnusableTerminals."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise UnusableTerminals(file, say("its first line must be {columns}.", columns=",".join(COLUMNS)))
            rows = [_terminal(file, reader.line_num, row) for row in reader]
    except OSError as failure:
        raise UnusableTerminals(
            file, say("it cannot be read: {fault}. Name another file.", fault=failure.strerror)
        ) from None
    except (UnicodeDecodeError, csv.Error) as fault:
        raise UnusableTerminals(file, say("this is no CSV file in UTF-8: {fault}.", fault=fault)) from None
    known: set[str] = set()
    for row in rows:
        if row.terminal in known:
            raise UnusableTerminals(file, say("the terminal {name} stands twice.", name=row.terminal))
        known.add(row.terminal)
    return Terminals(rows)


def _terminal(file: Path, line: int, row: Mapping[str, str | None]) -> InHouseTerminal:
    values = {name: (row.get(name) or "").strip() for name in COLUMNS}
    values["state"] = values["state"] or STATES[0]
    channels = load_ecard().codes["channel"]
    wrong = (
        ("terminal", IDENTIFIER.fullmatch(values["terminal"]) is None),
        ("department", bool(values["department"]) and not re.fullmatch("[0-9]{4}", values["department"])),
        ("channel", bool(values["channel"]) and values["channel"] not in channels),
        ("state", values["state"] not in STATES),
    )
    for name, is_wrong in wrong:
        if is_wrong:
            raise UnusableTerminals(
                file, say("line {line}: {value!r} is no {column}.", line=line, value=values[name], column=name)
            )
    return InHouseTerminal(**values)
