"""Fills an empty migrated database with residents: everything registration would have left, in bulk.

`WHOLE` is consistent in the sense of `reference.store.consistency`; `VERIFICATION` holds only what a verification
looks up (accounts and codes), for tens of millions of cards on a small disk.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from sqlalchemy import func, select

from load.corpus.bulk import Loader, loading
from load.corpus.cards import Cards, Head, read_cards, write_cards
from load.corpus.deriving import Chunk, chunks
from load.corpus.rows import ACCOUNTS, CODES, LINES, PERSONS, REFERENCES, Chain
from reference.languages import Text, say
from reference.store import Store
from reference.store.account_tables import accounts
from reference.store.audit import audit_head, audit_lines
from reference.store.code_tables import codes
from reference.store.index_tables import index_persons, index_references


class Extent(StrEnum):
    """How much stands in the database for each card."""

    WHOLE = "whole"
    VERIFICATION = "verification"


class NotEmpty(Exception):
    """The database has accounts already; ``text`` says what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def fill(
    store: Store,
    out: Path,
    count: int,
    now_ms: int,
    *,
    seed: int = 1,
    extent: Extent = Extent.WHOLE,
    processes: int = 0,
    progress: Callable[[int], None] = lambda done: None,
) -> Cards:
    """Register ``count`` residents in a migrated database without accounts, and write the file of their cards.

    ``progress`` hears how many are done. Raises NotEmpty, OSError and what the store raises.
    """
    _require_empty(store)
    tables = [accounts, codes]
    if extent is Extent.WHOLE:
        tables += [index_persons, index_references, audit_lines, audit_head]
    card_ids: list[str] = []
    chain = Chain(now_ms)
    with loading(store, tables) as loader:
        for chunk in chunks(count, seed, now_ms, whole=extent is Extent.WHOLE, processes=processes):
            loader.add(accounts, ACCOUNTS, chunk.accounts)
            loader.add(codes, CODES, chunk.static_codes)
            if extent is Extent.WHOLE:
                _add_records(loader, chunk, chain)
            card_ids += [card_id for _, card_id in chunk.ids]
            progress(len(card_ids))
        if chain.number:
            loader.add(audit_head, ("id", "number", "digest"), [(1, chain.number, chain.digest)])
    write_cards(out, Head(count=count, seed=seed, filled_ms=now_ms, whole=extent is Extent.WHOLE), card_ids)
    return read_cards(out)


def _add_records(loader: Loader, chunk: Chunk, chain: Chain) -> None:
    loader.add(index_persons, PERSONS, chunk.persons)
    loader.add(index_references, REFERENCES, chunk.references)
    loader.add(audit_lines, LINES, chain.lines(chunk.first, chunk.ids))


def _require_empty(store: Store) -> None:
    with store.read() as connection:
        held = connection.execute(select(func.count()).select_from(select(accounts).limit(1).subquery())).scalar_one()
        lines = connection.execute(select(audit_head.c.number)).first()
    if held or lines:
        raise NotEmpty(say("The database has accounts or audit lines already: name an empty one."))
