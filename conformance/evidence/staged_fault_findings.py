"""What it means when a platform breaks a promise while something fails: the fault's name, causes, what to do next.

Source: decisions of the project; the words of every figure of a staged fault, in both languages, stand here too. What a
soak finds as well has its words there (`fault_findings`).
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from conformance.evidence import fault_findings
from conformance.evidence.load_findings import Fault
from conformance.evidence.staged_faults import FaultFigure, StagedFault
from conformance.evidence.under_faults import Finding
from reference.languages import Text, say

FAULT_NAMES: Final[dict[StagedFault, Text]] = {
    "crypto-machine": say("crypto machine lost"),
    "database": say("database stands still"),
    "disk-full": say("disk full"),
    "worker-killed": say("worker killed"),
    "clock-stepped": say("clock stepped"),
}

_OF_A_SOAK: Final[tuple[Finding | Literal["longest_gap_s", "longest_silence_s"], ...]] = (
    *get_args(Finding),
    "longest_gap_s",
    "longest_silence_s",
)
"""Figures that a soak has too, with the same words."""

FIGURE_NAMES: Final[dict[FaultFigure, Text]] = {
    **{figure: fault_findings.FIGURE_NAMES[figure] for figure in _OF_A_SOAK},
    "accepted_meanwhile": say("codes accepted with the fault there"),
    "served_meanwhile": say("codes judged with the fault there"),
    "longest_wait_s": say("longest time from a request to its answer"),
    "recovered_after_s": say("time from the end of the fault until a code was accepted"),
    "given_up": fault_findings.FIGURE_NAMES["given_up"],
    "told_after_s": say("time until health named what fails"),
    "well_after_s": say("time from the end of the fault until health was good"),
    "untrue_health": say("answers of health that called well what failed"),
    "accepted": fault_findings.FIGURE_NAMES["accepted"],
}

_LOOK_AT_THE_COMMAND = say(
    "Did the command really take the part away? One that did nothing cannot be told from a platform that needs nothing."
)

KINDS_OF_FAULT: Final[dict[FaultFigure, Fault]] = {
    **{figure: fault_findings.KINDS_OF_FAULT[figure] for figure in _OF_A_SOAK},
    "accepted_meanwhile": Fault(
        "AcceptedMeanwhile",
        say("Codes were accepted while the part was gone without which nobody can be accepted rightly."),
        (
            _LOOK_AT_THE_COMMAND,
            say("Does the platform use keys of its own while the crypto machine is lost?"),
            say("Is a code answered before its use is on the disk?"),
        ),
        say("Turn away what cannot be checked and recorded, until the part is back."),
    ),
    "served_meanwhile": Fault(
        "TimeNotChecked",
        say("Codes were judged on requests that were out of the platform's time."),
        (
            _LOOK_AT_THE_COMMAND,
            say("Do several machines answer, of which one clock alone was stepped?"),
        ),
        say("Refuse every request outside the time window, whichever machine it comes to."),
    ),
    "longest_wait_s": Fault(
        "NotAnswered",
        say("Requests waited for an answer for longer than anybody at a window can."),
        (
            say("Is a transaction waited for without a time limit once it has begun?"),
            say("Does a queue before the database take more than it can give back in time?"),
        ),
        say("Bound the wait inside a transaction as well as before it, and tell whoever waits that it was given up."),
    ),
    "recovered_after_s": Fault(
        "NotRecovered",
        say("What had failed was there again, and codes were not accepted again in time."),
        (
            say("Did the command really bring the part back before it ended?"),
            say("Does the platform keep connections that died, or never ask again what failed once?"),
        ),
        say("Try what failed again by itself, at intervals shorter than the bound."),
    ),
    "given_up": Fault(
        "NeverServed",
        say("Codes got no answer however often they were shown."),
        (say("Does a request that was cut off hold a lock, or a place in a queue, for ever?"),),
        say("Bound every wait, and free whatever a request held when it ends."),
    ),
    "told_after_s": Fault(
        "SilentHealth",
        say("Verifications could not be served, and health did not say in time what failed."),
        (
            say("Does health ask the part itself, or only whether the process runs?"),
            say("Does health hang with the part that it asks?"),
        ),
        say("Let health ask every part that a verification needs, each with a time limit."),
    ),
    "well_after_s": Fault(
        "HealthStaysBad",
        say("Verifications were to be served again, and health went on saying that the part fails."),
        (say("Does health remember a failure for longer than the part fails?"),),
        say("Let health ask again each time, or after a second at most."),
    ),
    "untrue_health": Fault(
        "UntrueHealth",
        say("Health called the part well while it failed."),
        (say("Does each worker tell its own health, or an old one?"),),
        say("Let health ask again each time, or after a second at most."),
    ),
}
"""By figure: what a missed bound is called; figures of the run itself accuse nobody."""


def figure_text(figure: FaultFigure, value: float | None) -> Text:
    """The value with its unit; what was waited for and did not come has none."""
    if value is None and figure.endswith("_after_s"):
        return say("did not come")
    return fault_findings.figure_text(figure, value)
