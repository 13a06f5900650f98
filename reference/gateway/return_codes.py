"""The return codes of each wire profile, by service and outcome: the rows of `standard/ecard/return_codes.csv`.

Columns: profile, service, outcome, code, message, source. ``service`` may be ``*``; ``outcome`` is ``ok``, the id of a
refusal, a prefix like ``code.*``, or ``*``. The most specific row counts: service before outcome.
"""

from __future__ import annotations

import csv
import functools
from pathlib import Path
from typing import NamedTuple

import reference.standard.ecard
from reference.standard.ecard.refusals import refusals

TABLE = Path(reference.standard.ecard.__file__).with_name("return_codes.csv")


class ReturnCode(NamedTuple):
    """A code with the words that go with it."""

    code: str
    message: str


class ReturnCodes:
    """The codes of one profile."""

    def __init__(self, profile: str, rows: dict[tuple[str, str], ReturnCode]) -> None:
        self.profile = profile
        self._rows = rows
        self._found: dict[tuple[str, str], ReturnCode] = {}
        self._inverse: dict[str, dict[str, dict[str, frozenset[str]]]] = {}

    def of(self, service: str, outcome: str) -> ReturnCode:
        """The code of an outcome. Raises LookupError when the table has none: every profile needs a ``*`` ``*`` row."""
        if (service, outcome) not in self._found:
            # Services and outcomes come from tables, never from a request: this stays small.
            self._found[service, outcome] = self._search(service, outcome)
        return self._found[service, outcome]

    def outcomes(self, service: str, code: str, message: str = "") -> frozenset[str]:
        """What a client may take a code for: ``ok``, or the ids of the refusals that are written with it.

        Where codes are shared the words tell them apart: only the longest that begin the message count, if any do.
        """
        same_code = self._outcomes_of(service).get(code, {})
        longest = max((words for words in same_code if message.startswith(words)), key=len, default=None)
        if longest is not None:
            return same_code[longest]
        return frozenset[str]().union(*same_code.values())

    def _outcomes_of(self, service: str) -> dict[str, dict[str, frozenset[str]]]:
        """The outcomes of a service by code and words."""
        if service not in self._inverse:
            inverse: dict[str, dict[str, frozenset[str]]] = {}
            for id in ("ok", *refusals()):
                same_code = inverse.setdefault(self.of(service, id).code, {})
                words = self.words(service, id)
                same_code[words] = same_code.get(words, frozenset()) | {id}
            self._inverse[service] = inverse
        return self._inverse[service]

    def words(self, service: str, outcome: str) -> str:
        """What is said with an outcome: the table's message, else the refusal's own words in Chinese."""
        message = self.of(service, outcome).message
        return message or refusals()[outcome].zh.rstrip("。")

    def _search(self, service: str, outcome: str) -> ReturnCode:
        for name in (service, "*"):
            for pattern in (outcome, outcome.partition(".")[0] + ".*", "*"):
                if (name, pattern) in self._rows and not (outcome == "ok" and pattern != "ok"):
                    return self._rows[name, pattern]
        raise LookupError(f"{TABLE.name}: {self.profile} has no code for {service} {outcome}")


@functools.cache
def return_codes(profile: str) -> ReturnCodes:
    """The return codes of a profile. Raises ValueError for a row that stands twice, LookupError for no rows."""
    rows: dict[tuple[str, str], ReturnCode] = {}
    with TABLE.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            if row["profile"] != profile:
                continue
            key = (row["service"], row["outcome"])
            if key in rows:
                raise ValueError(f"{TABLE.name}: {profile} {key[0]} {key[1]} stands twice")
            rows[key] = ReturnCode(row["code"], row["message"])
    if not rows:
        raise LookupError(f"{TABLE.name}: no rows for {profile}")
    return ReturnCodes(profile, rows)
