"""Finding accounts and looking at them: masked at first, whole on request; and the codes that hold as images.

Searches, openings of personal data and of codes are lines of the audit log, without what was typed.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import RowMapping
from starlette.responses import Response

from reference.accounts.records import person_of
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Person
from reference.gateway.console import acting, looking_up, wording
from reference.gateway.console.asked import ROOT, Asked
from reference.gateway.console.masking import masked
from reference.qr.images import png, svg
from reference.qr.in_force import code_of
from reference.store import account_rows, audit

SHOW: Final = "Show"
"""The right to see personal data unmasked."""
SHOW_CODE: Final = "ApplyCode"
"""Who may issue a code may see it."""
IMAGES: Final = {"svg": "image/svg+xml", "png": "image/png"}


def search_form(asked: Asked) -> Response:
    """An empty search."""
    asked.require_operator()
    return asked.page("search.html.j2", ways=wording.WAYS, by="number", typed="", found=None)


def search(asked: Asked) -> Response:
    """The accounts that fit, masked; one alone is shown at once."""
    by, typed = asked.field("by"), asked.field("text")
    if by not in wording.WAYS:
        by = "number"
    surroundings = asked.platform.surroundings
    with surroundings.store.read() as connection:
        rows = looking_up.search(connection, surroundings, by, typed)
    _note(asked, "console.search", asked.caller.operator, by=by, found=len(rows))
    if len(rows) == 1:
        return asked.go(f"/accounts/{rows[0]['index_id']}")
    found = [(row["index_id"], masked(person_of(row)), wording.state(asked, row["state"])) for row in rows]
    return asked.page("search.html.j2", ways=wording.WAYS, by=by, typed=typed, found=found)


def shown(asked: Asked) -> Response:
    """The account with its personal data masked."""
    row = looking_up.account(asked)
    return asked.page("account.html.j2", **_account_page(asked, row, masked(person_of(row)), whole=False))


def revealed(asked: Asked) -> Response:
    """The account with its personal data, which is a line of the audit log."""
    asked.require(SHOW)
    row = looking_up.account(asked)
    _note(asked, "console.show", row["index_id"])
    return asked.page("account.html.j2", **_account_page(asked, row, person_of(row), whole=True))


def code(asked: Asked) -> Response:
    """A code that holds, to be shown or put on paper."""
    row = looking_up.account(asked)
    held = _code_in_force(asked, row)
    return asked.page(
        "code.html.j2",
        index_id=row["index_id"],
        person=masked(person_of(row)),
        code=held,
        kind=wording.kind(held["kind"]),
        state=wording.code_state(asked, held),
    )


def code_image(asked: Asked) -> Response:
    """The image of a code that holds, ``svg`` or ``png``; a line of the audit log each time."""
    row = looking_up.account(asked)
    held = _code_in_force(asked, row)
    surroundings, form = asked.platform.surroundings, asked.path["form"]
    if form not in IMAGES:
        raise Refusal("code.not-issued")
    issued = code_of(surroundings, held, asked.caller.profile, row["colour"])
    _note(asked, "console.show-code", row["index_id"], code=held["code_id"], form=form)
    side = surroundings.tables.limit("qr-image-pixels")
    content = svg(issued.text, issued.colour) if form == "svg" else png(issued.text, issued.colour, side)
    return asked.image(content, IMAGES[form])


def _account_page(asked: Asked, row: RowMapping, person: Person, *, whole: bool) -> dict[str, Any]:
    surroundings = asked.platform.surroundings
    with surroundings.store.read() as connection:
        codes = looking_up.codes_of(connection, row["ecard_id"])
        prints = looking_up.prints_of(connection, row["ecard_id"])
        uses = looking_up.uses_of(connection, row["ecard_id"])
        events = looking_up.events_of(connection, row["index_id"])
    is_issued = any(one["kind"] == "static" and looking_up.holds(surroundings, one) for one in codes)
    return {
        "place": f"{ROOT}/accounts/{row['index_id']}",
        "account": row,
        "state": wording.state(asked, row["state"]),
        "facts": wording.facts(asked, person),
        "whole": whole,
        "may_show": asked.may(SHOW),
        "may_show_code": asked.may(SHOW_CODE),
        "acts": acting.offered(asked, row, codes),
        "codes": [
            (one, wording.kind(one["kind"]), wording.code_state(asked, one), looking_up.holds(surroundings, one))
            for one in codes
        ],
        "prints": [
            (one, acting.PAPERS[one["medium"]], wording.print_state(asked, one, is_issued=is_issued)) for one in prints
        ],
        "uses": [(use, wording.step(asked, use["step"]), wording.outcome(use["outcome"])) for use in uses],
        "events": [(event, wording.action(event.action)) for event in events],
    }


def _code_in_force(asked: Asked, row: RowMapping) -> RowMapping:
    asked.require(SHOW_CODE)
    surroundings = asked.platform.surroundings
    account_rows.require_holding(row, surroundings.tables)
    with surroundings.store.read() as connection:
        codes = looking_up.codes_of(connection, row["ecard_id"])
    wanted = int(asked.path["code_id"])
    found = next((one for one in codes if one["code_id"] == wanted and looking_up.holds(surroundings, one)), None)
    if found is None:
        raise Refusal("code.not-issued")
    return found


def _note(asked: Asked, action: str, subject: str, **details: object) -> None:
    surroundings, actor = asked.platform.surroundings, asked.caller.operator
    with surroundings.store.begin() as connection:
        audit.append(connection, surroundings.clock.now_ms(), actor, action, subject, **details)
