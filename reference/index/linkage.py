"""Batch linkage of an institution's patient index (患者主索引) with the master index, as a plan that is read first.

Each row is planned to be linked (its identity is known exactly), reviewed (somebody may be the same person), registered
as new, or repaired (its identity breaks a rule). Carrying a plan out never merges: probable pairs go into the queue.
Source: P-EMPI-02, P-EMPI-07, P-FLOW-08; method by decision (Splink).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, select

from reference.index import persons, registering, reviews
from reference.index.acts import Act
from reference.index.comparing import bare_name, bare_phone, bare_text, neighbouring_pairs
from reference.index.errors import IdentityRefused, LinkageRefused
from reference.index.identity import Identity, canonical, number_head
from reference.index.linkage_model import Model, residents
from reference.index.pairing import KEY, Pair, Pairing, Record, clusters
from reference.index.scoring import score
from reference.index.tables import weights
from reference.languages import Text, say
from reference.store.index_tables import index_persons

COLUMNS = ("local_id", *Identity.__struct_fields__)
BATCH, INDEX = "b:", "i:"


class Action(StrEnum):
    """What is to be done with a row."""

    LINK = "link"
    REVIEW = "review"
    NEW = "new"
    REPAIR = "repair"


class Candidate(msgspec.Struct, frozen=True):
    """Who may be the person of a row: an index id, or a row of the batch by its number there; and the probability."""

    index_id: str
    local_id: str
    probability: float


class PlannedRow(msgspec.Struct, frozen=True):
    """A row: what is to be done, why it must be repaired, and who may be the same person, the most probable first."""

    local_id: str
    action: Action
    identity: Identity
    index_id: str
    problem: Text | None
    candidates: tuple[Candidate, ...]


class Plan(msgspec.Struct, frozen=True):
    """The plan of a batch: its rows in their order, all probable pairs, and the groups of rows that hang together."""

    rows: tuple[PlannedRow, ...]
    pairs: tuple[Pair, ...]
    clusters: tuple[tuple[str, ...], ...]
    trained: bool

    def counts(self) -> Mapping[Action, int]:
        """How many rows have each action."""
        return Counter(row.action for row in self.rows)


def read_batch(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file in UTF-8 with the columns of `COLUMNS`. Raises LinkageRefused naming what is wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                raise LinkageRefused(
                    say("{file} lacks the columns {columns}. Add them.", file=path.name, columns=", ".join(missing))
                )
            return [{column: row[column] or "" for column in COLUMNS} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LinkageRefused(
            say("{file} cannot be read: {reason}. Give a CSV file in UTF-8.", file=path.name, reason=error)
        ) from error


def plan(
    connection: Connection, batch: Sequence[Mapping[str, str]], model: Model | None = None, *, seed: int = 1
) -> Plan:
    """Compare a batch with the index and with itself; nothing is changed.

    The model is trained when the batch is large enough, else it keeps its starting values. Raises LinkageRefused:
    library missing, no rows, a row without a number of its own, or a number twice.
    """
    chosen = model or residents()
    _check_local_ids(batch)
    rows = {row["local_id"]: Identity(**{field: row.get(field, "") for field in COLUMNS[1:]}) for row in batch}
    known = {found.index_id: persons.identity_in(found) for found in connection.execute(_active())}
    left = [record(BATCH + local_id, _comparable(identity)) for local_id, identity in rows.items()]
    right = [record(INDEX + index_id, identity) for index_id, identity in known.items()]
    pairing = Pairing(chosen, left, right, seed=seed)
    trained = len(batch) >= chosen.settings["least-rows-to-train"]
    if trained:
        pairing.train()
    within, between = pairing.within(), pairing.between()
    candidates = _candidates((*between, *within))
    planned = [_planned(connection, local_id, row, candidates.get(local_id, [])) for local_id, row in rows.items()]
    return Plan(
        tuple(planned),
        (*between, *within),
        tuple(tuple(id.removeprefix(BATCH) for id in group) for group in clusters(within)),
        trained,
    )


def carry_out(connection: Connection, act: Act, domain: str, plan: Plan) -> Mapping[Action, int]:
    """Register what the plan links, reviews or takes as new, and queue its probable pairs; rows to repair are left.

    Returns how many rows of each action were registered. Raises as `registering.register`.
    """
    registered = {
        row.local_id: registering.register(connection, act, row.identity, domain, row.local_id).index_id
        for row in plan.rows
        if row.action is not Action.REPAIR
    }
    for row in plan.rows:
        for candidate in row.candidates if row.local_id in registered else ():
            other = candidate.index_id or registered.get(candidate.local_id)
            if other is not None:
                _queue(connection, act, registered[row.local_id], other)
    return Counter(row.action for row in plan.rows if row.local_id in registered)


def _queue(connection: Connection, act: Act, newer: str, older: str) -> None:
    one, other = persons.person(connection, newer), persons.person(connection, older)
    if one.index_id != other.index_id:
        found = score(one.identity, other.identity, weights())
        reviews.submit(connection, act, reviews.Kind.LINKAGE, one.index_id, other.index_id, found)


def _planned(connection: Connection, local_id: str, row: Identity, candidates: list[Candidate]) -> PlannedRow:
    """The action for one row: exact before probable, probable before new; a broken identity is repaired first."""
    try:
        own = canonical(row)
    except IdentityRefused as refused:
        return PlannedRow(local_id, Action.REPAIR, row, "", refused.text, tuple(candidates))
    if persons.row_of(connection, own.index_id) is not None:
        valid = persons.current(connection, own.index_id)
        others = tuple(found for found in candidates if found.index_id != valid)
        return PlannedRow(local_id, Action.LINK, own, valid, None, others)
    action = Action.REVIEW if candidates else Action.NEW
    return PlannedRow(local_id, action, own, own.index_id, None, tuple(candidates))


def _candidates(pairs: Sequence[Pair]) -> dict[str, list[Candidate]]:
    """Who may be the person of each row, by the row's own number; a pair inside the batch counts for both its rows."""
    found: dict[str, list[Candidate]] = {}
    for pair in sorted(pairs, key=lambda pair: -pair.probability):
        for one, other in ((pair.left, pair.right), (pair.right, pair.left)):
            if one.startswith(BATCH):
                is_row = other.startswith(BATCH)
                id = other.removeprefix(BATCH if is_row else INDEX)
                candidate = Candidate("" if is_row else id, id if is_row else "", pair.probability)
                found.setdefault(one.removeprefix(BATCH), []).append(candidate)
    return found


def _comparable(identity: Identity) -> Identity:
    """The canonical form where there is one, for a broken identity can still be recognised."""
    try:
        return canonical(identity)
    except IdentityRefused:
        return identity


def record(key: str, identity: Identity) -> Record:
    """A row as the model of residents compares it; what is unknown is None."""
    address = bare_text(identity.address)
    number = identity.id_number
    return {
        KEY: key,
        "name": bare_name(identity.name) or None,
        "surname": bare_name(identity.name)[:1] or None,
        "birthday": identity.birthday or None,
        "birth_year": identity.birthday[:4] or None,
        "sex": identity.sex if identity.sex in ("1", "2") else None,
        "phone": bare_phone(identity.phone) or None,
        "address": sorted(set(neighbouring_pairs(address))) if address else None,
        "id_number": identity.id_type + number if number else None,
        "number_head": number_head(number) or None,
    }


def _active() -> Select[Any]:
    return select(index_persons).where(index_persons.c.state == persons.ACTIVE).order_by(index_persons.c.index_id)


def _check_local_ids(batch: Sequence[Mapping[str, str]]) -> None:
    counts = Counter(row.get("local_id", "") for row in batch)
    wrong = sorted(local_id for local_id, count in counts.items() if not local_id or count > 1)
    if wrong:
        raise LinkageRefused(
            say(
                "Every row needs a number of its own, and these are missing or stand twice: {numbers}.",
                numbers=", ".join(repr(local_id) for local_id in wrong[:10]),
            )
        )
