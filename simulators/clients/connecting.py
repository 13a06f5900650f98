"""How a simulated client reaches a platform: a wire profile's client over HTTP, with demo credentials by default."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reference.ecard.verbs import Account, AccountWithCodes, Query, Register, Who
from reference.front_end.carrier import HttpCarrier
from reference.front_end.facts import ProfileCarries, carried_by
from reference.front_end.line import Line, MillisecondClock
from reference.gateway.demo import demo_credentials
from reference.gateway.profiles import CLIENTS
from reference.gateway.wire import Credentials, UnsupportedVerb, WireRefusal
from reference.ports import Randomness

SECONDS = 10.0
"""How long an answer may take."""


@dataclass(frozen=True)
class Connection:
    """A line to a platform, what its profile can carry, and the client's clock."""

    line: Line
    carries: ProfileCarries
    clock: MillisecondClock


def connect(
    profile: str,
    address: str,
    clock: MillisecondClock,
    randomness: Randomness,
    *,
    terminal: str = "",
    credentials: Credentials | None = None,
) -> Connection:
    """A connection in a wire profile. Raises KeyError for an unknown profile, WrongAddress."""
    known = credentials or demo_credentials(profile)
    client = CLIENTS[profile](replace(known, terminal=terminal or known.terminal))
    carrier = HttpCarrier(address, SECONDS, keep=False)
    return Connection(Line(client, carrier, clock, randomness), carried_by(profile), clock)


def registered(connection: Connection, register: Register) -> Account:
    """The account of a registration; of somebody registered before, where the profile refuses that (Qinghai 6009)."""
    person = register.person
    try:
        account = connection.line.ask(register)
    except WireRefusal as refused:
        if refused.ids != {"account.already-registered"}:
            raise
        found = connection.line.ask(Query(who=Who(id_type=person.id_type, id_number=person.id_number)))
        assert isinstance(found, AccountWithCodes), "a query is answered with the account"
        account = found.account
    assert isinstance(account, Account), "a registration is answered with the account"
    return account


def named(carries: ProfileCarries, id_type: str, id_number: str, ecard_id: str) -> Who:
    """The resident as the profile names him where a code is applied for."""
    if carries.named_by == "card":
        return Who(ecard_id=ecard_id)
    if not id_number:
        raise UnsupportedVerb("a resident named by card alone")
    return Who(id_type=id_type, id_number=id_number)
