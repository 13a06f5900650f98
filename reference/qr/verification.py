"""Verification of codes (二维码核验, P-ECARD-08; Qinghai E0003, Sichuan ehealthcode.verify), many in one transaction.

Texts, look-ups and crypto machine come before the transaction, which then judges by the rows as they stand; every
verification is a row of the use log, accepted or refused, on the disk before its answer. `group_commit` gathers the
requests of a process into such groups.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from reference.ecard.moments import Moment
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, Verified, Verify
from reference.qr.examining import Each, Examined, ask_machine, read_texts, shown
from reference.qr.looking_up import accounts_of_cards, codes_with_accounts
from reference.qr.settling import settle
from reference.serving import Surroundings, serves

Request = tuple[Caller, Verify]
Admit = Callable[[Connection, Moment], Sequence[Refusal | None]]
"""What is held against each request in the same transaction before its code is looked at: replay, quota."""


def verify_group(
    surroundings: Surroundings, requests: Sequence[Request], each: Each | None = None, admit: Admit | None = None
) -> list[Verified | Refusal]:
    """Verify a group in a transaction of its own; the answers stand in the order of the requests, on the disk.

    ``each`` says how a distant crypto machine is asked of each card: `map` or that of a pool of threads. It is asked
    before the transaction begins, which then sees the accounts anew. Without it the machine is in this process.
    Raises what the store raises; then nothing was counted and nothing written.
    """
    store = surroundings.store
    before: list[Examined] | None = None
    if each is not None:
        before = read_texts(surroundings, requests)
        with store.read() as connection:
            known = accounts_of_cards(connection, {card_id for card_id, _ in shown(before)})
        ask_machine(surroundings.machine, before, known, each)
    return store.transact(lambda connection: verify_within(surroundings, connection, requests, admit, before))


def verify_within(
    surroundings: Surroundings,
    connection: Connection,
    requests: Sequence[Request],
    admit: Admit | None = None,
    before: Sequence[Examined] | None = None,
) -> list[Verified | Refusal]:
    """Verify a group inside a writing transaction of the caller, who answers nobody before it is committed.

    Requests that ``admit`` refuses are answered with its refusal; nothing is looked up or counted for them.
    ``before``: what was found out of each, where a distant crypto machine was asked.
    """
    now_ms = surroundings.clock.now_ms()
    refusals = admit(connection, now_ms) if admit is not None else [None] * len(requests)
    if not any(refusals):
        return _judged(surroundings, connection, requests, now_ms, before)
    places = [place for place, refusal in enumerate(refusals) if refusal is None]
    answers = _judged(
        surroundings,
        connection,
        [requests[place] for place in places],
        now_ms,
        None if before is None else [before[place] for place in places],
    )
    judged = dict(zip(places, answers, strict=True))
    return [judged[place] if refusal is None else refusal for place, refusal in enumerate(refusals)]


def _judged(
    surroundings: Surroundings,
    connection: Connection,
    requests: Sequence[Request],
    now_ms: Moment,
    before: Sequence[Examined] | None,
) -> list[Verified | Refusal]:
    examined = read_texts(surroundings, requests) if before is None else before
    found = codes_with_accounts(connection, shown(examined))
    if before is None:
        ask_machine(surroundings.machine, examined, found.accounts)
    return settle(surroundings, connection, examined, found, now_ms)


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
