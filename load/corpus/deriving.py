"""Residents with their ids and rows, made by several processes: index id, user key and card id under the demo keys.

The derivation is the reference's, `reference.ecard.ids`; with its rows a card costs some hundred microseconds, and each
is independent of the others, so that processes pay. What must be in one order, the audit log, is left to the receiver.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Final, NamedTuple

from load.corpus.cards import has_static
from load.corpus.residents import CITIZEN, resident
from load.corpus.rows import Holder, Row, account_row, person_row, reference_row, static_code_row
from reference.ecard.ids import dispersal_factor, ecard_id, index_id, user_key
from reference.keys.key_file import demo_keys

CHUNK: Final = 10_000
"""Residents that a process derives at a time."""


class Chunk(NamedTuple):
    """Some residents in their order: their ids, and their rows by table."""

    first: int
    ids: list[tuple[str, str]]
    """Index id and card id."""
    accounts: list[Row]
    static_codes: list[Row]
    persons: list[Row]
    references: list[Row]


class _Order(NamedTuple):
    start: int
    end: int
    seed: int
    at_ms: int
    whole: bool


def chunks(count: int, seed: int, at_ms: int, *, whole: bool, processes: int = 0) -> Iterator[Chunk]:
    """The first ``count`` residents in chunks, in order. ``whole``: with rows of the master index.

    ``processes``: 0 for one a core.
    """
    orders = [_Order(start, min(start + CHUNK, count), seed, at_ms, whole) for start in range(0, count, CHUNK)]
    processes = processes or len(os.sched_getaffinity(0))
    if processes == 1 or len(orders) == 1:
        yield from map(_made, orders)
        return
    # Trap: a fork of a process with threads may hang; and chunks that nobody takes yet would fill the memory.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        ahead = deque(pool.submit(_made, order) for order in orders[: 2 * processes])
        for order in orders[2 * processes :]:
            yield ahead.popleft().result()
            ahead.append(pool.submit(_made, order))
        while ahead:
            yield ahead.popleft().result()


def _made(order: _Order) -> Chunk:
    security = demo_keys().current().security
    assert security is not None, "the demo keys are whole"
    chunk = Chunk(order.start, [], [], [], [], [])
    for number in range(order.start, order.end):
        person = resident(number, order.seed)
        index = index_id(CITIZEN, person.id_number, person.name)
        card = ecard_id(user_key(security, dispersal_factor(index)), CITIZEN, person.id_number)
        holder = Holder(number, person, index, card)
        chunk.ids.append((index, card))
        chunk.accounts.append(account_row(holder, order.at_ms))
        if has_static(number):
            chunk.static_codes.append(static_code_row(holder, order.at_ms))
        if order.whole:
            chunk.persons.append(person_row(holder, order.at_ms))
            chunk.references.append(reference_row(holder, order.at_ms))
    return chunk
