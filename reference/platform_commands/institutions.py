"""``healthcard platform institution``: institutions are registered, get a password, are suspended (P-ECARD-12)."""

from __future__ import annotations

from typing import Annotated

import typer

from reference.command_line import Lang, Language, both, example
from reference.ecard.verbs import Caller, Institution
from reference.languages import Text, say
from reference.platform_commands.opening import DATABASE, Database, Until, done, opened, password_of, row

group = typer.Typer(no_args_is_help=True, help=both(say("Institutions that use the platform.")))


@group.command("add", epilog=example("healthcard platform institution add 510100002 --name 市第二人民医院 --kind 1"))
def add_institution(
    code: Annotated[str, typer.Argument(help=both(say("Code of the institution.")))],
    name: Annotated[str, typer.Option(help=both(say("Name of the institution.")))],
    kind: Annotated[str, typer.Option(help=both(say("Kind, as the wire profile codes it.")))] = "",
    level: Annotated[str, typer.Option(help=both(say("Level, as the wire profile codes it.")))] = "",
    address: Annotated[str, typer.Option(help=both(say("Address.")))] = "",
    until: Until = "",
    database: Database = DATABASE,
    lang: Lang = Language.EN,
) -> None:
    """Register an institution. 登记机构。"""
    with opened(database, lang) as (around, who):
        from reference.access import institutions
        from reference.ecard.verbs import AddInstitution

        wanted = Institution(code=code, name=name, kind=kind, level=level, address=address, valid_until=until)
        institutions.add(around, Caller(profile="core", operator=who), AddInstitution(institution=wanted))
    done(lang)


@group.command("password", epilog=example("healthcard platform institution password 510100002 --user his"))
def give_password(
    code: Annotated[str, typer.Argument(help=both(say("Code of the institution.")))],
    user: Annotated[str, typer.Option(help=both(say("User name that its requests carry.")))],
    database: Database = DATABASE,
    lang: Lang = Language.EN,
) -> None:
    """Give an institution user name and password, asked for or read from standard input. 设置机构用户名和密码。"""
    with opened(database, lang) as (around, who):
        from reference.access import institutions

        institutions.set_password(around, code, user, password_of(lang), who)
    done(lang)


@group.command("list", epilog=example("healthcard platform institution list"))
def list_institutions(database: Database = DATABASE, lang: Lang = Language.EN) -> None:
    """List the institutions. 列出机构。"""
    with opened(database, lang) as (around, _), around.store.read() as connection:
        from reference.access import institutions

        found = institutions.every(connection)
    for one in found:
        row(one.code, one.state, one.name, one.kind, one.level, one.valid_until)


def _changing_institution(event: str, state: str, words: Text) -> None:
    @group.command(event, help=both(words), epilog=example(f"healthcard platform institution {event} 510100002"))
    def change_institution(
        code: Annotated[str, typer.Argument(help=both(say("Code of the institution.")))],
        database: Database = DATABASE,
        lang: Lang = Language.EN,
    ) -> None:
        with opened(database, lang) as (around, who):
            from reference.access import institutions
            from reference.ecard.verbs import UpdateInstitution

            wanted = UpdateInstitution(institution=Institution(code=code, name="", state=state))
            institutions.change(around, Caller(profile="core", operator=who), wanted)
        typer.echo(state)


_changing_institution("suspend", "suspended", say("Keep an institution from the platform for a while."))
_changing_institution("resume", "in-service", say("Let a suspended institution use the platform again."))
_changing_institution("close", "closed", say("Keep an institution from the platform for good."))
