"""The commands ``healthcard load``: ``qr`` sends verifications, judges answer by answer, and holds them against gates.

Needs the extras ``load`` and ``platform``; without them the command says how to install them.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from conformance.evidence.pkcs11_uri import UnusableToken
from conformance.evidence.signing import Signer, UnusableKeyFile, signer_named
from load import provisioning_cli
from load.capacity import command as capacity_command
from load.command_options import (
    CasesFile,
    Connections,
    CredentialsFile,
    Database,
    GatesName,
    Generators,
    JsonFile,
    Lab,
    LagBound,
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
from load.faults import command as fault_command
from load.reaching import reachable, require_reachable
from load.soak import command as soak_command
from reference.command_line import Exit, Lang, Language, both, example, refused
from reference.languages import say
from reference.operating_system import SystemClock
from reference.ports import ProductUnreachable

if TYPE_CHECKING:
    from load.result import LoadResult
    from load.settings import RunSettings

app = typer.Typer()
load_app = typer.Typer(no_args_is_help=True, help="Tests under load. 负载测试。")
app.add_typer(load_app, name="load")
provisioning_cli.add_to(load_app)
capacity_command.add_to(load_app)
soak_command.add_to(load_app)
fault_command.add_to(load_app)


@load_app.callback()
def load() -> None:
    """Tests under load. 负载测试。"""


@load_app.command(epilog=example("healthcard load qr --self --gates correctness --json result.json"))
def qr(
    url: TargetUrl = "",
    own: Own = False,
    profile: Profile = "sichuan",
    shape: Annotated[str, typer.Option(help=both(say("Shape of the load, a row of shapes.toml.")))] = "constant",
    trace: Annotated[
        str, typer.Option(help=both(say("File of recorded times, one in seconds a line, in place of a shape.")))
    ] = "",
    gates: GatesName = "correctness",
    cases: CasesFile = "",
    rate: Annotated[float, typer.Option(help=both(say("Verifications a second at the shape's height.")))] = 50.0,
    duration: Annotated[float, typer.Option(help=both(say("Seconds into which the shape is compressed.")))] = 5.0,
    seed: Seed = 1,
    generators: Generators = 1,
    connections: Connections = 64,
    lag_bound: LagBound = 10.0,
    credentials: CredentialsFile = None,
    permit: PermitFile = None,
    database: Database = "",
    json_file: JsonFile = "",
    out: Annotated[str, typer.Option(help=both(say("Folder for evidence, report and load.json.")))] = "",
    lab: Lab = "",
    operator: Operator = "",
    signing_key: SigningKey = "",
    lang: Lang = Language.EN,
) -> None:
    """Verify QR codes under load. 负载下核验二维码。"""
    try:
        from load import gates as gating
        from load import schedule
        from load.cases import UnreadableCases
        from load.permit import NotPermitted
        from load.running import GeneratorFailed
        from load.settings import RunSettings, UnreadableCredentials, read_credentials
    except ImportError as missing:
        raise lacking(missing, lang) from None
    if own == bool(url) or (own and (cases or database or credentials)) or (url and not cases):
        raise refused(say("Name either --self alone, or --url with --cases."), lang)
    try:
        settings = RunSettings(
            url=url.rstrip("/"),
            cases=str(Path(cases).absolute()) if cases else "",
            profile=profile,
            credentials=read_credentials(credentials) if credentials else None,
            shape=shape,
            trace=str(Path(trace).absolute()) if trace else "",
            rate=rate,
            duration=duration,
            seed=seed,
            generators=generators,
            connections=max(connections, generators),
            run_id=uuid.uuid4().hex[:12],
        )
        _check(settings, permit)
        bounds = gating.bounds_of(gates)
        found = (
            _self_tested(settings, bounds, gates, lag_bound)
            if own
            else _tested(settings, bounds, gates, lag_bound, database)
        )
        _write(found, json_file, lang)
        if out:
            signer = signer_named(signing_key) if signing_key else None
            _keep(found, Path(out), own=own, signer=signer, lab=lab, operator=operator, lang=lang)
    except (schedule.UnusableSchedule, gating.UnusableGates, UnreadableCases, WrongCall) as error:
        raise refused(error.text, lang) from None
    except (NotPermitted, UnreadableCredentials, UnusableKeyFile, UnusableToken) as error:
        raise refused(error.text, lang) from None
    except ProductUnreachable as error:
        raise refused(error.explained(), lang, Exit.UNREACHABLE) from None
    except GeneratorFailed as error:
        raise refused(error.text, lang, Exit.INCOMPLETE) from None
    raise typer.Exit(found.exit_code)


def _check(settings: RunSettings, permit: Path | None) -> None:
    """Refuse what no run can be made of, before anything is started.

    Raises WrongCall, UnusableSchedule and NotPermitted.
    """
    from load.cases import read_cases
    from load.permit import require_permitted
    from load.running import longest

    require_profile(settings.profile)
    settings.scheduled()
    if settings.url:
        now_ms = SystemClock().now_ms()
        require_permitted(settings.url, settings.highest_rate(), now_ms, longest(settings), permit)
        require_cases(settings.cases)
        next(read_cases(Path(settings.cases)), None)


def _self_tested(settings: RunSettings, bounds: dict[str, float], gates: str, lag_bound: float) -> LoadResult:
    """Test the reference server that is started for it."""
    from load.result import result_of
    from load.running import run
    from load.self_target import self_target

    with self_target(settings.profile, len(settings.scheduled()), settings.seed) as target:
        told = msgspec.structs.replace(settings, url=target.url, cases=str(target.cases))
        measured = run(told)
        return result_of(
            told,
            measured,
            target.uses.recorded(measured),
            bounds,
            gates,
            lag_bound_ms=lag_bound,
            reachable_after=reachable(target.url),
        )


def _tested(settings: RunSettings, bounds: dict[str, float], gates: str, lag_bound: float, database: str) -> LoadResult:
    """Test a platform that runs already. Raises ProductUnreachable."""
    from load.result import result_of
    from load.running import run
    from load.totals import UseCount
    from reference.store import Store

    require_reachable(settings.url)
    store = Store(database) if database else None
    uses = UseCount(store) if store else None
    measured = run(settings)
    recorded = uses.recorded(measured) if uses else None
    if store:
        store.close()
    return result_of(
        settings,
        measured,
        recorded,
        bounds,
        gates,
        lag_bound_ms=lag_bound,
        reachable_after=reachable(settings.url),
    )


def _write(found: LoadResult, json_file: str, lang: Language) -> None:
    """The figures on the screen, and the JSON where it is asked for."""
    from load.report import as_lines

    encoded = msgspec.json.format(msgspec.json.encode(found))
    if json_file == "-":
        typer.echo(encoded.decode())
    else:
        for line in as_lines(found, lang):
            typer.echo(line)
    try:
        if json_file not in ("", "-"):
            Path(json_file).write_bytes(encoded)
    except OSError as error:
        raise WrongCall(say("{file}: {reason}", file=error.filename, reason=error.strerror)) from None


def _keep(
    found: LoadResult, out: Path, *, own: bool, signer: Signer | None, lab: str, operator: str, lang: Language
) -> None:
    """Evidence, report and load.json in a folder, as a certification leaves them."""
    from load.evidence import write_evidence
    from load.leaving import leave

    try:
        package = write_evidence(found, out, own=own, signer=signer, lab=lab, operator=operator)
        leave(package, found, "load.json", out, lang)
    except OSError as error:
        raise WrongCall(say("{file}: {reason}", file=error.filename, reason=error.strerror)) from None
