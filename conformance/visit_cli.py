"""The commands that write to a card: ``card record-visit``, ``settle-visit``, ``block``, ``unblock``.

They run on the simulated card, whose memory a file keeps from one command to the next. Follows APP11 5.4 to 5.6 and 6.4
through `reference.terminal`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from conformance.card_cli import SamType, explained, simulated_terminal, today
from conformance.cli import DEFAULT_PROFILE, Profile, Tables, standard_of
from conformance.selfcheck.simulated_terminals import DEMO_PIN, demo_back_end
from reference.card.elements import UnfitValue
from reference.card.values import Kind, Value, kind_of
from reference.card_commands import card_commands
from reference.command_line import Lang, Language, both, example, refused
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.errors import among
from reference.standard.rows import KeyRole
from reference.terminal.locks import block_application, block_card, unblock_application
from reference.terminal.terminal import Terminal
from reference.terminal.visits import (
    INPATIENT,
    OUTPATIENT,
    VisitFiles,
    data_elements,
    record_visit,
    settle_visit,
    visit_data,
)

WHOLE_CARD = "MF"


class VisitKind(StrEnum):
    """The two kinds of visit."""

    INPATIENT = "inpatient"
    OUTPATIENT = "outpatient"

    @property
    def files(self) -> VisitFiles:
        """Where the card keeps them."""
        return INPATIENT if self is VisitKind.INPATIENT else OUTPATIENT


KindOfVisit = Annotated[VisitKind, typer.Argument(help=both(say("Kind of visit.")))]
Memory = Annotated[
    Path, typer.Option(help=both(say("File that keeps the simulated card's memory; made when it is not there.")))
]
Application = Annotated[
    str, typer.Argument(help=both(say("The application by its path: DDF1/DF01; MF is the whole card.")))
]


@card_commands.command(
    "record-visit", epilog=example("healthcard card record-visit inpatient visit.toml --memory card.memory")
)
def record(
    kind: KindOfVisit,
    values: Annotated[Path, typer.Argument(help=both(say("The visit's values: TOML, one element id a line.")))],
    memory: Memory,
    pin: Annotated[str, typer.Option(help=both(say("PIN of the SAM in hexadecimal.")))] = DEMO_PIN.hex(),
    sam_type: SamType = 2,
    profile: Profile = DEFAULT_PROFILE,
    tables: Tables = None,
    lang: Lang = Language.EN,
) -> None:
    """Record a visit on the simulated card, signed by its SAM. 在模拟卡上记录一次诊疗信息并签名。"""
    standard = standard_of(profile, tables, lang)
    data = _data(standard, kind.files, values, lang)
    try:
        pin_bytes = bytes.fromhex(pin)
    except ValueError as fault:
        raise refused(say("The PIN is written as hexadecimal digits, two for each byte: 1234."), lang) from fault
    with explained(lang):
        stored = record_visit(simulated_terminal(standard, sam_type, memory), kind.files, data, pin_bytes, today())
    said = say("Recorded and signed in {file}; record {number} is valid.", file=stored.file, number=stored.number)
    typer.echo(said.inside(lang))


def _data(standard: Standard, files: VisitFiles, path: Path, lang: Language) -> bytes:
    """The visit's data of a values file; a mistake in it ends the command with its reason."""
    elements = {element.id: element for element in data_elements(standard, files)}
    try:
        written: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError) as fault:
        text = say("{path}: {fault}. Write TOML, one line an element: total-fee = '12.50'.", path=path, fault=fault)
        raise refused(text, lang) from fault
    for id in written.keys() - elements.keys():
        problem = say("{path}: a visit has no element {id}.", path=path, id=id)
        remedy = among(get_close_matches(id, elements) or elements)
        raise refused(Text(f"{problem.en} {remedy.en}", f"{problem.zh}{remedy.zh}"), lang)
    try:
        typed: dict[str, Value] = {id: _typed(kind_of(elements[id]), value) for id, value in written.items()}
        return visit_data(standard, files, typed)
    except UnfitValue as unfit:
        text = say("{path}: {id}: {reason}.", path=path, id=unfit.element.id, reason=unfit.reason)
        raise refused(text, lang) from unfit
    except InvalidOperation as fault:
        text = say('{path}: an amount is written as yuan between quotes: "12.50".', path=path)
        raise refused(text, lang) from fault


def _typed(kind: Kind, value: Any) -> Any:
    """The value as its kind has it; TOML has dates and truth values of its own, amounts come as texts."""
    return Decimal(value) if kind is Kind.AMOUNT and isinstance(value, str) else value


@card_commands.command("settle-visit", epilog=example("healthcard card settle-visit inpatient --memory card.memory"))
def settle(
    kind: KindOfVisit,
    memory: Memory,
    sam_type: SamType = 5,
    profile: Profile = DEFAULT_PROFILE,
    tables: Tables = None,
    lang: Lang = Language.EN,
) -> None:
    """Settle the first recorded visit after its signature was verified. 验证签名后核销首条诊疗记录。"""
    standard = standard_of(profile, tables, lang)
    with explained(lang):
        terminal = simulated_terminal(standard, sam_type, memory)
        stored = settle_visit(terminal, kind.files, demo_back_end(standard, today()), today())
    said = say(
        "The signature in {file} holds up to the demo root; record {number} is settled and free again.",
        file=stored.file,
        number=stored.number,
    )
    typer.echo(said.inside(lang))


@card_commands.command("block", epilog=example("healthcard card block DDF1/DF01 --memory card.memory"))
def block(
    application: Application,
    memory: Memory,
    permanent: Annotated[bool, typer.Option("--permanent", help=both(say("For ever; it cannot be lifted.")))] = False,
    sam_type: SamType = 4,
    profile: Profile = DEFAULT_PROFILE,
    tables: Tables = None,
    lang: Lang = Language.EN,
) -> None:
    """Lock an application of the simulated card, or the whole card for ever. 锁定模拟卡的应用或永久锁卡。"""
    standard = standard_of(profile, tables, lang)
    if application == WHOLE_CARD and not permanent:
        raise refused(say("The whole card is locked for ever: say so with --permanent."), lang)
    _locking(
        standard,
        application,
        sam_type,
        memory,
        block_card
        if application == WHOLE_CARD
        else lambda terminal: block_application(terminal, application, permanent=permanent),
        lang,
    )
    typer.echo(say("{application} is locked.", application=application).inside(lang))


@card_commands.command("unblock", epilog=example("healthcard card unblock DDF1/DF01 --memory card.memory"))
def unblock(
    application: Application,
    memory: Memory,
    sam_type: SamType = 4,
    profile: Profile = DEFAULT_PROFILE,
    tables: Tables = None,
    lang: Lang = Language.EN,
) -> None:
    """Lift a temporary lock of an application of the simulated card. 解除模拟卡应用的临时锁定。"""
    standard = standard_of(profile, tables, lang)
    if application == WHOLE_CARD:
        raise refused(say("A card's lock is for ever: only applications are unlocked."), lang)
    _locking(
        standard,
        application,
        sam_type,
        memory,
        lambda terminal: unblock_application(terminal, application),
        lang,
    )
    typer.echo(say("{application} is unlocked.", application=application).inside(lang))


def _locking(
    standard: Standard,
    application: str,
    sam_type: int,
    memory: Path,
    act: Callable[[Terminal], None],
    lang: Language,
) -> None:
    """Run a lock's flow on an application that can be locked."""
    lockable = [key.directory for key in standard.keys.values() if key.role is KeyRole.APPLICATION_LOCK]
    if application not in (*lockable, WHOLE_CARD):
        problem, remedy = (
            say("{application} cannot be locked.", application=application),
            among([*lockable, WHOLE_CARD]),
        )
        raise refused(Text(f"{problem.en} {remedy.en}", f"{problem.zh}{remedy.zh}"), lang)
    with explained(lang):
        act(simulated_terminal(standard, sam_type, memory))
