"""What the platform's services lean on, all of it handed in: store, crypto machine, partners, clock, chance, tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from reference.ecard.verbs import PartName, Person, Proof
from reference.ports import CryptoMachine, Randomness
from reference.serving.partners import PartOwner, Payer, RecordKeeper, VoucherReader
from reference.standard.ecard import EcardTables
from reference.store import Store


class PlatformClock(Protocol):
    """The platform's clock."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        ...


class RealNameResult(StrEnum):
    """What a real-name check says."""

    SAME = "same"
    DIFFERENT = "different"
    UNDECIDED = "undecided"
    """No online check for this document or age: a person has to audit the application."""


class RealNameCheck(Protocol):
    """The police's population data, the face check, the birth-certificate system behind one port.

    Routes by age and document: Guangdong (0–16 birth certificate, 17–59 face, from 60 household register).
    """

    def check(self, person: Person, proof: Proof, today: str) -> RealNameResult:
        """Whether document, name and proof belong together on this date (YYYYMMDD).

        Raises Refusal ``person.real-name-unavailable`` when the check does not answer in time.
        """
        ...


class Bank(Protocol):
    """The financial-transaction institutions behind one port (P-BANK-02)."""

    def verify(self, person: Person, bank: str, number: str, phone: str, one_time_code: str) -> str:
        """The bank's token for the card, when name, number, phone and card belong together and the code is right.

        Raises Refusal ``bank.not-verified`` or ``bank.unavailable``.
        """
        ...

    def has_open_debt(self, bank: str, bank_token: str) -> bool:
        """Whether a payment is open on the card. Raises Refusal ``bank.unavailable``."""
        ...


@dataclass(frozen=True)
class Surroundings:
    """One platform's surroundings."""

    store: Store
    machine: CryptoMachine
    clock: PlatformClock
    randomness: Randomness
    tables: EcardTables
    real_name: RealNameCheck
    bank: Bank
    issuer: str = "5101A0001"
    """The issuing platform's code, last field of the Sichuan code text (4-digit region, letter, serial)."""
    keepers: Mapping[str, RecordKeeper] = field(default_factory=dict)
    """Who keeps records, by code of institution."""
    owners: Mapping[PartName, PartOwner] = field(default_factory=dict)
    """Who owns which part of care, insurance, drugs and payment."""
    payers: Mapping[PartName, Payer] = field(default_factory=dict)
    """Which of them bear money."""
    vouchers: VoucherReader | None = None
    """Who reads the vouchers of medical insurance."""

    def identifier(self) -> str:
        """A new id of 32 hexadecimal digits."""
        return self.randomness.bytes(16).hex()
