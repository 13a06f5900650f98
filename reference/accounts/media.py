"""Other cards of the same person (P-ECARD-15, P-ECARD-16): physical health card, hospital card, social-security card …

Behind every linked card stands the same identity; a card is linked to one person. Source: opinion of 2018 and the
compatibility rules of the electronic card; P-FLOW-08 (old numbers stay as cross-references).
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from reference.accounts import index_entry
from reference.accounts.fields import check_words, width_of
from reference.accounts.records import found, note
from reference.accounts.tables import media_kinds
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, LinkMedium, Media, Medium, UnlinkMedium
from reference.serving import Surroundings, serves
from reference.store import lock
from reference.store.account_rows import require_holding
from reference.store.account_tables import media


@serves(LinkMedium)
def link_medium(surroundings: Surroundings, caller: Caller, verb: LinkMedium) -> Media:
    """Link another card; once more changes nothing.

    Raises Refusal ``media.linked-elsewhere``, ``person.unknown-code`` for the kind, field refusals, the state's own.
    """
    check_medium(verb.medium, verb.issuer, verb.number)

    def work(connection: Connection) -> Media:
        row = found(connection, surroundings, verb.who, locked=True)
        require_holding(row, surroundings.tables)
        if link(connection, surroundings, caller, row["index_id"], verb.medium, verb.issuer, verb.number):
            note(connection, surroundings, caller, "link", row["index_id"], medium=verb.medium, issuer=verb.issuer)
        return _linked(connection, row["index_id"])

    return surroundings.store.transact(work)


@serves(UnlinkMedium)
def unlink_medium(surroundings: Surroundings, caller: Caller, verb: UnlinkMedium) -> Media:
    """Take a link away. Raises Refusal ``media.not-linked``."""

    def work(connection: Connection) -> Media:
        row = found(connection, surroundings, verb.who, locked=True)
        gone = connection.execute(
            delete(media).where(
                media.c.medium == verb.medium,
                media.c.issuer == verb.issuer,
                media.c.number == verb.number,
                media.c.index_id == row["index_id"],
            )
        )
        if gone.rowcount == 0:
            raise Refusal("media.not-linked")
        index_entry.forget(connection, verb.medium, verb.issuer, verb.number)
        note(connection, surroundings, caller, "unlink", row["index_id"], medium=verb.medium, issuer=verb.issuer)
        return _linked(connection, row["index_id"])

    return surroundings.store.transact(work)


def check_medium(medium: str, issuer: str, number: str) -> None:
    """Whether the kind is known and the fields are of their form. Raises Refusal."""
    if medium not in media_kinds():
        raise Refusal("person.unknown-code", "medium")
    for field, value in (("issuer", issuer), ("number", number)):
        if not value:
            raise Refusal("request.empty-field", field)
        check_words(field, value, width_of(media.c[field]))


def link(
    connection: Connection,
    surroundings: Surroundings,
    caller: Caller,
    index_id: str,
    medium: str,
    issuer: str,
    number: str,
) -> bool:
    """Link a card inside the caller's transaction; False when it was linked already.

    The card's number becomes a cross-reference in the master index. Raises Refusal ``media.linked-elsewhere``.
    """
    lock(connection, "medium", f"{medium}\n{issuer}\n{number}")
    holder = connection.scalar(
        select(media.c.index_id).where(media.c.medium == medium, media.c.issuer == issuer, media.c.number == number)
    )
    if holder is not None:
        if holder != index_id:
            raise Refusal("media.linked-elsewhere", "number")
        return False
    connection.execute(
        insert(media).values(
            medium=medium,
            issuer=issuer,
            number=number,
            index_id=index_id,
            linked_ms=surroundings.clock.now_ms(),
            institution=caller.institution,
        )
    )
    index_entry.refer(connection, surroundings, caller, index_id, medium, issuer, number)
    return True


def _linked(connection: Connection, index_id: str) -> Media:
    rows = connection.execute(
        select(media)
        .where(media.c.index_id == index_id)
        .order_by(media.c.linked_ms, media.c.medium, media.c.issuer, media.c.number)
    )
    return Media(
        media=tuple(
            Medium(medium=row.medium, issuer=row.issuer, number=row.number, linked_ms=row.linked_ms) for row in rows
        )
    )
