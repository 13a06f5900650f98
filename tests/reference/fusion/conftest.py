"""A platform whose owners of care, insurance, drugs and payment are simulated; two of them bear money."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

import reference.fusion
from reference.ecard.verbs import Account, ApplyCode, Caller, Code, Entry, OpenEntry, Settle, Settlement, Share
from reference.serving import Surroundings
from reference.store import Store, audit
from reference.store.consistency import inconsistencies
from simulators.partners import SimulatedInsurer, SimulatedOwner, SimulatedPayer
from tests.platform import SettableClock, ask, surroundings
from tests.reference.accounts.cards import registered, who

assert reference.fusion

HOSPITAL = Caller(
    profile="core", app="his", institution="510100002", terminal="5101000020001", channel="01", operator="cashier-1"
)
VOUCHER = "424" + "1" * 25
PARTS = ("care", "insurance", "drugs", "payment")


@dataclass
class Hospital:
    """What a test asks, and the partners that it tells what to do."""

    platform: Surroundings
    clock: SettableClock
    owners: dict[str, SimulatedOwner]
    payers: dict[str, SimulatedPayer]
    insurer: SimulatedInsurer
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def resident(self) -> Account:
        return registered(self.platform)

    def code(self, account: Account) -> str:
        return ask(self.platform, ApplyCode(who=who(account), kind="dynamic", refresh=True), Code).text

    def enter(self, text: str, request: str = "", visit: str = "V-1") -> Entry:
        verb = OpenEntry(text=text, visit=visit, request=request or f"request-{next(self.numbers)}", step="010101")
        return ask(self.platform, verb, Entry, HOSPITAL)

    def entered(self) -> Entry:
        return self.enter(self.code(self.resident()))

    def settle(self, entry: Entry, insurance: int = 7000, payment: int = 3000, bill: str = "B-1") -> Settlement:
        shares = (Share(payer="insurance", amount=insurance), Share(payer="payment", amount=payment))
        verb = Settle(entry_id=entry.entry_id, bill=bill, total=insurance + payment, shares=shares)
        return ask(self.platform, verb, Settlement, HOSPITAL)

    def balances(self) -> tuple[int, int]:
        return self.payers["insurance"].balance, self.payers["payment"].balance


@pytest.fixture
def hospital(store: Store) -> Iterator[Hospital]:
    """Everybody is connected; afterwards nothing in the database contradicts anything else."""
    clock = SettableClock()
    owners = {part: SimulatedOwner(part) for part in PARTS}  # type: ignore[arg-type]
    payers = {"insurance": SimulatedPayer(100_000), "payment": SimulatedPayer(50_000)}
    insurer = SimulatedInsurer()
    platform = replace(
        surroundings(store, clock=clock),
        owners=owners,  # type: ignore[arg-type]
        payers=payers,  # type: ignore[arg-type]
        vouchers=insurer,
    )
    yield Hospital(platform, clock, owners, payers, insurer)
    with store.read() as connection:
        assert inconsistencies(connection) == []
        audit.check(connection)
