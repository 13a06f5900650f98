"""One card for care, insurance and drugs (三医联动, P-FUSE-03): the entry, the flows that it joins, and settlements.

Each owner validates its own part; what fails is shown apart. Amounts are whole fen. Source: the function as Opinion 34
names it; the form of the verbs is a decision.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from reference.ecard.verbs.people import Hex64, Record

PartName = Literal["care", "insurance", "drugs", "payment"]
Flow = Literal["business", "data", "money"]


class OpenEntry(Record, frozen=True, kw_only=True, tag=True):
    """A resident shows his card, or his insurance voucher, for a visit. Answer: `Entry`.

    ``visit`` is the institution's own number of the visit, ``step`` the step of care; ``request`` makes a repeated
    request recognisable: the same one is answered with the entry as it stands, and no owner is asked again.
    """

    text: str
    visit: str
    request: str
    step: str = ""
    parts: tuple[PartName, ...] = ("care", "insurance", "drugs", "payment")

    def __repr__(self) -> str:
        return "«OpenEntry»"


class AskAgain(Record, frozen=True, kw_only=True, tag=True):
    """Ask the owners again whose parts failed or who were away. Answer: `Entry`."""

    entry_id: str


class QueryEntry(Record, frozen=True, kw_only=True, tag=True):
    """An entry with everything that was joined to it. Answer: `Entry`."""

    entry_id: str


class EntryPart(Record, frozen=True, kw_only=True):
    """What one owner said. ``outcome``: ``ok``, ``refused``, ``away`` or ``unconnected``; ``number`` is the owner's own
    number of it, ``told`` what he tells of it (only in the answer that asked him, never kept)."""

    part: PartName
    outcome: str
    number: str = ""
    message: str = ""
    told: dict[str, str] = msgspec.field(default_factory=dict)

    def __repr__(self) -> str:
        return f"«EntryPart {self.part} {self.outcome}»"


class JoinFlow(Record, frozen=True, kw_only=True, tag=True):
    """Join an owner's own number to an entry: an order, a dispensing, a report. Answer: `Entry`.

    Numbers of money come from settlements alone.
    """

    entry_id: str
    part: PartName
    flow: Literal["business", "data"]
    number: str


class JoinedNumber(Record, frozen=True, kw_only=True):
    """A number of one of the three flows."""

    flow: Flow
    part: PartName
    number: str
    joined_ms: int


class Share(Record, frozen=True, kw_only=True):
    """What one payer bears, in fen."""

    payer: PartName
    amount: int


class Settle(Record, frozen=True, kw_only=True, tag=True):
    """Settle a bill over all its payers, all of them or none. Answer: `Settlement`.

    ``bill`` is the institution's own number; the same bill again is answered with what became of it. The shares add up
    to ``total``.
    """

    entry_id: str
    bill: str
    total: int
    shares: tuple[Share, ...]


class FinishSettlement(Record, frozen=True, kw_only=True, tag=True):
    """Bring a settlement to its end that a payer's silence, or a crash, has left on the way. Answer: `Settlement`."""

    settlement_id: str


class Movement(Record, frozen=True, kw_only=True):
    """One payer's share. ``state``: ``planned``, ``reserved``, ``paid`` or ``released``; ``number`` is the payer's."""

    payer: PartName
    amount: int
    state: str
    number: str = ""


class Settlement(Record, frozen=True, kw_only=True):
    """A bill and its movements.

    ``state``: ``reserving``, ``paying`` (decided: all payers have reserved), ``paid``, ``releasing`` (decided: one has
    refused), ``released``. ``reason`` says why it was released.
    """

    settlement_id: str
    entry_id: str
    bill: str
    total: int
    state: str
    movements: tuple[Movement, ...]
    reason: str = ""


class Entry(Record, frozen=True, kw_only=True):
    """One visit's entry: whose it is, what each owner said, and the numbers of all three flows."""

    entry_id: str
    index_id: Hex64
    visit: str
    entered_by: str
    """The owner of the code that was shown: ``ehc-national``, ``ehc-local`` or ``medical-insurance``."""
    opened_ms: int
    parts: tuple[EntryPart, ...]
    joined: tuple[JoinedNumber, ...] = ()
    settlements: tuple[Settlement, ...] = ()

    @property
    def outcome(self) -> str:
        """``ok``, ``partly``, or ``failed`` where no owner has accepted his part."""
        accepted = sum(part.outcome == "ok" for part in self.parts)
        return "failed" if not accepted else "ok" if accepted == len(self.parts) else "partly"
