"""Reading a waivers file: TOML with one ``[[waiver]]`` for each failure that somebody has agreed to beforehand.

No clause of the standard knows of waivers; what they do is in `conformance.evidence.waiving`. A file is used whole or
not at all: a row with a mistake, or one that expects what no test can find, ends the command before the run.
"""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path

import msgspec

from conformance.evidence.model import Waiver
from conformance.evidence.waiving import mistake_in
from reference.card import violations
from reference.languages import Text, say

FIELDS = "id, kind (waiver or expected-failure), test or requirement, reason, owner, link, expires, expected"


class UnusableWaivers(ValueError):
    """A waivers file that cannot be used: ``text`` names file, row, reason and next step."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file, in its order. Raises UnusableWaivers."""
    waivers = tuple(_waiver(path, number, row) for number, row in enumerate(_rows(path), 1))
    for number, waiver in enumerate(waivers, 1):
        if any(earlier.id == waiver.id for earlier in waivers[: number - 1]):
            raise _refused(path, number, waiver.id, say("an earlier row has this id: give each row its own"))
    return waivers


def _rows(path: Path) -> list[object]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise UnusableWaivers(
            say("{path}: cannot be read: {fault}. Check the path.", path=path, fault=fault.strerror)
        ) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise UnusableWaivers(
            say(
                "{path}: {fault}. Waivers are TOML, each a [[waiver]] with {fields}.",
                path=path,
                fault=fault,
                fields=FIELDS,
            )
        ) from fault
    rows = content.pop("waiver", None)
    if not isinstance(rows, list) or not rows or content:
        raise UnusableWaivers(
            say(
                "{path}: holds something else than rows [[waiver]], or none. Each has {fields}.",
                path=path,
                fields=FIELDS,
            )
        )
    return rows


def _waiver(path: Path, number: int, row: object) -> Waiver:
    id = str(row.get("id", "–")) if isinstance(row, dict) else "–"
    try:
        waiver = msgspec.convert(row, Waiver)
    except msgspec.ValidationError as fault:
        reason = say("{fault}. A row has {fields}", fault=fault, fields=FIELDS)
        raise _refused(path, number, id, reason) from fault
    mistake = mistake_in(waiver) or _unknown_violation(waiver)
    if mistake is not None:
        raise _refused(path, number, id, mistake)
    return waiver


def _unknown_violation(waiver: Waiver) -> Text | None:
    known = [name for name in violations.__all__ if name != violations.Violation.__name__]
    if waiver.expected in known:
        return None
    near = difflib.get_close_matches(waiver.expected, known, n=5, cutoff=0.3) or known[:5]
    return say(
        "no test finds a violation {expected}; the report names it beside each finding, as in {near}",
        expected=waiver.expected,
        near=", ".join(near),
    )


def _refused(path: Path, number: int, id: str, reason: Text) -> UnusableWaivers:
    return UnusableWaivers(
        say("{path}: row {number} ({id}): {reason}.", path=path, number=number, id=id, reason=reason)
    )
