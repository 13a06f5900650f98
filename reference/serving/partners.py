"""Partners of lifelong records and of the one entry to care, insurance and drugs: ports, and how they fail.

Every call is bounded in time by whoever implements the port; nothing is asked inside a transaction.
Source: P-EMPI-08, P-FUSE-03; the form of the ports is a decision.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from reference.ecard.verbs import PartName, Person


class PartnerAway(Exception):
    """A partner does not answer in time; nothing is known to have been done."""


class PartnerRefused(Exception):
    """A partner says no: his own code and words, without personal data."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code} {message}".strip())
        self.code, self.message = code, message


class KeptRecord(msgspec.Struct, frozen=True):
    """A record as its keeper gives it."""

    media_type: str
    content: bytes

    def __repr__(self) -> str:
        return f"«KeptRecord {self.media_type}»"


class RecordKeeper(Protocol):
    """An institution that keeps records."""

    def fetch(self, locator: str) -> KeptRecord | None:
        """The record of this locator; None when it is not there any more. Raises PartnerAway."""
        ...


class PartQuestion(msgspec.Struct, frozen=True):
    """What an owner is asked of his part: for whom, at which visit and step. ``entry_id`` goes to every owner, so that
    care, insurance, drugs and money can be joined at their side too."""

    entry_id: str
    person: Person
    index_id: str
    institution: str
    visit: str
    step: str

    def __repr__(self) -> str:
        return f"«PartQuestion {self.entry_id}»"


class PartAnswer(msgspec.Struct, frozen=True):
    """An owner's answer: his own number of the business, numbers of data that belong to it, and what he tells."""

    number: str
    data: tuple[str, ...] = ()
    told: dict[str, str] = msgspec.field(default_factory=dict)

    def __repr__(self) -> str:
        return f"«PartAnswer {self.number}»"


class PartOwner(Protocol):
    """The owner of one part: the hospital's care, medical insurance, the drug platform, a payment provider."""

    def ask(self, question: PartQuestion) -> PartAnswer:
        """What the owner says of his part; asked twice under one ``entry_id`` he answers alike.

        Raises PartnerRefused, PartnerAway.
        """
        ...


class Payer(Protocol):
    """An owner who bears money. ``key`` is the settlement's id: under one key everything happens once.

    A key that was released is never reserved again: a reservation that arrives late is refused.
    """

    def reserve(self, key: str, entry_id: str, part: PartName, amount: int) -> str:
        """Set the amount (fen) aside; the payer's own number. Raises PartnerRefused, PartnerAway."""
        ...

    def pay(self, key: str) -> None:
        """Pay what was reserved; again changes nothing. Raises PartnerAway."""
        ...

    def release(self, key: str) -> None:
        """Give back what was reserved, if anything was; again changes nothing. Raises PartnerAway."""
        ...


class VoucherReader(Protocol):
    """Medical insurance, for its own vouchers."""

    def holder(self, text: str, step: str, request: str) -> Person:
        """Whose voucher it is: document and name. Raises PartnerRefused, PartnerAway."""
        ...
