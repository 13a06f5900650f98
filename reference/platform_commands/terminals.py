"""``healthcard platform terminal``: reader terminals are registered, assigned, blocked, retired (P-ECARD-13)."""

from __future__ import annotations

from typing import Annotated

import typer

from reference.command_line import Lang, Language, both, example
from reference.languages import Text, say
from reference.platform_commands.opening import DATABASE, Database, done, opened, row

group = typer.Typer(no_args_is_help=True, help=both(say("Reader terminals.")))

TerminalId = Annotated[str, typer.Argument(help=both(say("Identifier of the terminal.")))]
OfInstitution = Annotated[str, typer.Option(help=both(say("Code of the institution where it stands.")))]
InDepartment = Annotated[str, typer.Option(help=both(say("Code of the department where it stands.")))]


@group.command(
    "register", epilog=example("healthcard platform terminal register 5101000020001 --institution 510100002")
)
def register_terminal(
    terminal_id: TerminalId,
    institution: OfInstitution,
    department: InDepartment = "",
    kind: Annotated[str, typer.Option(help=both(say("Kind of device: window, kiosk, handheld.")))] = "",
    software: Annotated[str, typer.Option(help=both(say("Version of its software.")))] = "",
    test_certificate: Annotated[
        str, typer.Option(help=both(say("Number under which its product passed the test.")))
    ] = "",
    place: Annotated[str, typer.Option(help=both(say("Where it stands, in words.")))] = "",
    database: Database = DATABASE,
    lang: Lang = Language.EN,
) -> None:
    """Register a terminal. 登记识读终端。"""
    with opened(database, lang) as (around, who):
        from reference.access import terminals
        from reference.access.terminals import Terminal

        terminals.register(
            around, Terminal(terminal_id, institution, department, kind, software, test_certificate, place), who
        )
    done(lang)


@group.command(
    "assign",
    epilog=example("healthcard platform terminal assign 5101000020001 --institution 510100003 --department A03"),
)
def assign_terminal(
    terminal_id: TerminalId,
    institution: OfInstitution,
    department: InDepartment = "",
    database: Database = DATABASE,
    lang: Lang = Language.EN,
) -> None:
    """Move a terminal to another institution or department. 调整终端所属机构或科室。"""
    with opened(database, lang) as (around, who):
        from reference.access import terminals

        terminals.assign(around, terminal_id, institution, department, who)
    done(lang)


@group.command("list", epilog=example("healthcard platform terminal list --institution 510100002"))
def list_terminals(institution: OfInstitution, database: Database = DATABASE, lang: Lang = Language.EN) -> None:
    """List the terminals of an institution. 列出机构的终端。"""
    with opened(database, lang) as (around, _), around.store.read() as connection:
        from reference.access import terminals

        found = terminals.of_institution(connection, institution)
    for one in found:
        row(one.terminal_id, one.state, one.department, one.kind, one.software, one.test_certificate, one.place)


def _changing(event: str, words: Text) -> None:
    @group.command(event, help=both(words), epilog=example(f"healthcard platform terminal {event} 5101000020001"))
    def change_terminal(terminal_id: TerminalId, database: Database = DATABASE, lang: Lang = Language.EN) -> None:
        with opened(database, lang) as (around, who):
            from reference.access import terminals

            state = terminals.change(around, terminal_id, event, who)
        typer.echo(state)


_changing("repair", say("Take a terminal out of service for repair."))
_changing("return", say("Put a repaired terminal back into service."))
_changing("block", say("Block a lost or misused terminal."))
_changing("unblock", say("Put a blocked terminal back into service."))
_changing("retire", say("Retire a terminal; its identifier is never used again."))
