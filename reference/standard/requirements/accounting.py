"""Accounting: what has become of every obligation that was found in the documents.

`obligations.txt` is the ledger, one id a line: the obligations of APP11, REV2, API13, SAMTYPE and of the field
documents. Each must be a requirement that is testable (a meta-test holds that it has a test), or one with a reason why
no test can judge it, or wait for a named suite; anything else is open.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from reference.languages import Text, say
from reference.standard.errors import StandardError
from reference.standard.reading import Folder, text_of
from reference.standard.tables import Standard

LEDGER = "obligations.txt"


class State(StrEnum):
    """What has become of an obligation."""

    TESTABLE = "testable"
    NOT_TESTABLE = "not-testable"
    AWAITED = "awaited"
    LEFT_OUT = "left-out"
    OPEN = "open"


class Account(msgspec.Struct, frozen=True):
    """One obligation: whom it binds (empty where that is not known), its state, and the state in words."""

    id: str
    actor: str
    state: State
    words: Text


def ledger(standard: Standard) -> tuple[str, ...]:
    """The ids of all obligations, in the order of the ledger. Raises StandardError."""
    folder = Folder(standard.root / "requirements")
    ids = tuple(text_of(LEDGER, folder.content(LEDGER)).split())
    seen: set[str] = set()
    for number, id in enumerate(ids, start=1):
        if id in seen:
            raise StandardError(
                f"{LEDGER}, line {number}",
                say("there are two rows called {name}.", name=id),
                say("Rename or remove one of them."),
            )
        seen.add(id)
    return ids


def accounts(standard: Standard, default: Standard) -> tuple[Account, ...]:
    """An account of every obligation under the standard's profile. Raises StandardError.

    ``default`` is the default profile over the same tables: what stands there and not in this profile was left out
    by a switch.
    """
    return tuple(_account(id, standard, default) for id in ledger(standard))


def _account(id: str, standard: Standard, default: Standard) -> Account:
    if row := standard.requirements.get(id):
        if row.not_testable is None:
            return Account(id, row.actor, State.TESTABLE, say("testable"))
        return Account(id, row.actor, State.NOT_TESTABLE, say("no test: {reason}", reason=row.not_testable))
    if waiting := standard.awaited.get(id):
        words = say("waiting for the suite {suite}", suite=waiting.suite)
        return Account(id, waiting.actor, State.AWAITED, words)
    if elsewhere := default.requirements.get(id):
        return Account(id, elsewhere.actor, State.LEFT_OUT, say("left out by this profile's switches"))
    return Account(id, "", State.OPEN, say("open"))
