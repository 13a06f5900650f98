"""A bank, simulated: it verifies four elements with a one-time code and knows of open debts.

A card belongs to whoever names it first; the one-time code is always the same. Source: P-ECARD-04 (name, number, phone,
card and one-time code), P-ECARD-05 (no unbinding while a payment is open); the rules of the simulation are decisions.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Person

ONE_TIME_CODE = "246810"
"""The one-time code that the simulated bank has sent to everybody."""
SECRET = b"simulated bank"


@dataclass
class SimulatedBank:
    """A `Bank`; tests and demos open and settle debts by token."""

    available: bool = True
    holders: dict[tuple[str, str], tuple[str, str, str]] = field(default_factory=dict)
    debts: set[tuple[str, str]] = field(default_factory=set)

    def verify(self, person: Person, bank: str, number: str, phone: str, one_time_code: str) -> str:
        """The token of the card, the same each time. Raises Refusal ``bank.not-verified``, ``bank.unavailable``."""
        self._answer()
        if not hmac.compare_digest(one_time_code.encode(), ONE_TIME_CODE.encode()) or not passes_luhn(number):
            raise Refusal("bank.not-verified")
        elements = (person.name, person.id_number, phone)
        if self.holders.setdefault((bank, number), elements) != elements:
            raise Refusal("bank.not-verified")
        return hmac.new(SECRET, f"{bank}\n{number}".encode(), lambda: hashlib.new("sm3")).hexdigest()[:32]

    def has_open_debt(self, bank: str, bank_token: str) -> bool:
        """Whether a payment is open on the card. Raises Refusal ``bank.unavailable``."""
        self._answer()
        return (bank, bank_token) in self.debts

    def open_debt(self, bank: str, bank_token: str) -> None:
        """A payment waits for its settlement."""
        self.debts.add((bank, bank_token))

    def settle_debt(self, bank: str, bank_token: str) -> None:
        """The payment is settled."""
        self.debts.discard((bank, bank_token))

    def _answer(self) -> None:
        if not self.available:
            raise Refusal("bank.unavailable")


def passes_luhn(number: str) -> bool:
    """Whether the last digit of a card number follows from the others (ISO/IEC 7812-1)."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
