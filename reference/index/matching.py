"""Who in the index may be the person of a new identity: found by the search rules, weighed, and put into the queue.

Source: P-EMPI-05 (probable with score and reasons); search rules and thresholds by `standard/index/weights.toml`.
"""

from __future__ import annotations

import functools
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select

from reference.index import persons
from reference.index.identity import Identity
from reference.index.scoring import Score, needs_review, score
from reference.index.tables import Weights
from reference.store.index_tables import index_persons


def candidates(connection: Connection, identity: Identity, weights: Weights) -> dict[str, Score]:
    """Persons that a human has to compare with a canonical identity, by their valid id, the most probable first.

    Former names and numbers, and merged persons, count for whoever they belong to now.
    """
    best: dict[str, Score] = {}
    for other_id, other in _found(connection, identity, weights).items():
        compared = score(identity, other, weights)
        if needs_review(compared, weights):
            valid = persons.current(connection, other_id)
            if valid not in best or best[valid].bits < compared.bits:
                best[valid] = compared
    return dict(sorted(best.items(), key=lambda item: -item[1].bits))


def _found(connection: Connection, identity: Identity, weights: Weights) -> dict[str, Identity]:
    """The identities that any search rule yields; the number of each rule's is limited."""
    own = persons.columns(identity)
    found: dict[str, Identity] = {}
    for rule in weights.searches:
        if not all(own[column] for column in rule.columns):
            continue
        query = _query(tuple(rule.columns.items()), int(weights.thresholds["most-candidates"]))
        values = {name: own[name][:leading] if leading else own[name] for name, leading in rule.columns.items()}
        rows = connection.execute(query, {"own_id": identity.index_id, **values})
        found |= {row.index_id: persons.identity_in(row) for row in rows}
    return found


@functools.cache
def _query(columns: tuple[tuple[str, int], ...], most: int) -> Select[Any]:
    """The query of a search rule, made once; its parameters are the columns' values and the own index id."""
    conditions: list[ColumnElement[bool]] = [index_persons.c.index_id != bindparam("own_id")]
    for name, leading in columns:
        column = index_persons.c[name]
        value = bindparam(name, type_=column.type)
        conditions.append(func.substr(column, 1, leading) == value if leading else column == value)
    return select(index_persons).where(*conditions).order_by(index_persons.c.index_id).limit(most)
