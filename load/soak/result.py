"""What a soak says: its figures, the verdict on every requirement that it judges, and the exit code that follows.

The verdicts are drawn from the record that its evidence keeps, by `conformance.evidence.fault_verdicts`: command and
evidence cannot disagree. Source: decision.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from conformance.evidence.fault_findings import FIGURE_NAMES, figure_text
from conformance.evidence.measured import drawn
from conformance.evidence.model import SCHEMA_VERSION, Overall, Verdict
from conformance.evidence.under_faults import OF_FIGURE, SoakFigures, SoakRun, holds, judge
from conformance.evidence.verdicts import VERDICT_NAMES, requirement_verdicts
from load.faults.ledger import Findings
from load.leaving import exit_of
from load.soak.bounds import bounds
from load.soak.settings import SoakSettings
from reference.command_line import Exit
from reference.languages import Text, say
from reference.standard import load

SQLITE = "sqlite"


class Soaked(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured in a soak."""

    started_ms: int
    ended_ms: int
    codes: int
    """Codes that got an answer."""
    lost_answers: int
    not_sent: int
    turned_away: int
    given_up: int
    replayed_requests: int
    kills: int
    replaced: int
    """Workers killed whose place was seen taken."""
    workers: int
    seconds: float
    """Of traffic, without recording the codes."""
    codes_per_second: float
    server_cpu_us: float
    """Processor time of all server processes a code, those that were killed too."""
    client_cpu_us: float
    longest_silence: float
    longest_gap: float
    """Seconds until a killed worker was replaced, at most."""
    memory_mib: float
    """One worker at most."""
    memory_growth: float | None
    """None where no worker lived long enough to tell."""
    client_memory_mib: float
    accepted: int
    outcomes: dict[str, dict[str, int]]
    kinds: tuple[str, ...]
    """Kinds of code on which the platform gave a judgement."""
    findings: Findings


class SoakResult(Soaked, frozen=True, kw_only=True):
    """What a soak found. ``right``: nothing that may not be; ``valid``: it did what was asked of it."""

    right: bool
    recovered: bool
    valid: bool
    why_invalid: tuple[Text, ...]
    verdicts: dict[str, Verdict]
    """By requirement of the catalogue."""
    overall: Overall
    because: Text

    @property
    def exit_code(self) -> Exit:
        """0 all that applies passed, 1 something failed, 2 the run gives no answer."""
        return exit_of(self.overall)


def judged(settings: SoakSettings, soaked: Soaked) -> SoakResult:
    """The result of what was measured."""
    run = record_of(settings, soaked)
    plan, results = drawn(load(), run, started="")
    failed = {OF_FIGURE[bound.figure] for bound in run.bounds if judge(bound, run) is Verdict.FAILED}
    missed = [bound.figure for bound in run.bounds if OF_FIGURE[bound.figure] == "run" and not holds(bound, run)]
    return SoakResult(
        **{name: getattr(soaked, name) for name in Soaked.__struct_fields__},
        right="answers" not in failed,
        recovered=not failed & {"recovery", "memory"},
        valid=run.valid,
        why_invalid=tuple(
            say("{figure}: {found}", figure=FIGURE_NAMES[figure], found=figure_text(figure, run.value(figure)))
            for figure in missed
        ),
        verdicts=requirement_verdicts(plan, results),
        overall=results.overall,
        because=results.because,
    )


def record_of(settings: SoakSettings, soaked: Soaked) -> SoakRun:
    """The record that evidence keeps of a soak."""
    findings = msgspec.structs.asdict(soaked.findings)
    words = tuple(findings.pop("words"))
    unseen = 0 if settings.seconds else max(settings.codes - soaked.codes - soaked.given_up, 0)
    return SoakRun(
        schema_version=SCHEMA_VERSION,
        command=_command(settings),
        codes=settings.codes,
        seconds_asked=settings.seconds,
        kill_every=settings.kill_every,
        workers=settings.workers,
        connections=settings.connections,
        database=database_kind(settings.database),
        bounds=bounds(kills=settings.kill_every > 0),
        figures=SoakFigures(
            **findings,
            longest_gap_s=soaked.longest_gap,
            longest_silence_s=soaked.longest_silence,
            memory_growth=soaked.memory_growth,
            accepted=soaked.accepted,
            not_shown=unseen,
            given_up=soaked.given_up,
            kills=soaked.kills,
        ),
        served=soaked.codes,
        replaced=soaked.replaced,
        lost_answers=soaked.lost_answers,
        not_sent=soaked.not_sent,
        turned_away=soaked.turned_away,
        replayed_requests=soaked.replayed_requests,
        seconds=soaked.seconds,
        memory_mib=soaked.memory_mib,
        outcomes=soaked.outcomes,
        kinds=soaked.kinds,
        words=words,
    )


def database_kind(address: str) -> str:
    """Which database it is, without what its address tells beyond that; SQLite where none is named."""
    return address.partition(":")[0].partition("+")[0] or SQLITE


def _command(settings: SoakSettings) -> str:
    """What repeats the run; the address of a database is the user's own."""
    database = " --database URL" if settings.database else ""
    return (
        f"healthcard load soak --codes {settings.codes} --seconds {settings.seconds:g} "
        f"--kill-every {settings.kill_every:g} --workers {settings.workers} --connections {settings.connections} "
        f"--cards {settings.cards} --seed {settings.seed}{database}"
    )


def shown(result: SoakResult, lang: str = "en") -> Sequence[str]:
    """The figures and verdicts of a soak as lines, the sum of it last."""
    return [
        *(text.inside(lang) for text in _figures(result)),
        *(f"  ! {line}" for line in result.findings.words),
        *(say("invalid: {reason}", reason=reason).inside(lang) for reason in result.why_invalid),
        *(f"{id}: {VERDICT_NAMES[verdict].inside(lang)}" for id, verdict in result.verdicts.items()),
        result.because.inside(lang),
    ]


def _figures(result: SoakResult) -> list[Text]:
    grown: Text | str = say("unknown") if result.memory_growth is None else f"{result.memory_growth:g}"
    return [
        say(
            "{codes} codes in {seconds:.0f} s: {rate:.0f} a second, {accepted} accepted; processor time a code: server "
            "{server:.0f} µs, client {client:.0f} µs",
            codes=result.codes,
            seconds=result.seconds,
            rate=result.codes_per_second,
            accepted=result.accepted,
            server=result.server_cpu_us,
            client=result.client_cpu_us,
        ),
        say(
            "{kills} workers of {workers} at a time killed, {replaced} seen replaced, within {gap} s; {lost} answers "
            "lost with them",
            kills=result.kills,
            workers=result.workers,
            replaced=result.replaced,
            gap=result.longest_gap,
            lost=result.lost_answers,
        ),
        say(
            "{away} turned away, {refused} connections refused, {given_up} given up, {again} requests sent again as "
            "they were",
            away=result.turned_away,
            refused=result.not_sent,
            given_up=result.given_up,
            again=result.replayed_requests,
        ),
        say(
            "longest time without an answer {silence} s; a worker took {mib} MiB at most, growth {grown}; the client "
            "{client} MiB",
            silence=result.longest_silence,
            mib=result.memory_mib,
            grown=grown,
            client=result.client_memory_mib,
        ),
        say("findings: {count}", count=result.findings.total),
    ]
