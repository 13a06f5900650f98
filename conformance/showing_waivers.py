"""Waivers on a terminal: what each came to, which tests it covers, and who answers for it."""

from __future__ import annotations

from rich.console import Console

from conformance.evidence.model import Plan, Results, Waiver, WaiverOutcome
from conformance.evidence.waiving import KIND_NAMES, STATE_NAMES, in_error
from reference.command_line import Language
from reference.languages import Text, say


def waivers(console: Console, plan: Plan, results: Results, lang: Language) -> None:
    """Every waiver of the plan with what became of it; those in error are marked."""
    outcomes = {outcome.waiver: outcome for outcome in results.waivers}
    for waiver in plan.waivers:
        outcome = outcomes[waiver.id]
        sign = "!" if in_error([outcome]) else "○"
        console.print(f"\n{sign} {_head(waiver, outcome).inside(lang)}", style="bold")
        for line in (_why(waiver), _who(waiver), outcome.reason):
            if line is not None:
                console.print(f"  {line.inside(lang)}")
        for test in outcome.tests:
            console.print(f"  · {test}", soft_wrap=True)


def _head(waiver: Waiver, outcome: WaiverOutcome) -> Text:
    state = STATE_NAMES[outcome.state]
    return say("{kind} {id}: {state}", kind=KIND_NAMES[waiver.kind], id=waiver.id, state=state)


def _why(waiver: Waiver) -> Text:
    return Text(f"{waiver.reason} ({waiver.link})", f"{waiver.reason}（{waiver.link}）")


def _who(waiver: Waiver) -> Text:
    if waiver.granted_by:
        return say(
            "granted by {granted_by}, owner {owner}, until {expires}",
            granted_by=waiver.granted_by,
            owner=waiver.owner,
            expires=waiver.expires,
        )
    return say("owner {owner}, until {expires}", owner=waiver.owner, expires=waiver.expires)
