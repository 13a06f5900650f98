"""What the console reads: residents by any of their names, codes and prints of a card, what happened to an account.

Former ids lead to the account of today, mergers to the survivor. Nothing here is written; the pages note their
reading in the audit log. Source: P-EMPI-06 (query), P-RHM-11 (who did what).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, RowMapping, select

from reference.accounts.records import in_one_form
from reference.ecard.moments import china_text
from reference.ecard.refusals import Refusal
from reference.ecard.states import CodeEvent
from reference.ecard.verbs import Who
from reference.gateway.console.asked import MOMENT, Asked
from reference.index import searching
from reference.index.comparing import bare_name, bare_phone
from reference.qr.in_force import states_that_allow
from reference.serving import Surroundings
from reference.store import account_rows
from reference.store.account_tables import aliases, applications
from reference.store.audit import audit_lines
from reference.store.code_tables import codes, prints, uses

MOST_FOUND: Final = 50
MOST_EVENTS: Final = 50
LONGEST_SEARCH: Final = 600
"""Characters of a search at most: the longest text of a code."""
CARD_OR_INDEX: Final = re.compile("[0-9A-Fa-f]{64}")


@dataclass(frozen=True)
class Event:
    """Something that happened to an account: a line of the audit log."""

    at_ms: int
    actor: str
    action: str
    details: tuple[tuple[str, str], ...]


def search(connection: Connection, surroundings: Surroundings, by: str, text: str) -> list[RowMapping]:
    """The accounts that fit, at most `MOST_FOUND`, by name order of their index ids; none for what cannot be.

    ``by`` is ``id``, ``number``, ``code``, ``name`` or ``phone``. Raises KeyError for any other.
    """
    ways: dict[str, Callable[[Connection, Surroundings, str], Iterator[RowMapping | None]]] = {
        "id": _by_id,
        "number": _by_number,
        "code": _by_code,
        "name": _by_name,
        "phone": _by_phone,
    }
    way = ways[by]
    if not text or not text.isprintable() or len(text) > LONGEST_SEARCH:
        return []
    found = {row["index_id"]: row for row in way(connection, surroundings, text) if row is not None}
    return [found[index_id] for index_id in sorted(found)][:MOST_FOUND]


def account(asked: Asked) -> RowMapping:
    """The account that the path names. Raises NotSignedIn, Refusal ``account.unregistered``."""
    asked.require_operator()
    surroundings, index_id = asked.platform.surroundings, asked.path["index_id"]
    if not CARD_OR_INDEX.fullmatch(index_id):
        raise Refusal("account.unregistered")
    with surroundings.store.read() as connection:
        return account_rows.found(connection, Who(index_id=index_id), surroundings.tables)


def codes_of(connection: Connection, ecard_id: str) -> Sequence[RowMapping]:
    """The codes of a card: the static one, then the latest dynamic ones, the newest first."""
    its_codes = select(codes).where(codes.c.ecard_id == ecard_id)
    ordered = its_codes.order_by(codes.c.kind.desc(), codes.c.issued_ms.desc(), codes.c.code_id.desc())
    return connection.execute(ordered.limit(MOST_EVENTS)).mappings().all()


def holds(surroundings: Surroundings, code: RowMapping) -> bool:
    """Whether a code would be accepted now, as far as its own row tells."""
    in_time = code["expires_ms"] is None or code["expires_ms"] >= surroundings.clock.now_ms()
    return in_time and code["state"] in states_that_allow(CodeEvent.USE, surroundings.tables)


def prints_of(connection: Connection, ecard_id: str) -> Sequence[RowMapping]:
    """The latest prints of a card's static code, the newest first."""
    newest = select(prints).where(prints.c.ecard_id == ecard_id).order_by(prints.c.print_id.desc())
    return connection.execute(newest.limit(MOST_EVENTS)).mappings().all()


def uses_of(connection: Connection, ecard_id: str) -> Sequence[RowMapping]:
    """The latest uses of a card's codes, the newest first."""
    its_codes = select(codes.c.code_id).where(codes.c.ecard_id == ecard_id)
    newest = select(uses).where(uses.c.code_id.in_(its_codes)).order_by(uses.c.used_ms.desc(), uses.c.use_id.desc())
    return connection.execute(newest.limit(MOST_EVENTS)).mappings().all()


def events_of(connection: Connection, index_id: str) -> list[Event]:
    """The latest lines of the audit log about an account, under its former ids too, the newest first."""
    former = connection.scalars(
        select(aliases.c.value).where(aliases.c.kind == "index-id", aliases.c.index_id == index_id)
    )
    about = audit_lines.c.subject.in_([index_id, *former])
    lines = connection.execute(
        select(audit_lines).where(about).order_by(audit_lines.c.number.desc()).limit(MOST_EVENTS)
    )
    return [Event(line.at_ms, line.actor, line.action, _details(line.details)) for line in lines]


def pending(connection: Connection, application_id: str) -> RowMapping:
    """An application that awaits its audit. Raises Refusal ``account.unknown-application``, ``already-decided``."""
    query = select(applications).where(applications.c.application_id == application_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refusal("account.unknown-application")
    if row["decision"]:
        raise Refusal("account.already-decided")
    return row


def _details(written: str) -> tuple[tuple[str, str], ...]:
    details: dict[str, Any] = msgspec.json.decode(written)
    told = {name: value for name, value in details.items() if value not in ("", [], None)}
    return tuple(
        (name.removesuffix("_ms"), china_text(value, MOMENT) if name.endswith("_ms") else str(value))
        for name, value in told.items()
    )


def _by_id(connection: Connection, surroundings: Surroundings, text: str) -> Iterator[RowMapping | None]:
    if CARD_OR_INDEX.fullmatch(text):
        yield account_rows.find(connection, Who(ecard_id=text.upper()), surroundings.tables)
        yield account_rows.find(connection, Who(index_id=text.upper()), surroundings.tables)


def _by_number(connection: Connection, surroundings: Surroundings, text: str) -> Iterator[RowMapping | None]:
    for id_type in surroundings.tables.id_types:
        try:
            who = in_one_form(surroundings, Who(id_type=id_type, id_number=text.upper()))
        except Refusal:
            continue
        yield account_rows.find(connection, who, surroundings.tables)


def _by_code(connection: Connection, surroundings: Surroundings, text: str) -> Iterator[RowMapping | None]:
    try:
        yield account_rows.find(connection, Who(code=text), surroundings.tables)
    except Refusal:
        return


def _by_name(connection: Connection, surroundings: Surroundings, text: str) -> Iterator[RowMapping | None]:
    if bare_name(text):
        yield from _of_index(connection, surroundings, searching.Query(name=text))


def _by_phone(connection: Connection, surroundings: Surroundings, text: str) -> Iterator[RowMapping | None]:
    # A text without digits would fit everybody whose number is not known.
    if bare_phone(text):
        yield from _of_index(connection, surroundings, searching.Query(phone=text))


def _of_index(
    connection: Connection, surroundings: Surroundings, query: searching.Query
) -> Iterator[RowMapping | None]:
    """The accounts of those whom the master index finds; it knows people without a card too."""
    for person in searching.search(connection, query, limit=MOST_FOUND):
        yield account_rows.find(connection, Who(index_id=person.index_id), surroundings.tables)
