"""The entry: whose code it is comes first, its owner validates it, then every owner is asked for his own part.

A health-card code is verified like any other, with its use on the disk; a voucher of medical insurance is read by the
insurer, who names its holder. What no owner accepts is shown beside what the others do. The entry stands before any
owner is asked, so that a crash between leaves parts that are waiting, not owners that nobody knows of.
Source: P-FUSE-03 (classifier first, then the owner; partial failure shown apart).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from reference.accounts.records import found as account_found
from reference.accounts.records import person_of
from reference.ecard.classification import CodeOwner, classifier
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Account, AskAgain, Caller, Entry, OpenEntry, PartName, Person, Verify, Who
from reference.fusion.entries import OK, entry_of, found, join
from reference.qr.columns import keeps, width
from reference.qr.verification import verify
from reference.serving import PartAnswer, PartnerAway, PartnerRefused, PartQuestion, Surroundings, serves
from reference.store import audit, lock
from reference.store.account_rows import account_of, require_holding
from reference.store.fusion_tables import fusion_entries, fusion_numbers, fusion_parts

WAITING, REFUSED, AWAY, UNCONNECTED = "waiting", "refused", "away", "unconnected"
HEALTH_CARDS = (CodeOwner.EHC_NATIONAL, CodeOwner.EHC_LOCAL)


class Said(msgspec.Struct, frozen=True):
    """What an owner said of his part, or that he did not."""

    outcome: str
    answer: PartAnswer = PartAnswer("")
    message: str = ""


@serves(OpenEntry)
def open_entry(surroundings: Surroundings, caller: Caller, verb: OpenEntry) -> Entry:
    """Open an entry for a visit and ask the owners of its parts.

    Raises Refusal ``entry.no-person`` for a code of payment, of a temporary card or of nobody, ``entry.conflict`` for a
    request number that was used for something else, ``entry.owner-refused`` and ``entry.owner-away`` for a voucher,
    and what verifying a health-card code raises. An owner who fails raises nothing: his part tells it.
    """
    _check(caller, verb)
    digest = hashlib.new("sm3", f"{verb.request}\n{verb.text}".encode()).hexdigest()
    with surroundings.store.read() as connection:
        if (known := _known(connection, caller, verb, digest)) is not None:
            return entry_of(connection, known)
    owner, account = _holder(surroundings, caller, verb)
    entry_id, now = surroundings.identifier(), surroundings.clock.now_ms()

    def work(connection: Connection) -> str:
        lock(connection, "fusion-request", f"{caller.institution}\n{verb.request}")
        if (known := _known(connection, caller, verb, digest)) is not None:
            return str(known.entry_id)
        connection.execute(
            insert(fusion_entries).values(
                entry_id=entry_id,
                index_id=account.index_id,
                institution=caller.institution,
                visit=verb.visit,
                request=verb.request,
                step=verb.step,
                text_digest=digest,
                entered_by=owner.value,
                opened_ms=now,
            )
        )
        waiting = [
            {"entry_id": entry_id, "part": part, "outcome": WAITING, "asked_ms": now}
            for part in sorted(set(verb.parts))
        ]
        connection.execute(insert(fusion_parts), waiting)
        details = {"index_id": account.index_id, "entered_by": owner.value, "parts": sorted(set(verb.parts))}
        audit.append(connection, now, caller.name, "fusion.open", entry_id, **details)
        return entry_id

    return _asked(surroundings, caller, surroundings.store.transact(work), account.person)


@serves(AskAgain)
def ask_again(surroundings: Surroundings, caller: Caller, verb: AskAgain) -> Entry:
    """Ask those owners again who have not accepted their parts. Raises Refusal ``entry.unknown``, the account's own."""
    with surroundings.store.read() as connection:
        row = found(connection, caller, verb.entry_id)
        account = account_found(connection, surroundings, Who(index_id=row.index_id))
        require_holding(account, surroundings.tables)
        person = person_of(account)
    return _asked(surroundings, caller, verb.entry_id, person)


def _check(caller: Caller, verb: OpenEntry) -> None:
    if not caller.institution:
        raise Refusal("request.empty-field", "institution")
    for field in ("text", "visit", "request", "parts"):
        if not getattr(verb, field):
            raise Refusal("request.empty-field", field)
    for field in ("visit", "request", "step"):
        if not keeps(fusion_entries.c[field], getattr(verb, field)):
            raise Refusal("request.field-malformed", field)


def _known(connection: Connection, caller: Caller, verb: OpenEntry, digest: str) -> Row[Any] | None:
    """The entry that this request made before. Raises Refusal ``entry.conflict`` when it was another request."""
    row = connection.execute(
        select(fusion_entries).where(
            fusion_entries.c.institution == caller.institution, fusion_entries.c.request == verb.request
        )
    ).one_or_none()
    if row is not None and (row.text_digest, row.visit) != (digest, verb.visit):
        raise Refusal("entry.conflict", "request")
    return row


def _holder(surroundings: Surroundings, caller: Caller, verb: OpenEntry) -> tuple[CodeOwner, Account]:
    """Whose code it is, and the account of whom it names. Raises Refusal."""
    classified = classifier(surroundings.tables).classify(verb.text)
    if classified.owner is CodeOwner.MEDICAL_INSURANCE:
        return classified.owner, _insured(surroundings, verb)
    layout = surroundings.tables.qr_layouts.get(classified.form)
    if classified.owner not in HEALTH_CARDS or layout is None or layout.kind == "temporary":
        raise Refusal("entry.no-person", "text")
    verified = verify(surroundings, caller, Verify(text=verb.text, step=verb.step, request=verb.request))
    return classified.owner, verified.account


def _insured(surroundings: Surroundings, verb: OpenEntry) -> Account:
    """The account of a voucher's holder, whom the insurer names by document and name. Raises Refusal."""
    if surroundings.vouchers is None:
        raise Refusal("entry.owner-away", "text")
    try:
        holder = surroundings.vouchers.holder(verb.text, verb.step, verb.request)
    except PartnerRefused as refused:
        raise Refusal("entry.owner-refused", "text", code=refused.code) from refused
    except PartnerAway as away:
        raise Refusal("entry.owner-away", "text") from away
    with surroundings.store.read() as connection:
        who = Who(id_type=holder.id_type, id_number=holder.id_number)
        row = account_found(connection, surroundings, who)
        require_holding(row, surroundings.tables)
        if row["name"] != holder.name:
            raise Refusal("account.identity-mismatch", "text")
        return account_of(row)


def _asked(surroundings: Surroundings, caller: Caller, entry_id: str, person: Person) -> Entry:
    """The entry once every owner was asked who has not accepted yet; none is asked inside a transaction."""
    with surroundings.store.read() as connection:
        row = found(connection, caller, entry_id)
        query = select(fusion_parts.c.part).where(fusion_parts.c.entry_id == entry_id, fusion_parts.c.outcome != OK)
        open_parts = list(connection.scalars(query.order_by(fusion_parts.c.part)))
    question = PartQuestion(
        entry_id=entry_id,
        person=person,
        index_id=row.index_id,
        institution=row.institution,
        visit=row.visit,
        step=row.step,
    )
    said = {part: _ask(surroundings, part, question) for part in open_parts}

    def work(connection: Connection) -> Entry:
        held = found(connection, caller, entry_id, locked=True)
        _keep(connection, surroundings, caller, entry_id, said)
        return entry_of(connection, held, {part: one.answer.told for part, one in said.items()})

    return surroundings.store.transact(work)


def _ask(surroundings: Surroundings, part: PartName, question: PartQuestion) -> Said:
    owner = surroundings.owners.get(part)
    if owner is None:
        return Said(UNCONNECTED)
    try:
        answer = owner.ask(question)
    except PartnerRefused as refused:
        return Said(REFUSED, message=str(refused)[: width(fusion_parts.c.message)])
    except PartnerAway:
        return Said(AWAY)
    # A number that cannot be kept joins nothing: the owner has not answered as agreed.
    whole = all(number and keeps(fusion_numbers.c.number, number) for number in (answer.number, *answer.data))
    return Said(OK, answer) if whole else Said(AWAY)


def _keep(
    connection: Connection, surroundings: Surroundings, caller: Caller, entry_id: str, said: Mapping[PartName, Said]
) -> None:
    """Write down what the owners said; a part that somebody else has got accepted meanwhile stays so."""
    now = surroundings.clock.now_ms()
    for part, one in said.items():
        where = (fusion_parts.c.entry_id == entry_id) & (fusion_parts.c.part == part) & (fusion_parts.c.outcome != OK)
        values = {"outcome": one.outcome, "number": one.answer.number, "message": one.message, "asked_ms": now}
        if not connection.execute(update(fusion_parts).where(where).values(**values)).rowcount:
            continue
        if one.outcome == OK:
            join(connection, entry_id, "business", part, one.answer.number, now)
            for number in one.answer.data:
                join(connection, entry_id, "data", part, number, now)
    outcomes = {part: one.outcome for part, one in said.items()}
    if outcomes:
        audit.append(connection, now, caller.name, "fusion.ask", entry_id, outcomes=outcomes)
