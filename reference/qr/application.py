"""Application for a code (二维码申请, P-ECARD-07; Qinghai E0002, Sichuan generate): static once, dynamic ever again.

A static code exists once a card and is given again on request (2004); a dynamic one is refused while the last still
holds (2006), unless a display asks for a new one, which replaces the last. Each code issued is recorded: the validity
token holds nothing but a time, so that only the record tells whose it is.
"""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from reference.ecard.moments import SECOND, Moment
from reference.ecard.refusals import Refusal
from reference.ecard.states import AccountEvent, AccountState, CodeEvent, DynamicCodeState, StaticCodeState, next_state
from reference.ecard.validity import validity_plaintext
from reference.ecard.verbs import ApplyCode, Caller, Code, CodeKind
from reference.ports import CryptoMachineRefused, CryptoMachineUnavailable
from reference.qr.in_force import code_of, issued_layout, layouts_of, states_that_allow, static_row
from reference.qr.selection import chosen
from reference.serving import Surroundings, serves
from reference.store import audit
from reference.store.account_rows import found, require_holding
from reference.store.account_tables import accounts
from reference.store.code_tables import codes, prints

TRIES = 5
"""How often a token is made anew that another application of the same card took meanwhile. Source: decision."""
REVIVED = "revived_prints"
"""In the audit line of a static code: how many revoked prints of the card work again, for the text is the same."""


@serves(ApplyCode)
def apply_code(surroundings: Surroundings, caller: Caller, verb: ApplyCode) -> Code:
    """Issue a code, or give the static one again.

    Raises Refusal ``account.…`` by the state of the account, ``code.unknown-scene``, ``code.kind-unsuited``,
    ``code.payment-unsupported``, ``code.static-exists``, ``code.dynamic-still-valid``, ``system.crypto-machine``, and
    what finding the account raises.
    """
    kind = chosen(verb.scene, verb.kind)
    _require_payment_supported(surroundings, caller, kind, verb.payment)
    if kind == "static":
        now_ms = surroundings.clock.now_ms()
        return surroundings.store.transact(lambda c: _issue_static(surroundings, c, caller, verb, now_ms))
    for _ in range(TRIES):
        now_ms = surroundings.clock.now_ms()
        with surroundings.store.read() as connection:
            account = _account(surroundings, connection, verb)
            _require_reapplication(surroundings, connection, account["ecard_id"], verb, now_ms)
            expires_ms = _free_expiry(surroundings, connection, account["ecard_id"], now_ms)
        token = _token(surroundings, expires_ms)
        code = surroundings.store.transact(
            lambda c: _issue_dynamic(surroundings, c, caller, verb, now_ms, token, expires_ms)  # noqa: B023
        )
        if code is not None:
            return code
    raise Refusal("system.busy")


def _issue_static(
    surroundings: Surroundings, connection: Connection, caller: Caller, verb: ApplyCode, now_ms: Moment
) -> Code:
    account = _account(surroundings, connection, verb, locked=True)
    row = static_row(connection, account["ecard_id"], locked=True)
    state = StaticCodeState(row["state"]) if row is not None else StaticCodeState.NOT_ISSUED
    if row is not None and state.value in states_that_allow(CodeEvent.USE, surroundings.tables):
        if verb.again:
            return code_of(surroundings, row, caller.profile, account["colour"])
        raise Refusal("code.static-exists")
    values = {
        "ecard_id": account["ecard_id"],
        "account_id": account["account_id"],
        "token": "",
        "kind": "static",
        "state": next_state(state, CodeEvent.ISSUE, surroundings.tables).value,
    }
    values |= _circumstances(caller, verb, now_ms)
    if row is None:
        connection.execute(insert(codes).values(**values))
    else:
        connection.execute(update(codes).where(codes.c.code_id == row["code_id"]).values(**values))
    issued = static_row(connection, account["ecard_id"])
    assert issued is not None, "the row was written in this transaction"
    lost = select(func.count()).where(prints.c.ecard_id == account["ecard_id"], prints.c.revoked_ms.is_not(None))
    revived = connection.execute(lost).scalar_one()
    return _issued(surroundings, connection, caller, account, issued, now_ms, **{REVIVED: revived} if revived else {})


def _issue_dynamic(
    surroundings: Surroundings,
    connection: Connection,
    caller: Caller,
    verb: ApplyCode,
    now_ms: Moment,
    token: str,
    expires_ms: Moment,
) -> Code | None:
    """The code with a token that was made before the transaction; None when the token is the card's already."""
    account = _account(surroundings, connection, verb, locked=True)
    ecard_id = account["ecard_id"]
    _require_reapplication(surroundings, connection, ecard_id, verb, now_ms)
    if connection.execute(select(codes.c.code_id).where(codes.c.ecard_id == ecard_id, codes.c.token == token)).first():
        return None
    state = DynamicCodeState.ISSUED
    connection.execute(
        update(codes)
        .where(
            codes.c.ecard_id == ecard_id,
            codes.c.kind == "dynamic",
            codes.c.state == state.value,
            codes.c.expires_ms >= now_ms,
        )
        .values(state=next_state(state, CodeEvent.REPLACE, surroundings.tables).value)
    )
    values = {
        "ecard_id": ecard_id,
        "account_id": account["account_id"],
        "token": token,
        "kind": "dynamic",
        "state": next_state(DynamicCodeState.NOT_ISSUED, CodeEvent.ISSUE, surroundings.tables).value,
        "expires_ms": expires_ms,
        "uses_left": surroundings.tables.limit("dynamic-code-uses"),
    }
    connection.execute(insert(codes).values(**values, **_circumstances(caller, verb, now_ms)))
    issued = (
        connection.execute(select(codes).where(codes.c.ecard_id == ecard_id, codes.c.token == token)).mappings().one()
    )
    return _issued(surroundings, connection, caller, account, issued, now_ms)


def _issued(
    surroundings: Surroundings,
    connection: Connection,
    caller: Caller,
    account: RowMapping,
    code: RowMapping,
    now_ms: Moment,
    **details: object,
) -> Code:
    """Tell the account and the audit log of the code; the message of it."""
    before = AccountState(account["state"])
    after = next_state(before, AccountEvent.APPLY_CODE, surroundings.tables)
    if after is not before:
        connection.execute(
            update(accounts)
            .where(accounts.c.index_id == account["index_id"])
            .values(state=after.value, updated_ms=now_ms)
        )
    message = code_of(surroundings, code, caller.profile, account["colour"])
    audit.append(
        connection,
        now_ms,
        caller.name,
        "code.issue",
        account["index_id"],
        code=code["code_id"],
        kind=code["kind"],
        expires_ms=code["expires_ms"],
        **details,
    )
    return message


def _account(
    surroundings: Surroundings, connection: Connection, verb: ApplyCode, *, locked: bool = False
) -> RowMapping:
    """The account, whose card must hold."""
    account = found(connection, verb.who, surroundings.tables, locked=locked)
    require_holding(account, surroundings.tables)
    return account


def _require_payment_supported(surroundings: Surroundings, caller: Caller, kind: CodeKind, payment: str) -> None:
    """Codes with payment data (二码合一) exist only where the layout has a place for them (Qinghai 2007)."""
    layout = issued_layout(kind, layouts_of(caller.profile, surroundings.tables))
    if payment and "{payment}" not in layout.text:
        raise Refusal("code.payment-unsupported", "payment")


def _require_reapplication(
    surroundings: Surroundings, connection: Connection, ecard_id: str, verb: ApplyCode, now_ms: Moment
) -> None:
    """A dynamic code that still holds is replaced only where a display asks for it (Qinghai 2006, Wenzhou refresh)."""
    if verb.refresh:
        return
    holds = select(codes.c.code_id).where(
        codes.c.ecard_id == ecard_id,
        codes.c.kind == "dynamic",
        codes.c.state.in_(states_that_allow(CodeEvent.USE, surroundings.tables)),
        codes.c.expires_ms >= now_ms,
    )
    if connection.execute(holds).first():
        raise Refusal("code.dynamic-still-valid")


def _free_expiry(surroundings: Surroundings, connection: Connection, ecard_id: str, now_ms: Moment) -> Moment:
    """The first full second, from the end of validity on, at which no other code of the card expires.

    Equal times give equal tokens: without this a replaced code would be as good as the new one. Raises Refusal
    ``code.dynamic-still-valid`` when all seconds up to the longest validity are taken.
    """
    limit = surroundings.tables.limits["dynamic-validity-seconds"]
    this_second = now_ms // SECOND
    first, last = (this_second + limit.value) * SECOND, (this_second + limit.most) * SECOND
    taken = set(
        connection.execute(
            select(codes.c.expires_ms).where(codes.c.ecard_id == ecard_id, codes.c.expires_ms.between(first, last))
        ).scalars()
    )
    for moment in range(first, last + 1, SECOND):
        if moment not in taken:
            return moment
    raise Refusal("code.dynamic-still-valid")


def _token(surroundings: Surroundings, expires_ms: Moment) -> str:
    try:
        return surroundings.machine.encrypt(validity_plaintext(expires_ms)).hex().upper()
    except (CryptoMachineUnavailable, CryptoMachineRefused) as error:
        raise Refusal("system.crypto-machine") from error


def _circumstances(caller: Caller, verb: ApplyCode, now_ms: Moment) -> dict[str, object]:
    return {"issued_ms": now_ms, "app": caller.app, "scene": verb.scene, "payment": verb.payment}
