"""Temporary cards (临时卡) for somebody without a document: they hold in the issuing institution alone, for one visit.

Later they are bound to the formal card of whoever it was, also after their time. Source: EC-QH E0012 to E0014 (at most
20 characters), EC-WZ temporary codes (deadline, issuing institution alone); the time they hold is a decision.
"""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, insert, select, update

from reference.accounts.fields import check_text
from reference.accounts.records import found, note
from reference.ecard.moments import HOUR
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Account, ApplyTemporary, BindTemporary, Caller, Temporary, VerifyTemporary
from reference.serving import Surroundings, serves
from reference.store.account_rows import account_of, require_holding
from reference.store.account_tables import temporary_cards

PREFIX = "T"
RANDOM_BYTES = 8
"""Prefix and sixteen hexadecimal digits: 17 of the 20 characters. Source: decision."""
OLDEST = 150
"""Years of age at most. Source: decision."""


@serves(ApplyTemporary)
def apply_temporary(surroundings: Surroundings, caller: Caller, verb: ApplyTemporary) -> Temporary:
    """Issue a temporary card. Raises Refusal with the field at fault; ``request.empty-field`` without institution."""
    for field, value in (("institution", caller.institution), ("name", verb.name), ("sex", verb.sex)):
        if not value:
            raise Refusal("request.empty-field", field)
    check_text("name", verb.name, surroundings.tables)
    check_text("sex", verb.sex, surroundings.tables)
    if not 0 <= verb.age <= OLDEST:
        raise Refusal("request.field-malformed", "age")
    if verb.clinic_ms < 0:
        raise Refusal("request.field-malformed", "clinic_ms")

    def work(connection: Connection) -> Temporary:
        number = PREFIX + surroundings.randomness.bytes(RANDOM_BYTES).hex().upper()
        now = surroundings.clock.now_ms()
        connection.execute(
            insert(temporary_cards).values(
                number=number,
                institution=caller.institution,
                name=verb.name,
                sex=verb.sex,
                age=verb.age,
                clinic_ms=verb.clinic_ms,
                issued_ms=now,
                expires_ms=now + surroundings.tables.limit("temporary-card-hours") * HOUR,
            )
        )
        note(connection, surroundings, caller, "temporary", number)
        return _message(_card(connection, caller, number))

    return surroundings.store.transact(work)


@serves(VerifyTemporary)
def verify_temporary(surroundings: Surroundings, caller: Caller, verb: VerifyTemporary) -> Temporary:
    """Read a temporary card. Raises Refusal ``temporary.unknown``, ``temporary.elsewhere``, ``temporary.expired``."""
    with surroundings.store.read() as connection:
        row = _card(connection, caller, verb.number)
    if row["expires_ms"] < surroundings.clock.now_ms():
        raise Refusal("temporary.expired")
    return _message(row)


@serves(BindTemporary)
def bind_temporary(surroundings: Surroundings, caller: Caller, verb: BindTemporary) -> Account:
    """Bind a temporary card to a formal one; once more to the same one changes nothing.

    Raises Refusal ``account.identity-mismatch`` when ``also`` means somebody else, ``temporary.bound`` when
    it belongs to another card, as `verify_temporary` apart from expiry, and the state's own unless the formal card
    holds.
    """

    def work(connection: Connection) -> Account:
        row = _card(connection, caller, verb.number, locked=True)
        account = found(connection, surroundings, verb.who)
        if verb.also is not None and found(connection, surroundings, verb.also)["index_id"] != account["index_id"]:
            raise Refusal("account.identity-mismatch", "also")
        require_holding(account, surroundings.tables)
        if row["index_id"] == account["index_id"]:
            return account_of(account)
        if row["index_id"]:
            raise Refusal("temporary.bound")
        connection.execute(
            update(temporary_cards)
            .where(temporary_cards.c.number == verb.number)
            .values(index_id=account["index_id"], bound_ms=surroundings.clock.now_ms())
        )
        note(connection, surroundings, caller, "bind-temporary", account["index_id"], number=verb.number)
        return account_of(account)

    return surroundings.store.transact(work)


def _card(connection: Connection, caller: Caller, number: str, *, locked: bool = False) -> RowMapping:
    query = select(temporary_cards).where(temporary_cards.c.number == number)
    row = connection.execute(query.with_for_update() if locked else query).mappings().one_or_none()
    if row is None:
        raise Refusal("temporary.unknown")
    if row["institution"] != caller.institution:
        raise Refusal("temporary.elsewhere")
    return row


def _message(row: RowMapping) -> Temporary:
    return Temporary(**{field: row[field] for field in Temporary.__struct_fields__})
