"""The command ``healthcard card read``: the reference terminal reads a whole card, simulated or in a reader.

Follows APP11 5.1.1 and chapter 6 through `reference.terminal.reading`; prints as ``card show`` does.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from conformance.adapters.pcsc import PcscChip, UnknownReader
from conformance.cli import DEFAULT_PROFILE, Profile, Tables, standard_of
from conformance.selfcheck.simulated_terminals import UnusableMemory, simulated_chips
from reference.card.image_file import save_image
from reference.card.violations import Violation
from reference.card_commands import card_commands
from reference.card_showing import as_json, lines, print_card
from reference.command_line import Exit, Lang, Language, both, example, refused
from reference.languages import Text, say
from reference.ports import ProductUnreachable
from reference.standard import Standard
from reference.terminal.card_session import CardSession
from reference.terminal.endings import FlowEnded, UnknownSamType, WrongSamType
from reference.terminal.reading import CardReading, NotGiven, Unread, read_card
from reference.terminal.sam_session import SamRefuses, SamSession
from reference.terminal.terminal import FlowBroken, Terminal

Memory = Annotated[
    Path | None,
    typer.Option(help=both(say("File that keeps the simulated card's memory; made when it is not there."))),
]
SamType = Annotated[int, typer.Option(min=1, max=5, help=both(say("Type of the simulated SAM, 1 to 5.")))]


def today() -> datetime.date:
    """The day at this place."""
    return datetime.datetime.now(datetime.UTC).astimezone().date()


@contextlib.contextmanager
def explained(lang: Language) -> Iterator[None]:
    """Whatever can end a flow, said to the user, with the exit code for it."""
    try:
        yield
    except (WrongSamType, UnknownSamType) as ending:
        raise refused(ending.text, lang) from ending
    except FlowEnded as ending:
        raise refused(ending.text, lang, Exit.INCOMPLETE) from ending
    except (FlowBroken, Violation) as fault:
        violation = fault.violation if isinstance(fault, FlowBroken) else fault
        text = say(
            "The card cannot be used as a residents health card of this system. {summary} Found: {actual}. Put in such "
            "a card; if this is one, hold it against the standard with healthcard certify card.",
            summary=violation.tell(violation.summary),
            actual=violation.tell(violation.actual),
        )
        raise refused(text, lang, Exit.NOT_CONFORMANT) from fault
    except NotGiven as fault:
        raise refused(fault.reason, lang, Exit.NOT_CONFORMANT) from fault
    except SamRefuses as fault:
        text = say("{fault} Check that a SAM for residents health cards is in the SAM's reader.", fault=fault.text)
        raise refused(text, lang) from fault
    except (UnknownReader, UnusableMemory) as fault:
        raise refused(fault.text, lang) from fault
    except ProductUnreachable as fault:
        raise refused(fault.explained(), lang, Exit.UNREACHABLE) from fault


@contextlib.contextmanager
def terminal_in_readers(standard: Standard, reader: str, sam_reader: str) -> Iterator[Terminal]:
    """A terminal with card and SAM in two PC/SC readers. Raises UnknownReader, ProductUnreachable."""
    with PcscChip(reader) as card, PcscChip(sam_reader) as sam:
        yield Terminal(CardSession(card, standard), SamSession(sam, standard))


def simulated_terminal(standard: Standard, sam_type: int, memory: Path | None) -> Terminal:
    """A terminal with the simulated card and SAM. Raises UnusableMemory."""
    card, sam = simulated_chips(standard, sam_type, memory)
    return Terminal(CardSession(card, standard), SamSession(sam, standard))


@card_commands.command("read", epilog=example("healthcard card read --simulated --sam-type 3 --lang zh"))
def read(
    simulated: Annotated[bool, typer.Option("--simulated", help=both(say("Read the simulated card.")))] = False,
    reader: Annotated[str, typer.Option(help=both(say("PC/SC reader with the card: name or part of it.")))] = "",
    sam_reader: Annotated[str, typer.Option(help=both(say("PC/SC reader with the SAM.")))] = "",
    sam_type: SamType = 5,
    memory: Memory = None,
    save: Annotated[Path | None, typer.Option(help=both(say("Save what was read as a card image (JSON).")))] = None,
    profile: Profile = DEFAULT_PROFILE,
    tables: Tables = None,
    json: Annotated[bool, typer.Option("--json", help=both(say("One JSON object, with both languages.")))] = False,
    lang: Lang = Language.EN,
) -> None:
    """Read a whole card with the SAM at hand and show it. 用现有SAM卡读出整张卡并显示。"""
    if simulated == bool(reader):
        raise refused(say("Name the card: either --simulated, or --reader with --sam-reader."), lang)
    if bool(reader) != bool(sam_reader):
        raise refused(
            say("A card in a reader needs a SAM: name its reader with --sam-reader (doctor lists readers)."), lang
        )
    standard = standard_of(profile, tables, lang)
    with explained(lang):
        if simulated:
            reading = read_card(simulated_terminal(standard, sam_type, memory), today())
        else:
            with terminal_in_readers(standard, reader, sam_reader) as terminal:
                reading = read_card(terminal, today())
    if save is not None:
        _save(reading, save, lang)
    _show(standard, reading, lang, json=json)


def _save(reading: CardReading, path: Path, lang: Language) -> None:
    try:
        save_image(reading.data, path)
    except OSError as fault:
        text = say("{path}: cannot be written: {fault}. Choose another file.", path=path, fault=fault.strerror)
        raise refused(text, lang) from fault
    typer.echo(say("Saved: {path}", path=path).inside(lang), err=True)


def _show(standard: Standard, reading: CardReading, lang: Language, *, json: bool) -> None:
    paths = list(reading.data.files)
    if json:
        whole = as_json(standard, reading.data, paths) | {"sam_type": reading.sam_type, "unread": reading.unread}
        typer.echo(msgspec.json.format(msgspec.json.encode(whole)).decode())
        return
    if (console := Console()).is_terminal:
        print_card(console, standard, reading.data, paths, lang)
    else:
        for line in lines(standard, reading.data, paths, lang):
            typer.echo(line)
    for unread in reading.unread:
        typer.echo(_told(standard, unread).inside(lang), err=True)


def _told(standard: Standard, unread: Unread) -> Text:
    title = standard.files[unread.file].title
    return say("Not read: {file} {title}: {reason}", file=unread.file, title=title, reason=unread.reason)
