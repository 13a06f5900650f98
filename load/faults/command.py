"""The command ``healthcard load fault``: one fault under load, healed whatever happens, judged and signed."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from conformance.evidence.pkcs11_uri import UnusableToken
from conformance.evidence.signing import UnusableKeyFile, signer_named
from conformance.evidence.staged_faults import StagedFault
from load.command_options import (
    CasesFile,
    CredentialsFile,
    Database,
    JsonFile,
    Lab,
    Operator,
    Own,
    PermitFile,
    Profile,
    Seed,
    SigningKey,
    TargetUrl,
    WrongCall,
    lacking,
    require_cases,
    require_profile,
)
from load.leaving import leave, show
from reference.command_line import Exit, Lang, Language, both, example, refused
from reference.languages import say
from reference.operating_system import SystemClock
from reference.ports import ProductUnreachable

if TYPE_CHECKING:
    from load.faults.result import FaultResult
    from load.faults.settings import FaultSettings

KINDS: tuple[StagedFault, ...] = get_args(StagedFault)


def fault(
    kind: Annotated[
        str,
        typer.Argument(
            help=both(say("What fails: crypto-machine, database, disk-full, worker-killed or clock-stepped."))
        ),
    ],
    own: Own = False,
    url: TargetUrl = "",
    cases: CasesFile = "",
    breaks: Annotated[
        str, typer.Option(help=both(say("Command that makes it fail, run without a shell; needed with --url.")))
    ] = "",
    heals: Annotated[
        str, typer.Option(help=both(say("Command that heals it; it is run in any case, also after Ctrl-C.")))
    ] = "",
    profile: Profile = "sichuan",
    lasts: Annotated[float, typer.Option(min=1, max=3600, help=both(say("Seconds that it lasts at least.")))] = 2.0,
    connections: Annotated[int, typer.Option(min=1, max=1000, help=both(say("Connections that show codes.")))] = 8,
    pace: Annotated[
        float | None,
        typer.Option(
            min=0.001, help=both(say("Seconds that a connection rests after each code: 0.02 with --self, else 0.1."))
        ),
    ] = None,
    seed: Seed = 1,
    credentials: CredentialsFile = None,
    permit: PermitFile = None,
    database: Database = "",
    json_file: JsonFile = "",
    out: Annotated[str, typer.Option(help=both(say("Folder for evidence, report and fault.json.")))] = "",
    lab: Lab = "",
    operator: Operator = "",
    signing_key: SigningKey = "",
    lang: Lang = Language.EN,
) -> None:
    """Stage one fault on a platform under load; judge, heal, report. 在负载下制造一种故障，判定并恢复。"""
    try:
        from load.access_token import NoAccess
        from load.benchmarks import servers
        from load.cases import UnreadableCases
        from load.evidence import Circumstances, keep
        from load.faults.result import shown
        from load.faults.settings import OTHERS_PACE, PACE, FaultSettings
        from load.permit import NotPermitted
        from load.schedule import UnusableSchedule
        from load.settings import UnreadableCredentials, read_credentials
    except ImportError as missing:
        raise lacking(missing, lang) from None
    named = next((known for known in KINDS if known == kind), None)
    if named is None:
        raise refused(say("There is no fault {name}: {known}.", name=kind, known=", ".join(KINDS)), lang)
    if own == bool(url) or (own and (cases or breaks or heals or database or credentials)):
        raise refused(say("Name either --self alone, or --url with --cases, --breaks and --heals."), lang)
    try:
        settings = FaultSettings(
            fault=named,
            lasts=lasts,
            connections=connections,
            pace=pace or (PACE if own else OTHERS_PACE),
            seed=seed,
            database=database,
            url=url.rstrip("/"),
            cases=cases,
            profile=profile,
            credentials=read_credentials(credentials) if credentials else None,
            breaks=_words(breaks),
            heals=_words(heals),
        )
        _check(settings, permit, own=own)
        servers.end_in_order()
        signer = signer_named(signing_key) if signing_key else None
        if out:
            Path(out).mkdir(parents=True, exist_ok=True)
        found = _staged(settings, lang, own=own)
        show(found, shown(found, lang.value), json_file)
        if out:
            circumstances = Circumstances(
                url=settings.url,
                books=bool(found.run.database),
                wire=settings.profile,
                started_ms=found.started_ms,
                ended_ms=found.ended_ms,
                seed=settings.seed,
                lab=lab,
                operator=operator,
            )
            package = keep(found.run, circumstances, Path(out), signer)
            leave(package, found, "fault.json", Path(out), lang)
    except ProductUnreachable as error:
        raise refused(error.explained(), lang, Exit.UNREACHABLE) from None
    except (WrongCall, UnreadableCases, UnreadableCredentials, NotPermitted, NoAccess, UnusableSchedule) as error:
        raise refused(error.text, lang) from None
    except (UnusableKeyFile, UnusableToken) as error:
        raise refused(error.text, lang) from None
    except OSError as error:
        raise refused(say("{file}: {reason}", file=error.filename, reason=error.strerror), lang) from None
    raise typer.Exit(found.exit_code)


def _words(command: str) -> tuple[str, ...]:
    """The words of a command. Raises WrongCall."""
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise WrongCall(say("{command} is no command: {reason}.", command=command, reason=error)) from None


def _check(settings: FaultSettings, permit: Path | None, *, own: bool) -> None:
    """Refuse what cannot be staged, before anything is started or broken. Raises WrongCall and NotPermitted."""
    from load.faults.staging import OWN_FAULTS
    from load.permit import require_permitted

    if own:
        if settings.fault not in OWN_FAULTS:
            raise WrongCall(
                say(
                    "--self cannot stage {fault}: the clock of this machine is nobody's to step in a test. Step that "
                    "of a platform of its own: --url with --breaks and --heals.",
                    fault=settings.fault,
                )
            )
        return
    if not settings.cases:
        raise WrongCall(say("Name the file of cases: --cases. healthcard load provision writes one."))
    require_profile(settings.profile)
    require_cases(settings.cases)
    if not settings.breaks:
        raise WrongCall(say("Name the command that makes it fail: --breaks."))
    if not settings.heals and settings.fault != "worker-killed":
        raise WrongCall(say("Name the command that heals it: --heals. Only a killed worker heals by itself."))
    for command in filter(None, (settings.breaks, settings.heals)):
        if shutil.which(command[0]) is None:
            raise WrongCall(say("{command} cannot be run: there is no such program.", command=command[0]))
    require_permitted(settings.url, settings.highest_rate, SystemClock().now_ms(), settings.longest, permit)


def _staged(settings: FaultSettings, lang: Language, *, own: bool) -> FaultResult:
    """Stage it. Raises ProductUnreachable, and what a target's files and access token may be wanting in."""
    if own:
        from load.faults.own import staged_on_own

        return staged_on_own(settings)
    from load.faults.target import staged_on_target

    return staged_on_target(settings, lambda text: typer.echo(text.inside(lang), err=True))


def add_to(commands: typer.Typer) -> None:
    """Add the command to ``healthcard load``."""
    commands.command(epilog=example("healthcard load fault crypto-machine --self --out out"))(fault)
