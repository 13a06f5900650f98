"""Finding accounts: by any of a resident's names, by another card; and counting the cards of an institution.

Source: EC-QH E0005, E0017; P-ECARD-02 (old ids lead to the account), P-ECARD-16.
"""

from __future__ import annotations

from sqlalchemy import func, select

from reference.accounts.records import found
from reference.ecard.moments import DAY, moment_of
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    Caller,
    Count,
    CountCards,
    FindByMedium,
    Query,
    Who,
)
from reference.qr.in_force import codes_in_force
from reference.serving import Surroundings, serves
from reference.store.account_rows import account_of, state_refusal
from reference.store.account_tables import accounts, media

DATE = "yyyyMMdd"


@serves(Query)
def query(surroundings: Surroundings, caller: Caller, verb: Query) -> AccountWithCodes:
    """An account with the codes that hold now; none where the card does not hold. Source: EC-QH E0005."""
    with surroundings.store.read() as connection:
        row = found(connection, surroundings, verb.who)
        if state_refusal(row["state"], surroundings.tables) is not None:
            return AccountWithCodes(account=account_of(row))
        now = surroundings.clock.now_ms()
        codes = codes_in_force(surroundings, connection, row["ecard_id"], now, caller.profile, row["colour"])
        return AccountWithCodes(account=account_of(row), codes=codes)


@serves(FindByMedium)
def find_by_medium(surroundings: Surroundings, caller: Caller, verb: FindByMedium) -> Account:
    """The account behind another card. Raises Refusal ``media.not-linked``."""
    with surroundings.store.read() as connection:
        index_id = connection.scalar(
            select(media.c.index_id).where(
                media.c.medium == verb.medium, media.c.issuer == verb.issuer, media.c.number == verb.number
            )
        )
        if index_id is None:
            raise Refusal("media.not-linked")
        return account_of(found(connection, surroundings, Who(index_id=index_id)))


@serves(CountCards)
def count_cards(surroundings: Surroundings, caller: Caller, verb: CountCards) -> Count:
    """Cards that an institution registered in a span of days in China, both included. Source: EC-QH E0017."""
    first = moment_of(verb.first_date, DATE, "first_date")
    end = moment_of(verb.last_date, DATE, "last_date") + DAY
    if end <= first:
        raise Refusal("request.field-malformed", "last_date")
    registered = accounts.c.registered_ms
    with surroundings.store.read() as connection:
        number = connection.scalar(
            select(func.count())
            .select_from(accounts)
            .where(accounts.c.institution == verb.institution, registered >= first, registered < end)
        )
    return Count(count=number or 0)
