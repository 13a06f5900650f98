"""What an event loop may ask without waiting: the desk with what it has looked up lately, and no database behind it.

Whoever finds that something is not at hand asks again in a thread, with the real desk: a database that stands still, or
a crypto machine that is lost, then holds up this request alone and never the worker. Source: decision.
"""

from __future__ import annotations

import dataclasses
from typing import Any, NoReturn

from reference.access.desk import Desk
from reference.serving import Surroundings
from reference.store import Store


class NotAtHand(Exception):
    """The answer stands in the database."""


class _NoStore(Store):
    """A store that nothing can be read from."""

    def __init__(self, address: str, is_sqlite: bool) -> None:
        self.address, self.is_sqlite = address, is_sqlite

    def read(self) -> NoReturn:
        raise NotAtHand

    def begin(self) -> NoReturn:
        raise NotAtHand

    def transact(self, work: Any) -> NoReturn:
        raise NotAtHand

    def writing(self) -> NoReturn:
        raise NotAtHand


def at_hand(surroundings: Surroundings, desk: Desk) -> tuple[Surroundings, Desk]:
    """The same, without a database: the desk shares what the real one has looked up."""
    store = surroundings.store
    bare = dataclasses.replace(surroundings, store=_NoStore(store.address, store.is_sqlite))
    return bare, desk.sharing(bare)
