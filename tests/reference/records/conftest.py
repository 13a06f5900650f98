"""A platform with two hospitals, each of which keeps a record of one resident under a number of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

import reference.records
from reference.ecard.verbs import (
    Account,
    AddInstitution,
    ApplyCode,
    Authorisation,
    Caller,
    Code,
    Done,
    GatherRecords,
    GrantAccess,
    Institution,
    OpenedRecord,
    OpenRecord,
    Person,
    RecordEntry,
    Records,
    RegisterRecords,
    Reported,
    Who,
)
from reference.index import registering
from reference.index.acts import Act
from reference.index.identity import Identity
from reference.serving import Surroundings
from reference.store import Store, audit
from reference.store.consistency import inconsistencies
from simulators.partners import SimulatedKeeper
from tests.platform import ONLINE, SettableClock, ask, citizen, surroundings
from tests.reference.accounts.cards import registered, who

assert reference.records

CITY, TOWN = "510100002", "510100003"
HOUR_MS = 3_600_000


def doctor(institution: str = TOWN, operator: str = "doctor-1") -> Caller:
    return Caller(profile="core", app=f"app-{institution}", institution=institution, operator=operator)


@dataclass
class Region:
    """What a test asks; ``keepers`` are the two hospitals' stores of documents."""

    platform: Surroundings
    clock: SettableClock
    keepers: dict[str, SimulatedKeeper]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def resident(self, person: Person | None = None) -> Account:
        return registered(self.platform, person or citizen())

    def known_at(self, institution: str, person: Person, local_id: str) -> str:
        """Register a hospital's own number of a person in the master index; his index id."""
        act = Act(f"app-{institution}", self.clock.now_ms(), self.platform.identifier)
        identity = Identity(id_type=person.id_type, id_number=person.id_number, name=person.name)
        with self.platform.store.begin() as connection:
            return registering.register(connection, act, identity, institution, local_id).index_id

    def keep(
        self, institution: str, local_id: str, kind: str = "laboratory", dated: str = "20251201", domain: str = ""
    ) -> str:
        """A hospital keeps a document and registers it; its locator."""
        locator = f"{institution}/{kind}/{next(self.numbers)}"
        self.keepers[institution].keep(locator, f"report {locator}")
        entry = RecordEntry(domain=domain or institution, local_id=local_id, kind=kind, dated=dated, locator=locator)
        ask(self.platform, RegisterRecords(entries=(entry,)), Reported, doctor(institution))
        return locator

    def dynamic(self, account: Account) -> str:
        verb = ApplyCode(who=who(account), kind="dynamic", refresh=True)
        return ask(self.platform, verb, Code).text

    def grant(self, account: Account, reader: str = TOWN, hours: int = 24, **fields: object) -> Authorisation:
        """The resident authorises, by default with the code that he shows, for laboratory reports and treatment."""
        shown: dict[str, object] = {} if {"proof", "code"} & fields.keys() else {"code": self.dynamic(account)}
        given: dict[str, object] = {
            "who": who(account),
            "purpose": "treatment",
            "kinds": ("laboratory",),
            "until_ms": self.clock.now_ms() + hours * HOUR_MS,
        }
        verb = GrantAccess(**(given | shown | fields))  # type: ignore[arg-type]
        return ask(self.platform, verb, Authorisation, doctor(reader))

    def gather(self, account: Account, caller: Caller | None = None, **fields: object) -> Records:
        verb = GatherRecords(who=who(account), **fields)  # type: ignore[arg-type]
        return ask(self.platform, verb, Records, caller or doctor())

    def open(self, record_id: str, caller: Caller | None = None, emergency: str = "") -> OpenedRecord:
        verb = OpenRecord(record_id=record_id, purpose="treatment", emergency=emergency)
        return ask(self.platform, verb, OpenedRecord, caller or doctor())

    def own_record(self, account: Account, institution: str = CITY, **fields: object) -> str:
        """The id of the one record that a hospital itself sees of a resident."""
        (found,) = self.gather(account, doctor(institution), **fields).records
        return found.record_id


@pytest.fixture
def region(store: Store) -> Iterator[Region]:
    """Both hospitals stand in the access platform; afterwards nothing in the database contradicts anything else."""
    clock = SettableClock()
    keepers = {CITY: SimulatedKeeper(), TOWN: SimulatedKeeper()}
    platform = replace(surroundings(store, clock=clock), keepers=keepers)
    for code in keepers:
        institution = Institution(code=code, name=f"医院{code}")
        ask(platform, AddInstitution(institution=institution), Institution)
    yield Region(platform, clock, keepers)
    with store.read() as connection:
        assert inconsistencies(connection) == []
        audit.check(connection)


__all__ = ["CITY", "HOUR_MS", "ONLINE", "TOWN", "Done", "Region", "Who", "doctor", "region"]
