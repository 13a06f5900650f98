"""``healthcard platform operator``: the people who sign in at the console (P-CITY-09)."""

from __future__ import annotations

from typing import Annotated

import typer

from reference.command_line import Lang, Language, both, example
from reference.languages import Text, say
from reference.platform_commands.opening import (
    DATABASE,
    Database,
    Scopes,
    done,
    opened,
    password_of,
    row,
    scopes_of,
)

group = typer.Typer(no_args_is_help=True, help=both(say("Operators of the console.")))

UserName = Annotated[str, typer.Argument(help=both(say("User name: letters, digits, dots and hyphens.")))]


@group.command("add", epilog=example("healthcard platform operator add li.ming --name 李明 --scope '*'"))
def add_operator(
    user_name: UserName,
    name: Annotated[str, typer.Option(help=both(say("Name of the person.")))] = "",
    scope: Scopes = None,
    database: Database = DATABASE,
    lang: Lang = Language.EN,
) -> None:
    """Make an operator; the password is asked for, 12 characters at least. 新增操作员，密码至少12个字符。"""
    with opened(database, lang) as (around, who):
        from reference.access import operators

        operators.add(around, user_name, name, password_of(lang), scopes_of(scope, lang), who)
    done(lang)


@group.command("password", epilog=example("healthcard platform operator password li.ming"))
def give_password(user_name: UserName, database: Database = DATABASE, lang: Lang = Language.EN) -> None:
    """Give an operator a new password, which ends his sessions and his lock. 重设操作员密码。"""
    with opened(database, lang) as (around, who):
        from reference.access import operators

        operators.set_password(around, user_name, password_of(lang), who)
    done(lang)


@group.command("list", epilog=example("healthcard platform operator list"))
def list_operators(database: Database = DATABASE, lang: Lang = Language.EN) -> None:
    """List the operators. 列出操作员。"""
    with opened(database, lang) as (around, _), around.store.read() as connection:
        from reference.access import operators

        found = operators.every(connection)
    for one in found:
        row(one.user_name, one.state, one.name, ",".join(sorted(one.scopes)))


def _changing(event: str, words: Text) -> None:
    @group.command(event, help=both(words), epilog=example(f"healthcard platform operator {event} li.ming"))
    def change_operator(user_name: UserName, database: Database = DATABASE, lang: Lang = Language.EN) -> None:
        with opened(database, lang) as (around, who):
            from reference.access import operators

            operators.change(around, user_name, event, who)
        done(lang)


_changing("suspend", say("Keep an operator from the console for a while."))
_changing("resume", say("Let a suspended operator sign in again."))
_changing("close", say("Keep an operator from the console for good."))
