"""Applications that await their audit (P-CITY-05): approved or refused at the console, never by who submitted them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import RowMapping
from starlette.responses import Response

from reference.accounts.records import person_of
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Applications, Audit, PendingAudits
from reference.gateway.console import looking_up, wording
from reference.gateway.console.asked import Asked
from reference.gateway.console.masking import masked
from reference.languages import Text
from reference.store import account_rows

RIGHT: Final = "Audit"
APPROVE, REFUSE = "approve", "refuse"


def pending(asked: Asked) -> Response:
    """The applications that wait, the oldest first."""
    asked.require(RIGHT)
    answer = asked.platform.perform(asked.caller, PendingAudits())
    assert isinstance(answer, Applications), "it is what the verb is answered with"
    waiting = [(one, wording.purpose(one.purpose)) for one in answer.applications]
    return asked.page("audits.html.j2", waiting=waiting)


def form(asked: Asked) -> Response:
    """One application, with whom it is for."""
    asked.require(RIGHT)
    return _page(asked)


def decide(asked: Asked) -> Response:
    """Approve or refuse it."""
    asked.require(RIGHT)
    decision = asked.field("decision")
    if decision not in (APPROVE, REFUSE):
        raise Refusal("request.empty-field", "decision")
    verb = Audit(application_id=asked.path["application_id"], approve=decision == APPROVE, reason=asked.field("reason"))
    try:
        asked.platform.perform(asked.caller, verb)
    except Refusal as refusal:
        if refusal.id in ("account.unknown-application", "account.already-decided"):
            raise
        return _page(asked, 409, refusal.explained())
    return asked.go("/audits")


def _page(asked: Asked, status: int = 200, problem: Text | None = None) -> Response:
    application, row = _application(asked)
    return asked.page(
        "audit.html.j2",
        status,
        application=application,
        purpose=wording.purpose(application["purpose"]),
        index_id=row["index_id"],
        person=masked(person_of(row)),
        state=wording.state(asked, row["state"]),
        problem=problem,
        typed=asked.form,
    )


def _application(asked: Asked) -> tuple[RowMapping, RowMapping]:
    with asked.platform.surroundings.store.read() as connection:
        application = looking_up.pending(connection, asked.path["application_id"])
        row = account_rows.by_index_id(connection, application["index_id"])
    assert row is not None, "applications name an account"
    return application, row
