"""Look-ups: all cards of a resident, and the resident behind any card. Registration asks here first (P-REG-01).

No name and no document number is told: ids, kinds and states are what the tiers exchange (P-LINK-01). A physical card
stands here from its link (P-ECARD-15) to its unlinking; what befalls the card itself is its issuer's knowledge.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, RowMapping, select

from reference.ecard.verbs import Who
from reference.standard.ecard import EcardTables
from reference.store.account_rows import by_index_id, find
from reference.store.account_tables import aliases, media


class ElectronicCard(msgspec.Struct, frozen=True):
    """The electronic card. ``state`` is a state of `states.toml`; ``former`` are card ids of the same person."""

    ecard_id: str
    state: str
    registered_ms: int
    updated_ms: int
    institution: str
    former: tuple[str, ...] = ()


class OtherCard(msgspec.Struct, frozen=True):
    """A physical health card or another medium of the same person; ``state`` is ``linked``."""

    medium: str
    issuer: str
    number: str
    linked_ms: int
    state: str = "linked"


class Holdings(msgspec.Struct, frozen=True):
    """Everything that one person holds, under his index id of today."""

    index_id: str
    former_index_ids: tuple[str, ...]
    electronic: ElectronicCard
    others: tuple[OtherCard, ...]


def holdings(connection: Connection, who: Who, tables: EcardTables) -> Holdings | None:
    """What a resident holds, named in any way that an account is; None for nobody.

    Former ids lead to today's, merged accounts to the survivor. Raises Refusal as `account_rows.find`.
    """
    row = find(connection, who, tables)
    return None if row is None else _held(connection, row)


def holder_of(connection: Connection, medium: str, issuer: str, number: str) -> Holdings | None:
    """What the holder of a physical or other card holds; None for a card that is linked to nobody."""
    where = (media.c.medium == medium) & (media.c.issuer == issuer) & (media.c.number == number)
    index_id = connection.execute(select(media.c.index_id).where(where)).scalar_one_or_none()
    return None if index_id is None else of_index_id(connection, index_id)


def of_index_id(connection: Connection, index_id: str) -> Holdings | None:
    """What stands under exactly this index id, of an account that was merged too."""
    row = by_index_id(connection, index_id)
    return None if row is None else _held(connection, row)


def _held(connection: Connection, row: RowMapping) -> Holdings:
    index_id = row["index_id"]
    former = connection.execute(
        select(aliases.c.kind, aliases.c.value).where(aliases.c.index_id == index_id).order_by(aliases.c.since_ms)
    ).all()
    linked = connection.execute(
        select(media.c.medium, media.c.issuer, media.c.number, media.c.linked_ms)
        .where(media.c.index_id == index_id)
        .order_by(media.c.linked_ms, media.c.medium, media.c.issuer, media.c.number)
    ).all()
    return Holdings(
        index_id=index_id,
        former_index_ids=tuple(value for kind, value in former if kind == "index-id"),
        electronic=ElectronicCard(
            ecard_id=row["ecard_id"],
            state=row["state"],
            registered_ms=row["registered_ms"],
            updated_ms=row["updated_ms"],
            institution=row["institution"],
            former=tuple(value for kind, value in former if kind == "ecard-id"),
        ),
        others=tuple(OtherCard(*values) for values in linked),
    )
