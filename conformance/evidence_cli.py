"""The commands that work on evidence, without the product: verify and replay."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from conformance import showing
from conformance.evidence.decoding import tables_for
from conformance.evidence.opening import open_package
from conformance.evidence.package import Package, UnusablePackage
from conformance.evidence.redaction import plain
from conformance.evidence.sealing import UnusableSealingKey, opening_key_from
from conformance.evidence.token_signing import CUSTODY_NAMES
from conformance.evidence.unsealing import not_the_redaction, unseal
from conformance.evidence.verdicts import OVERALL_NAMES, VERDICT_NAMES
from conformance.rederiving import (
    CannotRederive,
    Derived,
    Difference,
    check_versions,
    differences,
    judge_again,
    needing_the_sealed_part,
    rederive,
)
from conformance.selfcheck.replaying import serve_script
from reference.command_line import Exit, Lang, Language, both, example, refused
from reference.languages import Text, say
from reference.ports import ProductUnreachable
from reference.standard import Standard, StandardError, load, profiles
from reference.standard.loader import DEFAULT_PROFILE

app = typer.Typer(no_args_is_help=True)

PackagePath = Annotated[Path, typer.Argument(help=both(say("The evidence package: the zip, or its folder.")))]
Profile = Annotated[Path | None, typer.Option(help=both(say("The file of the profile that the run used.")))]
Tables = Annotated[Path | None, typer.Option(help=both(say("Folder with the tables that the run used.")))]
SealingKey = Annotated[
    Path | None,
    typer.Option(help=both(say("Private key file of the laboratory: opens what is withheld of real data."))),
]


def trusted_keys(path: Path | None, lang: Language) -> frozenset[str]:
    """Public keys, one a line in hexadecimal; what follows # is a comment."""
    if path is None:
        return frozenset()
    try:
        lines = (line.partition("#")[0].strip().lower() for line in path.read_text(encoding="utf-8").splitlines())
        return frozenset(line for line in lines if line)
    except (OSError, UnicodeDecodeError) as fault:
        raise refused(
            say(
                "{path}: cannot be read: {fault}. Give a text file with one public key a line.",
                path=path,
                fault=fault,
            ),
            lang,
        ) from fault


def tables_of(package: Package, profile: Path | None, tables: Path | None, lang: Language) -> Standard:
    """The standard's tables under the package's profile; ``profile`` is its file, needed where it is not shipped."""
    id = package.manifest.profile if package.measured is None else DEFAULT_PROFILE
    if profile is None and id not in profiles(tables):
        text = say("The run was made with the profile {id}, which is not shipped: give its file with --profile.", id=id)
        raise refused(text, lang, Exit.INCOMPLETE)
    try:
        return load(profile or id, tables)
    except StandardError as fault:
        raise refused(fault.text, lang) from fault


@app.command(epilog=example("healthcard verify out/evidence.zip --allow-demo"))
def verify(
    package: PackagePath,
    trust: Annotated[
        Path | None, typer.Option(help=both(say("Text file with the public keys of trusted signers.")))
    ] = None,
    allow_demo: Annotated[bool, typer.Option(help=both(say("Accept evidence signed with the demo key.")))] = False,
    sealing_key: SealingKey = None,
    profile: Profile = None,
    tables: Tables = None,
    as_json: Annotated[bool, typer.Option("--json", help=both(say("Print the result as JSON.")))] = False,
    lang: Lang = Language.EN,
) -> None:
    """Check digests and signature, and derive every verdict again from the transcripts. 验证证据包。"""
    evidence = open_package(package, lang, trusted=trusted_keys(trust, lang), unusable=Exit.NOT_CONFORMANT)
    standard = tables_of(evidence, profile, tables, lang)
    try:
        check_versions(evidence, standard)
        whole, altered = (evidence, ()) if sealing_key is None else opened(evidence, sealing_key, standard, lang)
        derived = rederive(whole, standard)
    except CannotRederive as fault:
        raise refused(fault.text, lang, Exit.INCOMPLETE) from fault
    found = (*altered, *differences(whole, derived))
    acceptable = evidence.signer_standing == "trusted" or (allow_demo and evidence.signer_standing == "demo")
    if as_json:
        typer.echo(
            msgspec.json.encode(
                {
                    "signer": evidence.signature.signer,
                    "standing": evidence.signer_standing,
                    "derived": len(derived.results),
                    "need_sealed_part": len(derived.closed),
                    "differences": [difference.test for difference in found],
                    "overall": evidence.results.overall,
                }
            ).decode()
        )
    else:
        _show_verification(evidence, derived, found, lang)
    if found:
        raise typer.Exit(Exit.NOT_CONFORMANT)
    if not acceptable:
        text = say(
            "The signer is {standing}: give its public key with --trust, or accept demo evidence with --allow-demo.",
            standing=STANDINGS[evidence.signer_standing],
        )
        raise refused(text, lang, Exit.INCOMPLETE)
    if derived.closed:
        raise refused(SEALED_PART_NEEDED, lang, Exit.INCOMPLETE)


SEALED_PART_NEEDED = say(
    "The package is redacted: what is withheld stands in the sealed part, which the laboratory's key opens "
    "(--sealing-key FILE)."
)
STANDINGS: dict[str, Text] = {
    "trusted": say("trusted"),
    "demo": say("the published demo key"),
    "unknown": say("unknown"),
}


def opened(
    evidence: Package, sealing_key: Path, standard: Standard, lang: Language
) -> tuple[Package, tuple[Difference, ...]]:
    """The package with its sealed part in place, and the files whose redacted form does not fit it."""
    try:
        unsealed = unseal(evidence, opening_key_from(sealing_key))
    except UnusableSealingKey as fault:
        raise refused(fault.text, lang) from fault
    except UnusablePackage as fault:
        text = say("{part}: {reason}. Nothing was executed.", part=fault.part, reason=fault.reason)
        raise refused(text, lang, Exit.NOT_CONFORMANT) from fault
    public, sealed = say("the public part"), say("another content in the sealed part")
    altered = not_the_redaction(evidence, unsealed, standard)
    return unsealed.package, tuple(Difference(path, public, sealed) for path in altered)


def _show_verification(evidence: Package, derived: Derived, found: tuple[Difference, ...], lang: Language) -> None:
    lines = [
        say("digests of {count} files: right", count=len(evidence.manifest.files)),
        say(
            "signature: right; signer {signer} ({standing})",
            signer=evidence.signature.signer,
            standing=STANDINGS[evidence.signer_standing],
        ),
        *(text for custody, text in CUSTODY_NAMES.items() if custody == evidence.manifest.key_custody),
        say(
            "verdicts derived again from the recorded figures: {count}, different: {different}",
            count=len(derived.results),
            different=len(found),
        )
        if evidence.measured is not None
        else say(
            "verdicts derived again from transcripts: {count}, different: {different}",
            count=len(derived.results),
            different=len(found),
        ),
        *(
            [say("real data, redacted; verdicts that need the sealed part: {count}", count=len(derived.closed))]
            if derived.closed
            else []
        ),
        *(
            say(
                "{test}: recorded {recorded}, derived {derived}",
                test=difference.test,
                recorded=difference.recorded,
                derived=difference.derived,
            )
            for difference in found
        ),
        say("overall: {overall}", overall=OVERALL_NAMES[evidence.results.overall]),
    ]
    for line in lines:
        typer.echo(line.inside(lang))


@app.command(epilog=example("healthcard replay out/evidence.zip read_rights"))
def replay(
    package: PackagePath,
    test: Annotated[str, typer.Argument(help=both(say("Id of the test, or a part that only one test has.")))],
    virtual_reader: Annotated[
        bool, typer.Option(help=both(say("Serve the recorded card in a virtual PC/SC reader until Ctrl-C.")))
    ] = False,
    sealing_key: SealingKey = None,
    profile: Profile = None,
    tables: Tables = None,
    lang: Lang = Language.EN,
) -> None:
    """Show a test's recorded exchanges and run its body against them again. 回放一个测试。"""
    evidence = open_package(package, lang)
    if evidence.measured is not None:
        text = say(
            "This run kept figures, not exchanges: run it again with {command}", command=evidence.measured.command
        )
        raise refused(text, lang)
    id = _the_test(evidence, test, lang)
    recorded = next(result for result in evidence.results.tests if result.test == id)
    known = tables_for(evidence.manifest.profile) if profile is None else tables_of(evidence, profile, tables, lang)
    if sealing_key is not None:
        evidence, _ = opened(evidence, sealing_key, tables_of(evidence, profile, tables, lang), lang)
        recorded = next(result for result in evidence.results.tests if result.test == id)
    showing.exchanges(evidence.transcript(id), known, lang)
    if id in needing_the_sealed_part(evidence):
        raise refused(SEALED_PART_NEEDED, lang, Exit.INCOMPLETE)
    if virtual_reader:
        _serve(evidence, id, lang)
        return
    standard = tables_of(evidence, profile, tables, lang)
    try:
        again = judge_again(evidence, standard, id)
    except CannotRederive as fault:
        raise refused(fault.text, lang, Exit.INCOMPLETE) from fault
    for finding in again.findings:
        showing.show_finding(Console(highlight=False, markup=False), finding, lang)
    reproduced = (again.verdict, again.findings) == (recorded.verdict, recorded.findings)
    text = say(
        "{test}: recorded {recorded}, played back {again}",
        test=id,
        recorded=VERDICT_NAMES[recorded.verdict],
        again=VERDICT_NAMES[again.verdict],
    )
    typer.echo(text.inside(lang))
    raise typer.Exit(Exit.CONFORMANT if reproduced else Exit.NOT_CONFORMANT)


def _the_test(evidence: Package, wanted: str, lang: Language) -> str:
    """The id that is meant: failed tests first, then all that were run."""
    ids = [result.test for result in evidence.results.tests if result.exchanges]
    if wanted in ids:
        return wanted
    fitting = [id for id in ids if wanted in id]
    failed = [result.test for result in evidence.results.tests if result.findings and result.test in fitting]
    chosen = failed if len(failed) == 1 else fitting
    if len(chosen) != 1:
        listed = ", ".join(chosen[:5]) or "–"
        raise refused(
            say(
                "{wanted} names {count} tests ({listed}); name one.",
                wanted=wanted,
                count=len(chosen),
                listed=listed,
            ),
            lang,
        )
    return chosen[0]


def _serve(evidence: Package, id: str, lang: Language) -> None:
    script = [
        (plain(exchange.sent), plain(exchange.received))
        for exchange in evidence.transcript(id)
        if exchange.channel == "card" and exchange.kind != "lost"
    ]
    try:
        serve_script(script, threading.Event(), lambda text: typer.echo(text.inside(lang)))
    except ProductUnreachable as fault:
        raise refused(fault.explained(), lang, Exit.UNREACHABLE) from fault
