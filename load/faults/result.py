"""What a staged fault says: its record, the verdict on every promise, and the exit code that follows.

The verdicts are drawn from the record that its evidence keeps, by `conformance.evidence.staged_fault_verdicts`: command
and evidence cannot disagree. Source: decision.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import msgspec

from conformance.evidence.fault_findings import limit_text
from conformance.evidence.measured import drawn
from conformance.evidence.model import SCHEMA_VERSION, Overall, Verdict
from conformance.evidence.staged_fault_findings import FAULT_NAMES, FIGURE_NAMES, figure_text
from conformance.evidence.staged_fault_verdicts import why_not_valid
from conformance.evidence.staged_faults import OF_FIGURE, FaultFigure, FaultFigures, FaultRun, seen
from conformance.evidence.verdicts import VERDICT_NAMES, requirement_verdicts
from load.faults.bounds import bounds
from load.faults.episode import Counted, Episode
from load.faults.ledger import Findings, Ledger
from load.faults.settings import FaultSettings
from load.faults.traffic import Traffic
from load.leaving import exit_of
from load.result import judged_kinds
from load.soak.result import database_kind
from reference.command_line import Exit
from reference.languages import Text, say
from reference.standard import load

NOTHING = Counted(0, 0, 0, 0, 0, 0, 0)


class FaultResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a staged fault found. ``valid``: it means something that nothing was found."""

    started_ms: int
    ended_ms: int
    run: FaultRun
    valid: bool
    why_invalid: tuple[Text, ...]
    verdicts: dict[str, Verdict]
    """By promise of the catalogue."""
    overall: Overall
    because: Text

    @property
    def exit_code(self) -> Exit:
        """0 all that applies passed, 1 something failed, 2 the run gives no answer."""
        return exit_of(self.overall)


def judged(run: FaultRun, started_ms: int, ended_ms: int) -> FaultResult:
    """The result of a record."""
    plan, results = drawn(load(), run, started="")
    return FaultResult(
        started_ms=started_ms,
        ended_ms=ended_ms,
        run=run,
        valid=run.valid,
        why_invalid=tuple(why_not_valid(run)),
        verdicts=requirement_verdicts(plan, results),
        overall=results.overall,
        because=results.because,
    )


def record_of(
    settings: FaultSettings, episode: Episode, ledger: Ledger, traffic: Traffic, findings: Findings
) -> FaultRun:
    """The record that evidence keeps of a staged fault."""
    before, after = episode.before or NOTHING, episode.after or NOTHING
    counts, staged = ledger.judge.counts, episode.staged
    return FaultRun(
        schema_version=SCHEMA_VERSION,
        command=_command(settings),
        fault=settings.fault,
        staged_by="command" if settings.url else "self",
        lasts_s=settings.lasts,
        connections=settings.connections,
        pace_s=settings.pace,
        database=database_kind(settings.database) if settings.books else "",
        bounds=bounds(settings.fault, settings.lasts),
        figures=_figures(settings, episode, findings, counts.accepted),
        breaking_status=staged.breaking,
        healing_status=staged.healing,
        accepted_before=before.accepted,
        unwell_before=before.lost + before.not_sent + before.turned_away + before.out_of_time,
        lost_answers=after.lost,
        not_sent=after.not_sent,
        turned_away=after.turned_away,
        out_of_time=after.out_of_time,
        broken_off=0 if before.broken_off else after.broken_off,
        kills=staged.kills,
        shown_again=episode.shown_again,
        ran_out=episode.ran_out,
        health_read=episode.health_read,
        served=traffic.served,
        seconds=round(episode.seconds, 3),
        outcomes=counts.outcomes,
        kinds=judged_kinds(counts),
        words=tuple(findings.words),
    )


def _figures(settings: FaultSettings, episode: Episode, findings: Findings, accepted: int) -> FaultFigures:
    meanwhile = episode.meanwhile or NOTHING
    books = ("lost_events", "repeated_events", "unasked_events", "broken_logs")
    found = {name: getattr(findings, name) for name in Findings.__struct_fields__ if name != "words"}
    return FaultFigures(
        **found | {name: found[name] if settings.books else None for name in books},
        accepted_meanwhile=meanwhile.accepted,
        served_meanwhile=meanwhile.judged,
        recovered_after_s=_rounded(episode.recovered_after),
        given_up=episode.given_up,
        longest_wait_s=round(episode.wait, 3),
        longest_gap_s=episode.staged.longest_gap,
        longest_silence_s=round(episode.silence, 3),
        told_after_s=_rounded(episode.told_after),
        well_after_s=_rounded(episode.well_after),
        untrue_health=episode.untrue,
        accepted=accepted,
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _command(settings: FaultSettings) -> str:
    """What repeats the run; commands, file names and the address of a database are the user's own."""
    where = "--self"
    if settings.url:
        heals = " --heals COMMAND" if settings.heals else ""
        database = " --database URL" if settings.database else ""
        where = (
            f"--url {shlex.quote(settings.url)} --profile {settings.profile} --cases FILE --breaks COMMAND"
            f"{heals}{database}"
        )
    return (
        f"healthcard load fault {settings.fault} {where} --lasts {settings.lasts:g} "
        f"--connections {settings.connections} --pace {settings.pace:g} --seed {settings.seed}"
    )


def shown(result: FaultResult, lang: str = "en") -> Sequence[str]:
    """Figures with their bounds and the verdicts as lines, the sum of it last."""
    run = result.run
    return [
        say(
            "{fault}: {codes} codes answered in {seconds:.0f} s; {lost} answers lost, {away} turned away",
            fault=FAULT_NAMES[run.fault],
            codes=run.served,
            seconds=run.seconds,
            lost=run.lost_answers,
            away=run.turned_away + run.out_of_time,
        ).inside(lang),
        *(_line(figure, run).inside(lang) for figure in OF_FIGURE if seen(figure, run)),
        *(f"  ! {line}" for line in run.words),
        *(say("invalid: {reason}", reason=reason).inside(lang) for reason in result.why_invalid),
        *(f"{id}: {VERDICT_NAMES[verdict].inside(lang)}" for id, verdict in result.verdicts.items()),
        result.because.inside(lang),
    ]


def _line(figure: FaultFigure, run: FaultRun) -> Text:
    """A figure, with its bound where it has one."""
    name, found = FIGURE_NAMES[figure], figure_text(figure, run.value(figure))
    bound = next((bound for bound in run.bounds if bound.figure == figure), None)
    if bound is None:
        return say("{figure}: {found}", figure=name, found=found)
    return say("{figure}: {found} ({bound})", figure=name, found=found, bound=limit_text(bound))
