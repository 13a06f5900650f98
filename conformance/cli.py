"""The commands that judge: certify, plan, explain, verify, replay, doctor.

The command line only asks, shows and sets exit codes; the work is in `certifying`, `rederiving` and the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from conformance import showing
from conformance.adapters.pcsc import UnknownReader
from conformance.adapters.real_cards import UnusableFile, read_order, read_statement, reader_stand
from conformance.certifying import Laboratory, UnfitDataSet, certify, exit_code
from conformance.engine.planning import PlanningFault
from conformance.engine.run import UnusableSelection, make_plan, suite
from conformance.engine.stand import Stand
from conformance.engine.waivers import UnusableWaivers, read_waivers
from conformance.evidence.opening import open_package
from conformance.evidence.package import Package
from conformance.evidence.pkcs11_uri import UnusableToken
from conformance.evidence.sealing import UnusableSealingKey, recipient_from
from conformance.evidence.signing import UnusableKeyFile, demo_signer, signer_named
from conformance.evidence.token_signing import CUSTODY_NAMES
from conformance.rederiving import CannotRederive
from conformance.selfcheck.rehearsal import rehearse
from conformance.selfcheck.stands import lack_of_pcsc, simulated_stand, virtual_reader_stand
from reference.command_line import Exit, Lang, Language, both, example, refused
from reference.languages import Text, say
from reference.ports import ProductUnreachable
from reference.standard import Standard, StandardError, load

DEFAULT_PROFILE = "national-2012"
SIMULATED_CIPHER = "sm4"
REFUSED = (
    UnknownReader,
    UnusableFile,
    UnusableKeyFile,
    UnusableSealingKey,
    UnusableSelection,
    UnusableToken,
    UnusableWaivers,
    UnfitDataSet,
    CannotRederive,
)
"""What a user can put right by asking otherwise."""

app = typer.Typer(no_args_is_help=True)
certifying = typer.Typer(no_args_is_help=True, help=both(say("Hold a product against the standard.")))
planning = typer.Typer(no_args_is_help=True, help=both(say("Show what a certification would do.")))
app.add_typer(certifying, name="certify")
app.add_typer(planning, name="plan")


class DataSet(StrEnum):
    """Whose data a sample holds."""

    SYNTHETIC = "synthetic"
    REAL = "real"


write_report: Callable[[Package, Path, str], Text] | None = None
"""Writes the report beside the evidence and returns its headline; set by the front door, which knows reports."""

Profile = Annotated[str, typer.Option(help=both(say("Reading of the standard: a profile's name or file.")))]
Tables = Annotated[
    Path | None, typer.Option(help=both(say("Folder with corrected tables, in place of the shipped ones.")))
]
SamType = Annotated[int, typer.Option(min=1, max=5, help=both(say("Type of the SAM, 1 to 5.")))]
Statement = Annotated[Path | None, typer.Option(help=both(say("Capability statement of the product (TOML).")))]


def standard_of(profile: str, tables: Path | None, lang: Language) -> Standard:
    """The tables asked for, requirements and all; a mistake in them ends the command with its reason."""
    try:
        standard = load(Path(profile) if profile.endswith(".toml") else profile, tables)
        assert standard.requirements  # read now: a mistake in them is a mistake in the tables
        return standard
    except StandardError as fault:
        raise refused(fault.text, lang) from fault


@certifying.command("card", epilog=example("healthcard certify card --simulated --out out"))
def certify_card(
    simulated: Annotated[
        bool, typer.Option("--simulated", help=both(say("Certify the simulated card and SAM.")))
    ] = False,
    in_process: Annotated[
        bool, typer.Option("--in-process", help=both(say("Reach the simulated card without PC/SC.")))
    ] = False,
    reader: Annotated[str, typer.Option(help=both(say("PC/SC reader with the card: name or part of it.")))] = "",
    sam_reader: Annotated[str, typer.Option(help=both(say("PC/SC reader with the SAM.")))] = "",
    sam_type: SamType = 5,
    spare_cards: Annotated[
        int, typer.Option(min=0, help=both(say("Spare cards at hand, for the tests that use one up.")))
    ] = 0,
    budget: Annotated[
        list[str] | None, typer.Option(help=both(say("Most that may be used up of a kind, as in wrong-mac=10.")))
    ] = None,
    rerun: Annotated[
        Path | None, typer.Option(help=both(say("Run again what did not pass in this package; keep the rest.")))
    ] = None,
    capabilities: Statement = None,
    personalisation: Annotated[
        Path | None, typer.Option(help=both(say("What the sample was personalised with (TOML).")))
    ] = None,
    waivers: Annotated[
        Path | None,
        typer.Option(help=both(say("Failures that were agreed to beforehand (TOML), see docs/waivers.md."))),
    ] = None,
    data_set: Annotated[
        DataSet | None,
        typer.Option(help=both(say("Whose data the sample holds: made-up ones, or those of a real person."))),
    ] = None,
    seal_for: Annotated[
        Path | None,
        typer.Option(help=both(say("Public key file of the laboratory that may open what is withheld of real data."))),
    ] = None,
    profile: Profile = DEFAULT_PROFILE,
    tables: Tables = None,
    out: Annotated[Path, typer.Option(help=both(say("Folder for evidence and report.")))] = Path("out"),
    lab: Annotated[str, typer.Option(help=both(say("Laboratory that certifies.")))] = "",
    operator: Annotated[str, typer.Option(help=both(say("Who operates the run.")))] = "",
    signing_key: Annotated[
        str, typer.Option(help=both(say("What signs the evidence: a key file or a pkcs11: URI; a demo key otherwise.")))
    ] = "",
    only: Annotated[
        str, typer.Option("-k", help=both(say("Only tests whose names match; the run is then incomplete.")))
    ] = "",
    stop_at_first: Annotated[
        bool, typer.Option("-x", help=both(say("Stop at the first failure; the run is then incomplete.")))
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help=both(say("Print the result as JSON.")))] = False,
    lang: Lang = Language.EN,
) -> None:
    """Certify a user card: in a reader, or the simulated one. 检测用户卡。"""
    if simulated == bool(reader):
        raise refused(say("Name the card: either --simulated, or --reader with --sam-reader."), lang)
    if reader and not sam_reader:
        raise refused(
            say("A card in a reader needs a SAM: name its reader with --sam-reader (doctor lists readers)."),
            lang,
        )
    if simulated and (capabilities or personalisation):
        raise refused(
            say(
                "The simulated card has a statement and data of its own: give --capabilities and --personalisation "
                "with --reader only."
            ),
            lang,
        )
    standard = standard_of(profile, tables, lang)
    if simulated and standard.switch("cipher") != SIMULATED_CIPHER:
        raise refused(
            say(
                "The profile chooses the cipher {cipher}, which exists in chips only; the simulated card speaks SM4. "
                "Certify a card in a reader with a SAM in another, or choose the cipher sm4.",
                cipher=standard.switch("cipher"),
            ),
            lang,
        )
    arguments = (*(("-k", only) if only else ()), *(("-x",) if stop_at_first else ()))
    try:
        signer = signer_named(signing_key) if signing_key else demo_signer()
        if signer.custody:
            typer.echo(CUSTODY_NAMES[signer.custody].inside(lang), err=True)
        statement = None if capabilities is None else read_statement(capabilities)
        agreed = () if waivers is None else read_waivers(waivers)
        expected = {} if personalisation is None else read_order(personalisation, standard)
        if reader and statement is None:
            raise refused(
                say("A card in a reader needs its capability statement: --capabilities FILE (see docs)."),
                lang,
            )
        opened: AbstractContextManager[Stand]
        if statement is not None and reader:
            at_hand = reader_stand(
                standard,
                reader=reader,
                sam_reader=sam_reader,
                statement=statement,
                expected=expected,
                spare_cards=spare_cards,
                ask=lambda text: typer.confirm(text.inside(lang), default=True, err=True),
            )
            showing.rehearsal(rehearse(standard, statement.product(), sam_type), spare_cards, lang, quiet=as_json)
            opened = nullcontext(at_hand)
        else:
            opened = simulated_product(standard, in_process=in_process, sam_type=sam_type, lang=lang, quiet=as_json)
        recipient = None if seal_for is None else recipient_from(seal_for)
        earlier = None if rerun is None else open_package(rerun, lang)
        with opened as made, showing.Progress(lang, quiet=as_json) as progress:
            stand = msgspec.structs.replace(
                made,
                budget=made.budget | budget_of(budget or [], lang),
                waivers=agreed,
                data_set="real" if DataSet.REAL in (made.data_set, data_set) else "synthetic",
            )
            package = certify(
                stand,
                "card",
                out,
                earlier=earlier,
                recipient=recipient,
                signer=signer,
                laboratory=Laboratory(lab, operator),
                progress=progress,
                pytest_arguments=arguments,
            )
    except REFUSED as fault:
        raise refused(fault.text, lang) from fault
    except ProductUnreachable as fault:
        raise refused(fault.explained(), lang, Exit.UNREACHABLE) from fault
    except OSError as fault:
        raise refused(
            say(
                "{out}: evidence cannot be written: {fault}. Choose another folder with --out.",
                out=out,
                fault=fault,
            ),
            lang,
        ) from fault
    except PlanningFault as fault:
        raise refused(say("fault of the harness: {fault}", fault=fault), lang, Exit.INTERNAL) from fault
    headline = write_report(package, out, lang.value) if write_report is not None else package.results.because
    showing.outcome(package, headline, out, lang, as_json=as_json)
    raise typer.Exit(exit_code(package.results))


def budget_of(entries: list[str], lang: Language) -> dict[str, int]:
    """The budget of irreversible acts, from entries like ``wrong-mac=10``."""
    budget = {}
    for entry in entries:
        kind, _, number = entry.partition("=")
        if not kind or not number.isdigit():
            raise refused(say("{entry}: a budget is a kind and a number, as in wrong-mac=10.", entry=entry), lang)
        budget[kind] = int(number)
    return budget


def simulated_product(
    standard: Standard, *, in_process: bool, sam_type: int, lang: Language, quiet: bool
) -> AbstractContextManager[Stand]:
    """The simulated card: over PC/SC where there is one, else in process, which is said in one line."""
    lack = None if in_process else lack_of_pcsc()
    if not in_process and lack is None:
        return virtual_reader_stand(standard, sam_type)
    if lack is not None:
        note = say("PC/SC cannot be had here ({lack}); the card is certified in process instead.", lack=lack)
        typer.echo(note.inside(lang), err=True)
    return nullcontext(simulated_stand(standard, sam_type=sam_type))


@planning.command("card", epilog=example("healthcard plan card --profile field-2013"))
def plan_card(
    profile: Profile = DEFAULT_PROFILE,
    tables: Tables = None,
    capabilities: Statement = None,
    as_json: Annotated[bool, typer.Option("--json", help=both(say("Print the whole plan as JSON.")))] = False,
    lang: Lang = Language.EN,
) -> None:
    """Show the tests of a user card's certification, their weight and what they use up. 显示用户卡检测计划。"""
    stand = simulated_stand(standard_of(profile, tables, lang))
    try:
        if capabilities is not None:
            product = read_statement(capabilities).product()
            stand = msgspec.structs.replace(stand, product=product)
        plan = make_plan(stand, suite("card"))
    except UnusableFile as fault:
        raise refused(fault.text, lang) from fault
    except PlanningFault as fault:
        raise refused(say("fault of the harness: {fault}", fault=fault), lang, Exit.INTERNAL) from fault
    showing.plan(plan, lang, as_json=as_json)
