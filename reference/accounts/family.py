"""Family members (家庭成员): a holder with a normal card binds at most five, each with a card of his own.

Source: EC-QH E0007, E0008, E0010, E0015; EC-GD at most five members; P-FLOW-06 for the registration that comes first.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, RowMapping, delete, func, insert, select

from reference.accounts.deriving import Ids, with_ids
from reference.accounts.records import found, note
from reference.accounts.registration import admit, applying
from reference.ecard.id_numbers import is_date
from reference.ecard.refusals import Refusal
from reference.ecard.states import AccountState
from reference.ecard.verbs import (
    Account,
    BindMember,
    Caller,
    Child,
    Done,
    FindNewborn,
    ListMembers,
    Member,
    Members,
    UnbindMember,
    Who,
)
from reference.serving import Surroundings, serves
from reference.store.account_rows import account_of
from reference.store.account_tables import accounts, members

SELF = "0"
SON, DAUGHTER, OTHER_RELATION = "2", "3", "8"
"""Values of the code table ``relation`` (GB/T 4761)."""
CHILD_BY_SEX = {"1": SON, "2": DAUGHTER}


@serves(BindMember)
def bind_member(surroundings: Surroundings, caller: Caller, verb: BindMember) -> Account:
    """Bind a member, registered first in the same transaction if need be; both happen or neither.

    Raises Refusal ``family.own-account``, ``family.full``, ``family.already-bound``, ``person.unknown-code`` for the
    relation, ``request.field-malformed`` for the holder himself, and as registration does.
    """
    if verb.relation not in surroundings.tables.codes["relation"]:
        raise Refusal("person.unknown-code", "relation")
    if verb.relation == SELF:
        raise Refusal("request.field-malformed", "relation")
    with surroundings.store.read() as connection:
        holder = _holder(connection, surroundings, verb.who)
    applicant = applying(surroundings, verb.member, verb.proof, _with_guardian(verb.child, holder))

    def work(connection: Connection, ids: Ids) -> Account:
        own = _holder(connection, surroundings, verb.who, locked=True)
        member = admit(connection, surroundings, caller, applicant, ids)
        _bind(connection, surroundings, own, member, verb.relation)
        note(connection, surroundings, caller, "bind-member", own["index_id"], member=member.index_id)
        return member

    return with_ids(surroundings, applicant.person, work)


@serves(UnbindMember)
def unbind_member(surroundings: Surroundings, caller: Caller, verb: UnbindMember) -> Done:
    """Unbind a member. Raises Refusal ``family.member-unregistered``, ``family.not-bound``."""

    def work(connection: Connection) -> Done:
        own = found(connection, surroundings, verb.who, locked=True)
        member = _member(connection, surroundings, verb.member)
        gone = connection.execute(
            delete(members).where(members.c.holder == own["index_id"], members.c.member == member["index_id"])
        )
        if gone.rowcount == 0:
            raise Refusal("family.not-bound", "member")
        note(connection, surroundings, caller, "unbind-member", own["index_id"], member=member["index_id"])
        return Done()

    return surroundings.store.transact(work)


@serves(ListMembers)
def list_members(surroundings: Surroundings, caller: Caller, verb: ListMembers) -> Members:
    """The members of a holder in the order in which they were bound."""
    with surroundings.store.read() as connection:
        own = found(connection, surroundings, verb.who)
        rows = connection.execute(
            select(accounts, members.c.relation, members.c.bound_ms)
            .join(members, members.c.member == accounts.c.index_id)
            .where(members.c.holder == own["index_id"])
            .order_by(members.c.bound_ms, members.c.member)
        ).mappings()
        return Members(
            members=tuple(
                Member(account=account_of(row), relation=row["relation"], bound_ms=row["bound_ms"]) for row in rows
            )
        )


@serves(FindNewborn)
def find_newborn(surroundings: Surroundings, caller: Caller, verb: FindNewborn) -> Members:
    """The children whose guardian this is, all or those of one birthday, in the order of birth.

    Raises Refusal ``person.birthday-malformed``. Source: EC-QH E0015.
    """
    if verb.birthday and not is_date(verb.birthday):
        raise Refusal("person.birthday-malformed", "birthday")
    with surroundings.store.read() as connection:
        guardian = found(connection, surroundings, verb.guardian)
        query = select(accounts).where(accounts.c.guardian_index_id == guardian["index_id"])
        if verb.birthday:
            query = query.where(accounts.c.birthday == verb.birthday)
        rows = connection.execute(
            query.order_by(accounts.c.birthday, accounts.c.birth_order, accounts.c.registered_ms)
        ).mappings()
        return Members(
            members=tuple(
                Member(
                    account=account_of(row),
                    relation=CHILD_BY_SEX.get(row["sex"], OTHER_RELATION),
                    bound_ms=row["registered_ms"],
                )
                for row in rows
            )
        )


def _holder(connection: Connection, surroundings: Surroundings, who: Who, *, locked: bool = False) -> RowMapping:
    """The holder, whose card must be normal (EC-QH 7003)."""
    try:
        row = found(connection, surroundings, who, locked=locked)
    except Refusal as refusal:
        if refusal.id == "account.unregistered":
            raise Refusal("family.own-account", "who") from refusal
        raise
    if row["state"] != AccountState.NORMAL:
        raise Refusal("family.own-account", "who")
    return row


def _member(connection: Connection, surroundings: Surroundings, who: Who) -> RowMapping:
    try:
        return found(connection, surroundings, who)
    except Refusal as refusal:
        if refusal.id == "account.unregistered":
            raise Refusal("family.member-unregistered", "member") from refusal
        raise


def _with_guardian(child: Child | None, holder: RowMapping) -> Child | None:
    """Of a child that is bound without its guardian being named the holder is the guardian."""
    if child is None or child.guardian_id_number:
        return child
    return msgspec.structs.replace(child, guardian_id_type=holder["id_type"], guardian_id_number=holder["id_number"])


def _bind(connection: Connection, surroundings: Surroundings, own: RowMapping, member: Account, relation: str) -> None:
    if member.index_id == own["index_id"]:
        raise Refusal("request.field-malformed", "member")
    ours = members.c.holder == own["index_id"]
    if connection.execute(select(members.c.member).where(ours, members.c.member == member.index_id)).first():
        raise Refusal("family.already-bound", "member")
    count = connection.scalar(select(func.count()).select_from(members).where(ours)) or 0
    if count >= surroundings.tables.limit("family-members"):
        raise Refusal("family.full")
    connection.execute(
        insert(members).values(
            holder=own["index_id"],
            member=member.index_id,
            relation=relation,
            bound_ms=surroundings.clock.now_ms(),
        )
    )
