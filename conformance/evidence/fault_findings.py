"""What it means when a platform breaks a promise while workers are killed: the fault's name, causes, what to do next.

Source: decisions of the project; the words of every figure of a soak, in both languages, stand here too.
"""

from __future__ import annotations

from typing import Final

from conformance.evidence import load_findings
from conformance.evidence.load_findings import Fault
from conformance.evidence.staged_faults import FaultBound, FaultFigure
from conformance.evidence.under_faults import SoakBound, SoakFigure
from reference.languages import Text, say

FIGURE_NAMES: Final[dict[SoakFigure, Text]] = {
    "wrong_accepts": load_findings.FIGURE_NAMES["wrong_accepts"],
    "wrong_refusals": load_findings.FIGURE_NAMES["wrong_refusals"],
    "wrong_reasons": load_findings.FIGURE_NAMES["wrong_reasons"],
    "double_uses": load_findings.FIGURE_NAMES["double_uses"],
    "lost_events": load_findings.FIGURE_NAMES["lost_events"],
    "repeated_events": say("requests with more than one use record"),
    "unasked_events": say("use records of requests that nobody sent or that were turned away"),
    "broken_logs": say("books that do not check out"),
    "longest_gap_s": say("longest time until a killed worker was replaced"),
    "longest_silence_s": say("longest time without an answer that serves"),
    "memory_growth": say("growth of a worker's memory"),
    "accepted": say("codes accepted"),
    "not_shown": say("codes not shown"),
    "given_up": say("codes given up"),
    "kills": say("workers killed"),
}

KINDS_OF_FAULT: Final[dict[SoakFigure, Fault]] = {
    "wrong_accepts": load_findings.KINDS_OF_FAULT["wrong_accepts"],
    "wrong_refusals": load_findings.KINDS_OF_FAULT["wrong_refusals"],
    "wrong_reasons": load_findings.KINDS_OF_FAULT["wrong_reasons"],
    "double_uses": load_findings.KINDS_OF_FAULT["double_uses"],
    "lost_events": load_findings.KINDS_OF_FAULT["lost_events"],
    "repeated_events": Fault(
        "RepeatedUse",
        say("One request stands in the record of uses more than once."),
        (say("Does a worker that is started again repeat what the dead one had written already?"),),
        say("Make the number of the request unique in the record of uses."),
    ),
    "unasked_events": Fault(
        "UnaskedUse",
        say("The record of uses holds uses of requests that nobody sent, or that were told to come back later."),
        (say("Is a use written, and its code used up, before it is known that the request can be served?"),),
        say("Write use and answer from one decision, in one transaction."),
    ),
    "broken_logs": Fault(
        "BrokenBooks",
        say("Audit log, use log or database do not check out after all processes were ended at once."),
        (
            say("Does the database report writes as done that are not on the disk?"),
            say("Can two workers append to the same chain of records at once?"),
        ),
        say("Look at the first entry that does not check out, and at what was killed at that time."),
    ),
    "longest_gap_s": Fault(
        "NotReplaced",
        say("A worker that was killed was not replaced in time."),
        (
            say("Does anybody watch over the workers, and notice one that was killed without a word?"),
            say("Does a worker load everything anew before it answers?"),
        ),
        say("Start workers from a process that has everything loaded, as soon as one ends."),
    ),
    "longest_silence_s": Fault(
        "AllSilent",
        say("When one worker was killed the others did not answer either."),
        (say("Does a worker hold a lock that the others need, and that outlives it?"),),
        say("Let whatever a worker holds end with its process: locks of the database or of the operating system."),
    ),
    "memory_growth": Fault(
        "MemoryGrows",
        say("A worker takes more and more memory."),
        (say("Is anything kept for every code, request or connection, and never forgotten?"),),
        say("Bound every cache, and run a longer soak to see where the growth ends."),
    ),
}
"""By figure: what a missed bound is called; figures of the run itself accuse nobody."""


def figure_text(figure: SoakFigure | FaultFigure, value: float | None) -> Text:
    """The value with its unit."""
    if value is None:
        return say("unknown")
    return say("{value:g} s", value=value) if figure.endswith("_s") else Text(f"{value:g}", f"{value:g}")


def limit_text(bound: SoakBound | FaultBound) -> Text:
    """The bound with its side and unit."""
    limit = figure_text(bound.figure, bound.limit)
    return say("at least {limit}", limit=limit) if bound.side == "least" else say("at most {limit}", limit=limit)
