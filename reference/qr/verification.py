"""Verification of codes (二维码核验, P-ECARD-08; Qinghai E0003, Sichuan ehealthcode.verify), many in one transaction.

Texts, look-ups and crypto machine come before the transaction, which then judges by the rows as they stand; every
verification is a row of the use log, accepted or refused, on the disk before its answer. `group_commit` gathers the
requests of a process into such groups.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from reference.ecard.moments import Moment
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, Verified, Verify
from reference.qr.examining import Each, examine
from reference.qr.settling import settle
from reference.serving import Surroundings, serves

Request = tuple[Caller, Verify]


def verify_many(
    surroundings: Surroundings, connection: Connection, requests: Sequence[Request], now_ms: Moment
) -> list[Verified | Refusal]:
    """Verify a group inside a writing transaction of the caller, who answers nobody before it is committed.

    For a crypto machine in this process: a distant one must not hold the database. The answers stand in the order of
    the requests.
    """
    examined, known = examine(surroundings, connection, requests)
    return settle(surroundings, connection, examined, now_ms, known)


def verify_group(
    surroundings: Surroundings, requests: Sequence[Request], each: Each | None = None
) -> list[Verified | Refusal]:
    """Verify a group in a transaction of its own; the answers stand in the order of the requests, on the disk.

    ``each`` says how a distant crypto machine is asked of each card: `map` or that of a pool of threads. It is asked
    before the transaction begins, which then sees the accounts anew. Without it the machine is in this process.
    Raises what the store raises; then nothing was counted and nothing written.
    """
    store, clock = surroundings.store, surroundings.clock
    if each is None:
        return store.transact(lambda c: verify_many(surroundings, c, requests, clock.now_ms()))
    with store.read() as connection:
        examined, _ = examine(surroundings, connection, requests, each)
    return store.transact(lambda c: settle(surroundings, c, examined, clock.now_ms()))


@serves(Verify)
def verify(surroundings: Surroundings, caller: Caller, verb: Verify) -> Verified:
    """Verify one code by itself.

    Raises Refusal: ``code.…`` and ``account.…`` by its text, card, state, kind, issue and time; ``system.…`` where
    crypto machine or store fail. The refusal is in the use log too.
    """
    (answer,) = verify_group(surroundings, [(caller, verb)], map)
    if isinstance(answer, Refusal):
        raise answer
    return answer
