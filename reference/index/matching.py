"""Who in the index may be the person of a new identity: found by the search rules, weighed, and put into the queue.

Source: P-EMPI-05 (probable with score and reasons); search rules and thresholds by `standard/index/weights.toml`.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, func, select

from reference.index import persons
from reference.index.identity import Identity
from reference.index.scoring import Score, needs_review, score
from reference.index.tables import Search, Weights
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
        rows = connection.execute(
            select(index_persons)
            .where(_matches(rule, own), index_persons.c.index_id != identity.index_id)
            .order_by(index_persons.c.index_id)
            .limit(int(weights.thresholds["most-candidates"]))
        )
        found |= {row.index_id: persons.identity_in(row) for row in rows}
    return found


def _matches(rule: Search, own: dict[str, str]) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    for name, leading in rule.columns.items():
        column = index_persons.c[name]
        if leading:
            conditions.append(func.substr(column, 1, leading) == own[name][:leading])
        else:
            conditions.append(column == own[name])
    return and_(*conditions)
