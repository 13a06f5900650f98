"""Registration of residents (电子健康卡注册, P-ECARD-01): online, on site or trusted, of adults and children.

Real-name identity, then index id, then card id. The same person again gets the same card; a cancelled card comes back
after its new real-name check (Wenzhou 11001); a pre-made one is claimed by it; where no online check exists a person
audits the application (P-LIFE-04). One person has one card: the document is locked, and looked for again, inside the
transaction. Source: EC-QH E0001, E0006, E0016; EC-GD createVmcardQRcode; EC-WZ 11001; P-FLOW-06, P-FLOW-07.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, RowMapping, insert

from reference.accounts import auditing, index_entry
from reference.accounts.deriving import Ids, IndexMoved, valid_id, with_ids
from reference.accounts.fields import checked
from reference.accounts.real_name import clerk_mark, established
from reference.accounts.records import in_one_form, moved, note
from reference.ecard.moments import china_date
from reference.ecard.refusals import Refusal
from reference.ecard.states import AccountEvent, AccountState, next_state
from reference.ecard.verbs import Account, Caller, Child, Person, Proof, Register, Who
from reference.serving import RealNameResult, Surroundings, serves
from reference.store import account_rows, lock
from reference.store.account_rows import account_of, require_holding, state_refusal
from reference.store.account_tables import accounts

BIRTH_CERTIFICATE = "08"


@dataclass(frozen=True)
class Applicant:
    """Somebody who wants a card, once everything outside the database has been asked."""

    person: Person
    proof: Proof
    child: Child | None
    result: RealNameResult
    clerk: str

    @property
    def is_established(self) -> bool:
        """Whether the real name is established; otherwise a person has to audit the application."""
        return self.result is RealNameResult.SAME


@serves(Register)
def register(surroundings: Surroundings, caller: Caller, verb: Register) -> Account:
    """Register a resident. Raises Refusal, and has then stored nothing."""
    if verb.mode and verb.mode not in surroundings.tables.codes["application-mode"]:
        raise Refusal("person.unknown-code", "mode")
    applicant = applying(surroundings, verb.person, verb.proof, verb.child)

    def work(connection: Connection, ids: Ids) -> Account:
        return admit(connection, surroundings, caller, applicant, ids, strict=verb.strict)

    return with_ids(surroundings, applicant.person, work)


def applying(surroundings: Surroundings, person: Person, proof: Proof, child: Child | None) -> Applicant:
    """The applicant, his fields in order and his real name checked. Raises Refusal."""
    today = china_date(surroundings.clock.now_ms())
    whole = checked(person, today, surroundings.tables, child)
    if child is None and whole.id_type == BIRTH_CERTIFICATE:
        raise Refusal("person.guardian-missing", "guardian_id_number")
    result = established(surroundings, whole, proof)
    return Applicant(whole, proof, child, result, clerk_mark(surroundings, proof))


def admit(
    connection: Connection,
    surroundings: Surroundings,
    caller: Caller,
    applicant: Applicant,
    ids: Ids,
    *,
    strict: bool = False,
) -> Account:
    """The applicant's account, made or found, inside the caller's transaction.

    Raises Refusal ``person.name-differs`` when the document is registered under another name,
    ``account.already-registered`` when ``strict``, the state's own for a suspended account; IndexMoved.
    """
    hold_document(connection, applicant.person)
    known = looked_for_again(connection, applicant.person, ids)
    if known is None:
        return _opened(connection, surroundings, caller, applicant, ids)
    return _again(connection, surroundings, caller, applicant, known, strict)


def looked_for_again(connection: Connection, person: Person, ids: Ids) -> RowMapping | None:
    """The account of a person whose document is held, locked; None where there is none.

    Raises Refusal ``person.name-differs``; IndexMoved when he took another name, or was merged, meanwhile.
    """
    if valid_id(connection, ids.own) != ids.index:
        raise IndexMoved
    known = account_rows.by_index_id(connection, ids.index, locked=True) or account_rows.by_former(
        connection, "index-id", ids.index, locked=True
    )
    holder = account_rows.by_document(connection, person.id_type, person.id_number, locked=True)
    if holder is not None:
        holder = account_rows.survivor(connection, holder, locked=True)
    if holder is not None and holder["index_id"] != (ids.index if known is None else known["index_id"]):
        raise Refusal("person.name-differs", "name")
    return known


def hold_document(connection: Connection, person: Person) -> None:
    """Wait until nobody else registers the document."""
    lock(connection, "document", person.id_type + person.id_number)


def new_row(
    connection: Connection,
    surroundings: Surroundings,
    caller: Caller,
    person: Person,
    ids: Ids,
    event: AccountEvent,
    **values: object,
) -> RowMapping:
    """A new account, after the event that makes it, and its entry in the master index. Raises IndexMoved, Refusal."""
    index_entry.enter(connection, surroundings, caller, person, ids)
    now = surroundings.clock.now_ms()
    connection.execute(
        insert(accounts).values(
            index_id=ids.index,
            ecard_id=ids.ecard,
            key_version=ids.key_version,
            state=next_state(AccountState.UNREGISTERED, event, surroundings.tables).value,
            channel=caller.channel,
            institution=caller.institution,
            app=caller.app,
            registered_ms=now,
            updated_ms=now,
            **msgspec.structs.asdict(person),
            **values,
        )
    )
    row = account_rows.by_index_id(connection, ids.index)
    assert row is not None, "it was inserted just now"
    return row


def _opened(
    connection: Connection, surroundings: Surroundings, caller: Caller, applicant: Applicant, ids: Ids
) -> Account:
    """A first account: certified, or awaiting its audit."""
    event = AccountEvent.REGISTER if applicant.is_established else AccountEvent.REQUEST
    row = new_row(
        connection,
        surroundings,
        caller,
        applicant.person,
        ids,
        event,
        proof=applicant.proof.way,
        clerk=applicant.clerk,
        **_as_child(connection, surroundings, applicant),
    )
    application = ""
    if not applicant.is_established:
        application = auditing.submit(connection, surroundings, caller, row["index_id"], auditing.REGISTER)
    note(connection, surroundings, caller, event, row["index_id"], ecard=ids.ecard, application=application)
    return account_of(row, new=True)


def _again(
    connection: Connection,
    surroundings: Surroundings,
    caller: Caller,
    applicant: Applicant,
    row: RowMapping,
    strict: bool,
) -> Account:
    """A known person applies: he gets his card, and what its state needs first."""
    match AccountState(row["state"]):
        case AccountState.CANCELLED:
            return revive(connection, surroundings, caller, row, AccountEvent.RESTORE, applicant.is_established)
        case AccountState.PREMADE:
            return revive(connection, surroundings, caller, row, AccountEvent.CLAIM, applicant.is_established)
        case AccountState.AUDIT_FAILED:
            renewed = moved(connection, surroundings, row, AccountEvent.REQUEST)
            application = auditing.submit(connection, surroundings, caller, row["index_id"], auditing.REGISTER)
            note(connection, surroundings, caller, AccountEvent.REQUEST, row["index_id"], application=application)
            return account_of(renewed)
        case AccountState.SUSPENDED | AccountState.ALIAS:
            require_holding(row, surroundings.tables)
    if strict:
        raise Refusal("account.already-registered")
    return account_of(row)


def revive(
    connection: Connection,
    surroundings: Surroundings,
    caller: Caller,
    row: RowMapping,
    event: AccountEvent,
    is_established: bool,
) -> Account:
    """A card that is restored, resumed or claimed, at once or after an audit. Raises the Refusal of its state."""
    if not is_established:
        next_state(AccountState(row["state"]), event, surroundings.tables)
        application = auditing.submit(connection, surroundings, caller, row["index_id"], event)
        note(connection, surroundings, caller, AccountEvent.REQUEST, row["index_id"], application=application)
        return account_of(row)
    revived = auditing.happened(connection, surroundings, row, event)
    note(connection, surroundings, caller, event, row["index_id"])
    return account_of(revived)


def _as_child(connection: Connection, surroundings: Surroundings, applicant: Applicant) -> dict[str, object]:
    """The columns of a child: its guardian, who must have a card, and its place among several of one birth.

    Raises Refusal ``person.guardian-missing``, ``request.field-malformed``.
    """
    child = applicant.child
    if child is None:
        return {}
    if not (child.guardian_id_type and child.guardian_id_number):
        raise Refusal("person.guardian-missing", "guardian_id_number")
    if child.multiple_birth != (child.birth_order > 0):
        raise Refusal("request.field-malformed", "birth_order")
    named = Who(id_type=child.guardian_id_type, id_number=child.guardian_id_number)
    guardian = account_rows.find(connection, in_one_form(surroundings, named), surroundings.tables)
    if guardian is None or state_refusal(guardian["state"], surroundings.tables) is not None:
        raise Refusal("person.guardian-missing", "guardian_id_number")
    return {"kind": "child", "guardian_index_id": guardian["index_id"], "birth_order": child.birth_order}
