"""Acts on an account: each has a page of its own that says what will happen, and happens when that page is sent.

The platform decides: the page only offers what the state allows, and a refusal is shown as it is.
Source: P-ECARD-03, P-ECARD-06 to 08, P-LIFE-04, P-LIFE-05; P-CITY-06.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import RowMapping
from starlette.responses import Response

from reference.accounts.records import person_of
from reference.accounts.tables import cancellation_reasons, suspension_reasons
from reference.ecard.refusals import Refusal
from reference.ecard.states import AccountEvent, AccountState, CodeEvent, allowed_events
from reference.ecard.verbs import ApplyCode, Cancel, PrintCode, Proof, Restore, RevokeCode, Suspend, Verb, Who
from reference.gateway.console import looking_up, wording
from reference.gateway.console.asked import Asked
from reference.gateway.console.masking import masked
from reference.languages import Text, say
from reference.qr.in_force import states_that_allow
from reference.qr.printing import MEDIA
from reference.serving import Surroundings

CONFIRMED: Final = "yes"

REASONS: Final = {
    "holder": say("the holder wishes it"),
    "death": say("the holder has died"),
    "duplicate": say("the holder has another account"),
    "fraud": say("fraud"),
    "lost-phone": say("the phone is lost"),
    "risk": say("there is a risk"),
}
"""Reasons of the tables in words."""
PAPERS: Final = {
    "label": say("label"),
    "slip": say("paper slip"),
    "wristband": say("wristband"),
    "booklet": say("record booklet"),
}


@dataclass(frozen=True)
class Act:
    """One act. ``right`` is the verb's name; ``is_offered`` says of a state and its codes whether it makes sense."""

    name: str
    right: str
    title: Text
    effect: Text
    is_grave: bool
    is_offered: Callable[[Surroundings, RowMapping, Sequence[RowMapping]], bool]
    verb: Callable[[Asked, Who], Verb]


def form(asked: Asked) -> Response:
    """The page of an act: whose account, what will happen, what has to be said."""
    row = looking_up.account(asked)
    act = _act(asked, row)
    return _page(asked, act, row)


def perform(asked: Asked) -> Response:
    """Do it, once it is confirmed; then show what came of it."""
    row = looking_up.account(asked)
    act = _act(asked, row)
    if asked.field("confirmed") != CONFIRMED:
        return _page(asked, act, row, 422, say("Tick the box to say that you have checked it."))
    try:
        asked.platform.perform(asked.caller, act.verb(asked, Who(index_id=row["index_id"])))
    except Refusal as refusal:
        return _page(asked, act, row, 409, refusal.explained())
    return asked.go(_after(asked, act, row))


def offered(asked: Asked, row: RowMapping, codes: Sequence[RowMapping]) -> list[Act]:
    """The acts that the state allows and the operator may do."""
    surroundings = asked.platform.surroundings
    return [act for act in ACTS.values() if asked.may(act.right) and act.is_offered(surroundings, row, codes)]


def _page(asked: Asked, act: Act, row: RowMapping, status: int = 200, problem: Text | None = None) -> Response:
    return asked.page(
        "act.html.j2",
        status,
        act=act,
        index_id=row["index_id"],
        person=masked(person_of(row)),
        state=wording.state(asked, row["state"]),
        problem=problem,
        typed=asked.form,
        cancellations={name: REASONS[name] for name in REASONS if name in cancellation_reasons()},
        suspensions={name: REASONS[name] for name in REASONS if name in suspension_reasons()},
        papers={name: PAPERS[name] for name in MEDIA},
    )


def _act(asked: Asked, row: RowMapping) -> Act:
    """The act of the path. Raises Refusal where there is none, or not for this operator or this state."""
    act = ACTS.get(asked.path["act"])
    if act is None:
        raise wording.not_offered()
    asked.require(act.right)
    surroundings = asked.platform.surroundings
    with surroundings.store.read() as connection:
        codes = looking_up.codes_of(connection, row["ecard_id"])
    if not act.is_offered(surroundings, row, codes):
        raise wording.not_offered()
    return act


def _after(asked: Asked, act: Act, row: RowMapping) -> str:
    """The code that was issued or printed, else the account."""
    account = f"/accounts/{row['index_id']}"
    if act.name not in ("issue", "print"):
        return account
    kind = asked.field("kind") if act.name == "issue" else "static"
    surroundings = asked.platform.surroundings
    with surroundings.store.read() as connection:
        codes = looking_up.codes_of(connection, row["ecard_id"])
    holding = (code for code in codes if code["kind"] == kind and looking_up.holds(surroundings, code))
    code = next(holding, None)
    return account if code is None else f"{account}/codes/{code['code_id']}"


def _by_state(*events: AccountEvent) -> Callable[[Surroundings, RowMapping, Sequence[RowMapping]], bool]:
    def is_offered(surroundings: Surroundings, row: RowMapping, codes: Sequence[RowMapping]) -> bool:
        allowed = allowed_events(AccountState(row["state"]), surroundings.tables)
        return not set(events).isdisjoint(allowed)

    return is_offered


def _by_static_code(event: CodeEvent) -> Callable[[Surroundings, RowMapping, Sequence[RowMapping]], bool]:
    def is_offered(surroundings: Surroundings, row: RowMapping, codes: Sequence[RowMapping]) -> bool:
        holding = _by_state(AccountEvent.APPLY_CODE)(surroundings, row, codes)
        states = states_that_allow(event, surroundings.tables)
        return holding and any(code["kind"] == "static" and code["state"] in states for code in codes)

    return is_offered


def _issue(asked: Asked, who: Who) -> Verb:
    """A static code is given again, a dynamic one made anew: whoever stands at the desk needs one now."""
    if asked.field("kind") == "static":
        return ApplyCode(who=who, kind="static", again=True)
    return ApplyCode(who=who, kind="dynamic", refresh=True)


def _restore(asked: Asked, who: Who) -> Verb:
    clerk = Proof(way="on-site", clerk_id_number=asked.field("clerk_number"), clerk_name=asked.field("clerk_name"))
    return Restore(who=who, proof=clerk)


ACTS: Final = {
    act.name: act
    for act in (
        Act(
            "issue",
            "ApplyCode",
            say("Issue a code"),
            say("The code is shown on the next page. A new dynamic code puts an end to the one before."),
            False,
            _by_state(AccountEvent.APPLY_CODE),
            _issue,
        ),
        Act(
            "print",
            "PrintCode",
            say("Print the static code"),
            say("The print is noted in the print log with its paper and reason."),
            False,
            _by_static_code(CodeEvent.PRINT),
            lambda asked, who: PrintCode(
                who=who, medium=asked.field("medium"), format="svg", reason=asked.field("reason")
            ),
        ),
        Act(
            "revoke",
            "RevokeCode",
            say("Revoke the static code"),
            say("What was printed is refused from now on. A new static code revives old prints: use dynamic ones."),
            True,
            _by_static_code(CodeEvent.REVOKE),
            lambda asked, who: RevokeCode(who=who, reason=asked.field("reason")),
        ),
        Act(
            "suspend",
            "Suspend",
            say("Suspend the card"),
            say("All codes die and all bank cards are unbound at once. The card comes back by a real-name check."),
            True,
            _by_state(AccountEvent.SUSPEND),
            lambda asked, who: Suspend(who=who, reason=asked.field("reason")),
        ),
        Act(
            "restore",
            "Restore",
            say("Restore the card"),
            say("The holder's real name is checked anew; without an online check an auditor decides. Codes stay dead."),
            False,
            _by_state(AccountEvent.RESUME, AccountEvent.RESTORE),
            _restore,
        ),
        Act(
            "cancel",
            "Cancel",
            say("Cancel the card"),
            say("All codes die and all bank cards are unbound at once. Only a new real-name check brings it back."),
            True,
            _by_state(AccountEvent.CANCEL),
            lambda asked, who: Cancel(who=who, reason=asked.field("reason")),
        ),
    )
}
