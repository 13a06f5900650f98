"""Why a flow of the reference terminal ends early although no rule was broken: each says what, why and what to do next.

Follows APP11 5.1.1, 5.4 to 5.6, 6.4 and 7.2, whose flow charts end in these cases. What the card does wrong is a
violation (`reference.card.violations`) and not one of these.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from reference.languages import Text, say


class FlowEnded(Exception):
    """Base of all: ``text`` explains it in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class WrongSamType(FlowEnded):
    """The SAM's type does not hold the keys that the flow needs; the card was not touched."""

    def __init__(self, flow: Text, found: int, needed: Sequence[int], missing: Sequence[str]) -> None:
        self.found, self.needed, self.missing = found, tuple(needed), tuple(missing)
        super().__init__(
            say(
                "For {flow} a SAM of type {needed} is needed; this one is of type {found} and lacks {keys}. The card "
                "was not touched: put in a SAM of that type and start again.",
                flow=flow,
                needed=", ".join(map(str, needed)),
                found=found,
                keys=", ".join(missing),
            )
        )


class UnknownSamType(FlowEnded):
    """The SAM says that it is of a type that the tables do not have; the card was not touched."""

    def __init__(self, found: bytes, known: Sequence[int]) -> None:
        super().__init__(
            say(
                "The SAM names its type as {found}; known types are {known}. The card was not touched: check that a "
                "SAM is in the SAM's reader.",
                found=found.hex().upper() or "–",
                known=", ".join(map(str, known)),
            )
        )


class WrongPin(FlowEnded):
    """The SAM's PIN is wrong or blocked; nothing was written to the card."""

    def __init__(self, answer: Text, *, tries: int | None) -> None:
        self.tries = tries
        left = say("tries left: {tries}", tries=tries) if tries is not None else answer
        super().__init__(say("The SAM does not accept the PIN ({left}). Nothing was written to the card.", left=left))


class CardExpired(FlowEnded):
    """The card's validity is over (APP11 figure 5-1)."""

    def __init__(self, expiry: datetime.date, today: datetime.date) -> None:
        self.expiry = expiry
        super().__init__(
            say(
                "The card was valid until {expiry}, today is {today}: the holder has to have it renewed.",
                expiry=expiry,
                today=today,
            )
        )


class NoFreeVisitRecord(FlowEnded):
    """No record of the index is free (APP11 6.4.1.3 (3), 6.4.2.3 (3))."""

    def __init__(self, index: str) -> None:
        super().__init__(
            say(
                "{index} has no free record: the visit cannot be recorded. Settle one of the recorded visits first.",
                index=index,
            )
        )


class NoVisitToSettle(FlowEnded):
    """No record of the index is valid (APP11 6.4.3.3 (2), 6.4.4.3 (2))."""

    def __init__(self, index: str) -> None:
        super().__init__(say("{index} names no recorded visit: there is nothing to settle.", index=index))


class SignatureNotAccepted(FlowEnded):
    """The back end does not accept the visit's signature (APP11 6.4.3.3 (6)); the card was left as it is."""

    def __init__(self, file: str, reason: Text) -> None:
        self.reason = reason
        super().__init__(
            say("The visit in {file} is not settled: {reason}. The card was left as it is.", file=file, reason=reason)
        )


class CommandRefused(FlowEnded):
    """The card refuses a command although all its conditions were met."""

    def __init__(self, command: Text | str, place: str, answer: Text) -> None:
        super().__init__(
            say("The card refuses {command} ({place}): {answer}.", command=command, place=place or "MF", answer=answer)
        )
