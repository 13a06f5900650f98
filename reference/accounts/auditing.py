"""Audit of applications (卡申领审核, P-CITY-05): where no online check of the real name exists, a person decides.

Four eyes: nobody decides on an application of his own. A refusal has its reason. The purpose of an application is the
event that an approval lets happen: registration, restoration of a cancelled or suspended card, claim of a pre-made one.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Row, RowMapping, insert, select, update

from reference.accounts.fields import check_words, width_of
from reference.accounts.records import moved, note, operator_of
from reference.ecard.refusals import Refusal
from reference.ecard.states import AccountEvent
from reference.ecard.verbs import Account, Application, Applications, Audit, Caller, PendingAudits
from reference.serving import Surroundings, serves
from reference.store import account_rows
from reference.store.account_rows import account_of
from reference.store.account_tables import applications, prefabrication_rows

REGISTER: Final = "register"
APPROVED, REFUSED = "approved", "refused"
MOST: Final = 1000
"""Applications in one answer at most. Source: decision, bounded work."""


@serves(PendingAudits)
def pending_audits(surroundings: Surroundings, caller: Caller, verb: PendingAudits) -> Applications:
    """The applications that await their audit, oldest first."""
    if not 1 <= verb.limit <= MOST:
        raise Refusal("request.field-malformed", "limit")
    with surroundings.store.read() as connection:
        rows = connection.execute(
            select(applications)
            .where(applications.c.decision == "")
            .order_by(applications.c.submitted_ms, applications.c.application_id)
            .limit(verb.limit)
        ).all()
    return Applications(applications=tuple(_message(row) for row in rows))


@serves(Audit)
def audit(surroundings: Surroundings, caller: Caller, verb: Audit) -> Account:
    """Decide on an application.

    Raises Refusal ``account.unknown-application``, ``account.already-decided``, ``account.self-audit``,
    ``request.empty-field`` for a refusal without reason.
    """
    if not verb.approve and not verb.reason.strip():
        raise Refusal("request.empty-field", "reason")
    check_words("reason", verb.reason, width_of(applications.c.reason))

    def work(connection: Connection) -> Account:
        application = connection.execute(
            select(applications).where(applications.c.application_id == verb.application_id).with_for_update()
        ).one_or_none()
        if application is None:
            raise Refusal("account.unknown-application", "application_id")
        if application.decision:
            raise Refusal("account.already-decided", "application_id")
        if application.submitted_by == operator_of(caller):
            raise Refusal("account.self-audit")
        row = account_rows.by_index_id(connection, application.index_id, locked=True)
        assert row is not None, "applications name an account"
        decided = _decided(connection, surroundings, row, application.purpose, verb.approve)
        connection.execute(
            update(applications)
            .where(applications.c.application_id == verb.application_id)
            .values(
                decision=APPROVED if verb.approve else REFUSED,
                decided_by=operator_of(caller),
                decided_ms=surroundings.clock.now_ms(),
                reason=verb.reason,
            )
        )
        note(
            connection,
            surroundings,
            caller,
            "audit",
            row["index_id"],
            application=verb.application_id,
            purpose=application.purpose,
            approved=verb.approve,
        )
        return account_of(decided)

    return surroundings.store.transact(work)


def submit(connection: Connection, surroundings: Surroundings, caller: Caller, index_id: str, purpose: str) -> str:
    """Put an application into the queue and return its id; one of the same purpose that waits already stays alone."""
    waiting: str | None = connection.scalar(
        select(applications.c.application_id).where(
            applications.c.index_id == index_id, applications.c.purpose == purpose, applications.c.decision == ""
        )
    )
    if waiting is not None:
        return waiting
    application_id = surroundings.identifier()
    connection.execute(
        insert(applications).values(
            application_id=application_id,
            index_id=index_id,
            purpose=purpose,
            submitted_by=operator_of(caller),
            submitted_ms=surroundings.clock.now_ms(),
        )
    )
    return application_id


def happened(connection: Connection, surroundings: Surroundings, row: RowMapping, event: AccountEvent) -> RowMapping:
    """The row after it was restored, resumed or claimed. Raises the Refusal of its state."""
    now = surroundings.clock.now_ms()
    if event is AccountEvent.CLAIM:
        connection.execute(
            update(prefabrication_rows)
            .where(prefabrication_rows.c.index_id == row["index_id"], prefabrication_rows.c.state == "pre-made")
            .values(state="claimed", changed_ms=now)
        )
    return moved(connection, surroundings, row, event, cancelled_ms=None)


def _decided(
    connection: Connection, surroundings: Surroundings, row: RowMapping, purpose: str, approve: bool
) -> RowMapping:
    """The account after the decision; a refused restoration or claim leaves it as it is."""
    if purpose == REGISTER:
        return moved(connection, surroundings, row, AccountEvent.APPROVE if approve else AccountEvent.REFUSE)
    return happened(connection, surroundings, row, AccountEvent(purpose)) if approve else row


def _message(row: Row[Any]) -> Application:
    return Application(
        application_id=row.application_id,
        index_id=row.index_id,
        purpose=row.purpose,
        submitted_by=row.submitted_by,
        submitted_ms=row.submitted_ms,
    )
