"""The codes of a card as rows: those that hold now, and their end with the card (P-LIFE-05).

Account management asks here for the codes of an account, and kills them when the card is suspended, cancelled, merged
or gets other ids: a code never comes back, a new one has to be applied for.
"""

from __future__ import annotations

import functools

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, or_, select, update

from reference.ecard.qr_text import QrLayouts, issued_text, qr_layouts
from reference.ecard.states import CodeEvent, DynamicCodeState, StaticCodeState, allowed_events
from reference.ecard.verbs import Code, CodeKind
from reference.serving import Surroundings
from reference.standard.ecard import EcardTables
from reference.standard.ecard.rows import QrLayout
from reference.store.account_rows import EVERY_LAYOUT
from reference.store.code_tables import codes

DEAD = DynamicCodeState.DEAD.value
"""The end of every code, static ones alike."""


def codes_in_force(
    surroundings: Surroundings, connection: Connection, ecard_id: str, now_ms: int, profile: str, colour: int = 0
) -> tuple[Code, ...]:
    """The codes of a card that hold now, the static one first, with texts as the profile writes them."""
    rows = connection.execute(
        select(codes)
        .where(codes.c.ecard_id == ecard_id, _holding(surroundings.tables, now_ms))
        .order_by(codes.c.kind.desc())
    ).mappings()
    return tuple(code_of(surroundings, row, profile, colour) for row in rows)


def kill_codes(surroundings: Surroundings, connection: Connection, ecard_id: str) -> int:
    """Put an end to all codes of a card, inside the transaction that ends the card; how many there were.

    Called on suspension, cancellation, merger and re-derivation of ids (P-ECARD-03, P-LIFE-05: any → dead).
    """
    return connection.execute(
        update(codes)
        .where(codes.c.ecard_id == ecard_id, codes.c.state.in_(states_that_allow(CodeEvent.KILL, surroundings.tables)))
        .values(state=DEAD)
    ).rowcount


@functools.cache
def states_that_allow(event: CodeEvent, tables: EcardTables) -> frozenset[str]:
    """The states of codes, static or dynamic, in which an event may happen to them."""
    every = (*StaticCodeState, *DynamicCodeState)
    return frozenset(state.value for state in every if event in allowed_events(state, tables))


def static_row(connection: Connection, ecard_id: str, *, locked: bool = False) -> RowMapping | None:
    """The row of a card's static code, whatever its state."""
    query = select(codes).where(codes.c.ecard_id == ecard_id, codes.c.token == "")
    return connection.execute(query.with_for_update() if locked else query).mappings().one_or_none()


def code_of(surroundings: Surroundings, row: RowMapping, profile: str, colour: int) -> Code:
    """A row of `codes` as the message that tells it, its text in the layout that the profile issues."""
    kind: CodeKind = row["kind"]
    layouts = layouts_of(profile, surroundings.tables)
    has = issued_layout(kind, layouts).text
    parts = {"card_id": row["ecard_id"], "token": row["token"]}
    if "{payment}" in has:
        parts["payment"] = row["payment"]
    if "{issuer}" in has:
        parts["issuer"] = surroundings.issuer
    return Code(
        text=issued_text(kind, layouts, **parts),
        kind=kind,
        ecard_id=row["ecard_id"],
        issued_ms=row["issued_ms"],
        expires_ms=row["expires_ms"],
        uses_left=row["uses_left"],
        colour=colour,
    )


def layouts_of(profile: str, tables: EcardTables) -> QrLayouts:
    """The layouts of a wire profile; callers without one (console, front-end) read all and get the national ones."""
    return qr_layouts(profile if profile in tables.qr_profiles else EVERY_LAYOUT, tables)


def issued_layout(kind: CodeKind, layouts: QrLayouts) -> QrLayout:
    """The layout in which a profile issues this kind."""
    return layouts.known[layouts.issues[kind]].row


def _holding(tables: EcardTables, now_ms: int) -> ColumnElement[bool]:
    """Issued and not expired: a code holds up to and including the moment that its token names."""
    return and_(
        codes.c.state.in_(states_that_allow(CodeEvent.USE, tables)),
        or_(codes.c.expires_ms.is_(None), codes.c.expires_ms >= now_ms),
    )
