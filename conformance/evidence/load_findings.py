"""What it means when a platform misses a bound under load: the fault's name, likely causes, and what to do next.

Source: decisions of the project; the words of every figure, in both languages, stand here too.
"""

from __future__ import annotations

from typing import Final

import msgspec

from conformance.evidence.under_load import Bound, Figure
from reference.languages import Text, say

FIGURE_NAMES: Final[dict[Figure, Text]] = {
    "wrong_accepts": say("wrong accepts"),
    "wrong_refusals": say("wrong refusals"),
    "wrong_reasons": say("wrong reasons"),
    "lost_events": say("lost use records"),
    "double_uses": say("double uses"),
    "error_share": say("share of errors"),
    "throughput": say("throughput"),
    "p50_ms": say("response time p50"),
    "p95_ms": say("response time p95"),
    "p99_ms": say("response time p99"),
    "p999_ms": say("response time p99.9"),
    "generator_lag_p99_ms": say("generator lag p99"),
    "interruptions": say("interruptions of the run"),
}


class Fault(msgspec.Struct, frozen=True):
    """A way in which a platform fails under load."""

    name: str
    summary: Text
    causes: tuple[Text, ...]
    remedy: Text


_QUEUE = (
    say("Does a pool (threads, connections to the database, crypto machine) hold requests back?"),
    say("Does each use wait for a disk of its own, where many could be written together?"),
)
_SLOW = Fault(
    "TooSlow",
    say("The platform answers later than the bound allows."),
    _QUEUE,
    say("Compare response time with service time below: where both are long the platform is slow, else it queues."),
)

KINDS_OF_FAULT: Final[dict[Figure, Fault]] = {
    "wrong_accepts": Fault(
        "WrongAccept",
        say("The platform accepted codes that no state during the request allowed."),
        (
            say("Is the code looked up among the issued ones, or is a correct token enough?"),
            say("Does a cache answer for codes that were cancelled or superseded since?"),
        ),
        say("Look at the kinds among the wrong answers: each kind stands for one check that is missing."),
    ),
    "wrong_refusals": Fault(
        "WrongRefusal",
        say("The platform refused codes that every state during the request allowed."),
        (
            say("Does a lock or a time limit under load end as a refusal, where it is an error?"),
            say("Do the clocks of the workers differ by more than a code is early or late?"),
        ),
        say("Look at the reasons among the wrong answers, and show one of these codes alone."),
    ),
    "wrong_reasons": Fault(
        "WrongReason",
        say("The platform refused with a reason that does not apply."),
        (say("Is the order of checks another one than that of the reasons?"),),
        say("Look at the reasons among the wrong answers, and at the table of refusals."),
    ),
    "lost_events": Fault(
        "LostUse",
        say("Answered verifications are missing in the platform's record of uses."),
        (
            say("Is the answer sent before the use is on the disk?"),
            say("Are uses collected in memory and dropped when there are too many?"),
        ),
        say("Write the use in the transaction of the verification, and answer when it is durable."),
    ),
    "double_uses": Fault(
        "DoubleUse",
        say("A single-use code was accepted more than once."),
        (
            say("Is the number of uses read, decided on and written in separate steps?"),
            say("Does each worker count the uses for itself?"),
        ),
        say("Count the use by one conditional change in the database, and refuse where it changed nothing."),
    ),
    "error_share": Fault(
        "TooManyErrors",
        say("Too many verifications remained without an answer that serves."),
        (*_QUEUE, say("Does a quota or a guard of the platform count the generator as one terminal?")),
        say("Look at the faults below and at the platform's log of the same minutes."),
    ),
    "throughput": Fault(
        "TooFewAnswers",
        say("The platform answers fewer verifications a second than the bound demands."),
        (*_QUEUE, say("Does the schedule ask for as many as the bound? More cannot be answered than are asked.")),
        say("Search the saturation point with rising rates, then look where the time goes."),
    ),
    "p50_ms": _SLOW,
    "p95_ms": _SLOW,
    "p99_ms": _SLOW,
    "p999_ms": _SLOW,
}
"""By figure: what a missed bound is called; figures of the run itself accuse nobody."""


def figure_text(figure: Figure, value: float | None) -> Text:
    """The value with its unit."""
    if value is None:
        return say("unknown")
    if figure == "throughput":
        return say("{value:.1f} a second", value=value)
    if figure == "error_share":
        return say("{value:.3%}", value=value)
    if figure.endswith("_ms"):
        return say("{value:.3f} ms", value=value)
    return Text(f"{value:.0f}", f"{value:.0f}")


def _as_written(bound: Bound) -> Text:
    """The limit with its unit, with no more digits than it was given."""
    if bound.figure == "throughput":
        return say("{value:g} a second", value=bound.limit)
    if bound.figure == "error_share":
        return Text(f"{bound.limit * 100:g}%", f"{bound.limit * 100:g}%")
    if bound.figure.endswith("_ms"):
        return say("{value:g} ms", value=bound.limit)
    return Text(f"{bound.limit:g}", f"{bound.limit:g}")


def limit_text(bound: Bound) -> Text:
    """The bound with its side and unit."""
    limit = _as_written(bound)
    if bound.side == "least":
        return say("at least {limit}", limit=limit)
    return say("at most {limit}", limit=limit)
