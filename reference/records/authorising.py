"""Authorisations: given by the resident or a child's guardian, for kinds, purpose, reader and time; taken back at once.

A shown dynamic code opens for a visit, a checked real name for longer. Source: P-EMPI-08, P-AUTHZ-01 to 03; the bounds
are decisions (`records.toml`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, insert, select, update

from reference.access import institutions
from reference.accounts.real_name import established
from reference.accounts.records import found, operator_of, person_of
from reference.ecard.id_numbers import age
from reference.ecard.moments import DAY, HOUR, china_date
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Authorisation, Caller, Done, GrantAccess, RevokeAccess, Verify
from reference.index import persons
from reference.qr.verification import verify
from reference.records.checks import check_kinds, check_purpose, reader_of, resident
from reference.records.tables import limits
from reference.serving import RealNameResult, Surroundings, serves
from reference.store import audit
from reference.store.account_rows import require_holding
from reference.store.record_tables import record_authorisations

CHILD = "child"


@serves(GrantAccess)
def grant(surroundings: Surroundings, caller: Caller, verb: GrantAccess) -> Authorisation:
    """Keep an authorisation.

    Raises Refusal ``authorisation.too-long``, ``authorisation.not-guardian``, ``account.identity-mismatch`` for
    somebody else's code, ``person.not-real-name``, ``request.empty-field`` without exactly one of code and proof,
    ``registry.unknown`` for an institution that nobody knows, and what verifying the code raises.
    """
    now = surroundings.clock.now_ms()
    named = check_kinds(verb.kinds)
    check_purpose(verb.purpose)
    _check_term(verb, named, now)
    with surroundings.store.read() as connection:
        giver = _giver(connection, surroundings, verb)
        if verb.institution and verb.institution != reader_of(caller):
            institutions.found(connection, verb.institution)
    way = _shown(surroundings, caller, verb, giver)
    authorisation_id = surroundings.identifier()

    def work(connection: Connection) -> Authorisation:
        account = found(connection, surroundings, verb.who, locked=True)
        require_holding(account, surroundings.tables)
        if _giver(connection, surroundings, verb)["index_id"] != giver["index_id"]:
            raise Refusal("system.busy")
        connection.execute(
            insert(record_authorisations).values(
                authorisation_id=authorisation_id,
                index_id=account["index_id"],
                institution=verb.institution or reader_of(caller),
                purpose=verb.purpose,
                kinds=" ".join(named),
                way=way,
                granted_by=operator_of(caller),
                granted_ms=now,
                until_ms=verb.until_ms,
            )
        )
        audit.append(
            connection,
            now,
            caller.name,
            "record.grant",
            account["index_id"],
            authorisation=authorisation_id,
            reader=verb.institution or reader_of(caller),
            kinds=named,
            way=way,
            until_ms=verb.until_ms,
        )
        return message(_row(connection, authorisation_id))

    return surroundings.store.transact(work)


@serves(RevokeAccess)
def revoke(surroundings: Surroundings, caller: Caller, verb: RevokeAccess) -> Done:
    """Take an authorisation back, whoever had asked for it. Raises Refusal ``authorisation.unknown``."""

    def work(connection: Connection) -> Done:
        person = resident(connection, surroundings, verb.who)
        named = record_authorisations.c.authorisation_id == verb.authorisation_id
        held = connection.execute(
            select(record_authorisations.c.authorisation_id)
            .where(
                named,
                record_authorisations.c.index_id.in_((person.index_id, *person.aliases)),
                record_authorisations.c.revoked_ms.is_(None),
            )
            .with_for_update()
        )
        if held.first() is None:
            raise Refusal("authorisation.unknown", "authorisation_id")
        # Taken once the row is held: an opening that held it before is earlier by its time too.
        now = surroundings.clock.now_ms()
        values = {"revoked_ms": now, "revoked_by": operator_of(caller)}
        connection.execute(update(record_authorisations).where(named).values(**values))
        audit.append(
            connection, now, caller.name, "record.revoke", person.index_id, authorisation=verb.authorisation_id
        )
        return Done()

    return surroundings.store.transact(work)


def in_force(
    connection: Connection, ids: Collection[str], reader: str, now_ms: int, *, held: bool = False
) -> list[Authorisation]:
    """What a resident, under any of his ids, has granted to a reader and not taken back; the newest first.

    ``held`` lets nobody take it back until the transaction ends.
    """
    query = (
        select(record_authorisations)
        .where(
            record_authorisations.c.index_id.in_(ids),
            record_authorisations.c.institution == reader,
            record_authorisations.c.revoked_ms.is_(None),
            record_authorisations.c.until_ms > now_ms,
        )
        .order_by(record_authorisations.c.granted_ms.desc(), record_authorisations.c.authorisation_id)
    )
    rows = connection.execute(query.with_for_update(read=True) if held else query)
    return [message(row) for row in rows]


def message(row: Row[Any]) -> Authorisation:
    """A row of `record_authorisations` as the message that tells it."""
    return Authorisation(
        authorisation_id=row.authorisation_id,
        index_id=row.index_id,
        institution=row.institution,
        purpose=row.purpose,
        kinds=tuple(row.kinds.split()),
        way=row.way,
        granted_ms=row.granted_ms,
        until_ms=row.until_ms,
        revoked_ms=row.revoked_ms,
    )


def _check_term(verb: GrantAccess, named: tuple[str, ...], now_ms: int) -> None:
    if not named:
        raise Refusal("request.empty-field", "kinds")
    if bool(verb.code) == (verb.proof is not None):
        raise Refusal("request.empty-field", "proof")
    longest = limits().visit_hours * HOUR if verb.code else limits().longest_days * DAY
    if verb.until_ms <= now_ms:
        raise Refusal("request.field-malformed", "until_ms")
    if verb.until_ms > now_ms + longest:
        raise Refusal("authorisation.too-long", "until_ms")


def _giver(connection: Connection, surroundings: Surroundings, verb: GrantAccess) -> RowMapping:
    """Whose will it is: the resident's own, or that of a child's guardian. Raises Refusal."""
    account = found(connection, surroundings, verb.who)
    require_holding(account, surroundings.tables)
    today = china_date(surroundings.clock.now_ms())
    is_child = bool(account["birthday"]) and age(account["birthday"], today) <= surroundings.tables.limit("child-years")
    if not (account["kind"] == CHILD and is_child):
        if verb.guardian is not None:
            raise Refusal("authorisation.not-guardian", "guardian")
        return account
    if verb.guardian is None:
        raise Refusal("person.guardian-missing", "guardian")
    guardian = found(connection, surroundings, verb.guardian)
    require_holding(guardian, surroundings.tables)
    recorded = account["guardian_index_id"]
    if not recorded or persons.current(connection, recorded) != persons.current(connection, guardian["index_id"]):
        raise Refusal("authorisation.not-guardian", "guardian")
    return guardian


def _shown(surroundings: Surroundings, caller: Caller, verb: GrantAccess, giver: RowMapping) -> str:
    """How the giver has shown himself. A printed code shows nobody: it may lie anywhere. Raises Refusal."""
    if verb.code:
        verified = verify(surroundings, caller, Verify(text=verb.code, kinds=("dynamic",)))
        if verified.account.index_id != giver["index_id"]:
            raise Refusal("account.identity-mismatch", "code")
        way = "code"
    else:
        assert verb.proof is not None, "exactly one of code and proof is there"
        if established(surroundings, person_of(giver), verb.proof) is not RealNameResult.SAME:
            raise Refusal("person.not-real-name", "proof")
        way = "real-name"
    return way if verb.guardian is None else f"guardian-{way}"


def _row(connection: Connection, authorisation_id: str) -> Row[Any]:
    return connection.execute(
        select(record_authorisations).where(record_authorisations.c.authorisation_id == authorisation_id)
    ).one()
