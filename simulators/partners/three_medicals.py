"""Care, insurance, drugs and payment, simulated (三医联动, P-FUSE-03): owners of parts, payers, the reader of vouchers.

An owner's number follows from the entry, so that he answers alike when asked again. A payer has a balance and knows
every settlement by its key: reserved, paid or released, once each. The rules are decisions of the simulation.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reference.ecard.verbs import PartName, Person
from reference.serving import PartAnswer, PartnerAway, PartnerRefused, PartQuestion

RESERVED, PAID, RELEASED = "reserved", "paid", "released"


@dataclass
class SimulatedOwner:
    """A `PartOwner`: accepts everybody but ``refused``, people by document number; ``data`` goes with each answer."""

    part: PartName
    available: bool = True
    refused: set[str] = field(default_factory=set)
    data: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    def ask(self, question: PartQuestion) -> PartAnswer:
        """The owner's own number and a word. Raises PartnerRefused, PartnerAway."""
        self.asked.append(question.entry_id)
        if not self.available:
            raise PartnerAway
        if question.person.id_number in self.refused:
            raise PartnerRefused("E01", f"not known to {self.part}")
        return PartAnswer(f"{self.part}-{question.entry_id[:12]}", self.data, {"visit": question.visit})


@dataclass
class Share:
    """What a payer knows of one settlement."""

    amount: int
    state: str


@dataclass
class SimulatedPayer:
    """A `Payer` with a balance in fen. ``silent_at`` names a call (reserve, pay, release) that gets no answer;
    ``lost_at`` one that is done, its answer lost."""

    balance: int
    silent_at: set[str] = field(default_factory=set)
    lost_at: set[str] = field(default_factory=set)
    shares: dict[str, Share] = field(default_factory=dict)

    def reserve(self, key: str, entry_id: str, part: PartName, amount: int) -> str:
        """Take the amount from the balance, once a key. Raises PartnerRefused, PartnerAway."""
        self._answer("reserve")
        known = self.shares.get(key)
        if known is None:
            if amount > self.balance:
                raise PartnerRefused("E51", "balance too low")
            self.balance -= amount
            self.shares[key] = Share(amount, RESERVED)
        elif known.state == RELEASED:
            raise PartnerRefused("E52", "released before")
        self._lose("reserve")
        return f"{part}-{key[:12]}"

    def pay(self, key: str) -> None:
        """Pay what was reserved. Raises PartnerAway."""
        self._answer("pay")
        assert self.shares[key].state != RELEASED, "nobody pays what was given back"
        self.shares[key].state = PAID
        self._lose("pay")

    def release(self, key: str) -> None:
        """Give back what was reserved; a key that was never heard of is released all the same. Raises PartnerAway."""
        self._answer("release")
        known = self.shares.setdefault(key, Share(0, RELEASED))
        assert known.state != PAID, "nobody gives back what was paid"
        if known.state == RESERVED:
            self.balance += known.amount
            known.state = RELEASED
        self._lose("release")

    def _answer(self, call: str) -> None:
        if call in self.silent_at:
            raise PartnerAway

    def _lose(self, call: str) -> None:
        if call in self.lost_at:
            raise PartnerAway


@dataclass
class SimulatedInsurer:
    """A `VoucherReader`: knows the holders of its vouchers."""

    holders: dict[str, Person] = field(default_factory=dict)
    available: bool = True

    def holder(self, text: str, step: str, request: str) -> Person:
        """Whose voucher it is. Raises PartnerRefused, PartnerAway."""
        if not self.available:
            raise PartnerAway
        if text not in self.holders:
            raise PartnerRefused("E10", "unknown voucher")
        return self.holders[text]
