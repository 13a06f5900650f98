"""The judgement of a group of verifications inside its transaction: states, expiry, uses left, and the use log.

What was found out before is judged against the rows as they stand now, request by request in their order, so that a
code for a single use has one winner. Refusals in the order of Qinghai's return codes: card (3002), identity (3003),
state of the account (2001–2003), kind for the scene, token (2005), issue, state of the code, time (3004).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from sqlalchemy import Connection

from reference.ecard.moments import HOUR, Moment
from reference.ecard.qr_text import QrText
from reference.ecard.refusals import Refusal
from reference.ecard.states import AccountState, CodeEvent, DynamicCodeState, next_state
from reference.ecard.verbs import Account, Verified
from reference.qr.examining import Examined
from reference.qr.in_force import states_that_allow
from reference.qr.looking_up import (
    AccountRow,
    CodeRow,
    Found,
    count_down,
    former_card_ids,
)
from reference.qr.use_log import ACCEPTED, Use, cut_to_fit, use_of, write_uses
from reference.serving import Surroundings
from reference.standard.ecard import EcardTables
from reference.store.account_rows import state_refusal

GROUP_ID_BYTES = 7
"""Random bytes of a group's id; it stays positive in a column of 8 bytes."""


def settle(
    surroundings: Surroundings,
    connection: Connection,
    examined: Sequence[Examined],
    found: Found,
    now_ms: Moment,
) -> list[Verified | Refusal]:
    """Judge each request, count down what it uses, and write every use. To be committed before anybody is answered.

    ``found``: the rows, read in this same transaction, of everything that the requests show.
    """
    known, codes, unknown = found
    former = former_card_ids(connection, unknown)
    group_id = int.from_bytes(surroundings.randomness.bytes(GROUP_ID_BYTES))
    answers: list[Verified | Refusal] = []
    written: list[Use] = []
    for one in examined:
        card_id, token = (one.read.card_id, one.read.token) if one.read is not None else ("", "")
        account, code = known.get(card_id), codes.get((card_id, token))
        reason = one.refusal or _refusal(surroundings.tables, one, account, code, now_ms, card_id in former)
        if reason or account is None or code is None or one.read is None:
            answers.append(Refusal(reason))
        else:
            answers.append(_accept(surroundings.tables, account.account, one.read, code))
        number = code.code_id if code is not None else 0
        use = use_of(one.caller, one.verify, card_id, number, reason or ACCEPTED, now_ms, group_id)
        written.append(use if one.fits else cut_to_fit(use))
    count_down(connection, codes.values())
    write_uses(connection, written)
    return answers


def _refusal(
    tables: EcardTables, one: Examined, account: AccountRow | None, code: CodeRow | None, now_ms: Moment, former: bool
) -> str:
    """Why a request is refused, or nothing. ``former``: whether the card id is one that an account had before."""
    assert one.read is not None, "a text that cannot be read was refused before"
    if account is None or (one.genuine is None and not one.machine_failed):
        return "code.superseded" if former else "code.foreign"
    if one.machine_failed:
        return "system.crypto-machine"
    if not one.genuine:
        return "code.forged"
    if account.account.state == AccountState.ALIAS:
        return "code.superseded"
    return (
        state_refusal(account.account.state, tables)
        or ("" if one.read.kind in one.kinds else "code.kind-unsuited")
        or _refusal_of_code(tables, one, one.read, code, now_ms)
    )


def _refusal_of_code(tables: EcardTables, one: Examined, read: QrText, code: CodeRow | None, now_ms: Moment) -> str:
    dynamic = read.kind == "dynamic"
    if dynamic and one.token_time is None:
        return "code.time-unreadable"
    if code is None:
        return _refusal_of_unknown(tables, one, now_ms) if dynamic else "code.not-issued"
    if one.token_time != code.expires_ms or (read.layout in _with_payment(tables) and read.payment != code.payment):
        return "code.forged"
    if code.state not in states_that_allow(CodeEvent.USE, tables):
        return tables.states[f"{read.kind}-code", code.state].refusal
    if code.expires_ms is not None and code.expires_ms < now_ms:
        return "code.expired"
    return ""


def _refusal_of_unknown(tables: EcardTables, one: Examined, now_ms: Moment) -> str:
    """A dynamic code without a row was put together from others', or ended so long ago that it was forgotten."""
    assert one.token_time is not None, "an unreadable time was refused before"
    kept_since = now_ms - tables.limit("unused-codes-kept-hours") * HOUR
    return "code.expired" if one.token_time < kept_since else "code.grafted"


def _accept(tables: EcardTables, account: Account, read: QrText, code: CodeRow) -> Verified:
    """The answer to an accepted request; what it uses is counted."""
    assert read.kind != "temporary", "a temporary code was refused before"
    if code.uses_left is not None:
        code.uses_left -= 1
        code.changed = True
        if code.uses_left == 0:
            code.state = _consumed(tables)
    return Verified(account=account, kind=read.kind, expires_ms=code.expires_ms, uses_left=code.uses_left)


@functools.cache
def _consumed(tables: EcardTables) -> str:
    """The state of a code after its last use."""
    return next_state(DynamicCodeState.ISSUED, CodeEvent.CONSUME, tables).value


@functools.cache
def _with_payment(tables: EcardTables) -> frozenset[str]:
    """The layouts that have a place for payment data."""
    return frozenset(row.id for row in tables.qr_layouts.values() if "{payment}" in row.text)
