"""``healthcard platform app``: applications apply, are approved, suspended, revoked; rights, secrets (P-ECARD-11)."""

from __future__ import annotations

from typing import Annotated

import typer

from reference.command_line import Lang, Language, both, example, refused
from reference.ecard.moments import china_text
from reference.languages import Text, say
from reference.platform_commands.opening import (
    DATABASE,
    DATE,
    Database,
    KeyFile,
    KeyVersion,
    Machines,
    Quota,
    Scopes,
    Until,
    done,
    end_of,
    opened,
    row,
    scopes_of,
    show_secret,
)

group = typer.Typer(no_args_is_help=True, help=both(say("Applications that use the platform.")))


@group.command(
    "apply",
    epilog=example("healthcard platform app apply hospital-app --name 医院APP --profile sichuan --scope Verify"),
)
def apply_app(
    app_id: Annotated[str, typer.Argument(help=both(say("Id of the application, as its requests will carry it.")))],
    name: Annotated[str, typer.Option(help=both(say("Name of the application.")))],
    profile: Annotated[str, typer.Option(help=both(say("Wire profile that it speaks.")))],
    institution: Annotated[str, typer.Option(help=both(say("Code of the institution that it belongs to.")))] = "",
    owner: Annotated[str, typer.Option(help=both(say("Who answers for it.")))] = "",
    record_number: Annotated[str, typer.Option(help=both(say("Its filing number.")))] = "",
    scope: Scopes = None,
    daily_quota: Quota = 0,
    until: Until = "",
    database: Database = DATABASE,
    key_file: KeyFile = "",
    crypto_machine: Machines = None,
    key_version: KeyVersion = 1,
    lang: Lang = Language.EN,
) -> None:
    """Register an application and show its secret once. 登记应用并一次性显示密钥。"""
    with opened(database, lang, key_file, crypto_machine, key_version) as (around, who):
        from reference.access import apps
        from reference.access.apps import AppOrder
        from reference.gateway.profiles import ALL

        known = [one.id for one in ALL]
        if profile not in known:
            text = say("There is no wire profile {name}: {known}.", name=profile, known=", ".join(known))
            raise refused(text, lang)
        order = AppOrder(
            app_id,
            name,
            profile,
            owner,
            institution,
            record_number,
            scopes_of(scope, lang),
            daily_quota,
            end_of(until),
        )
        secret = apps.apply(around, order, who)
    show_secret(secret, lang)


@group.command("renew", epilog=example("healthcard platform app renew hospital-app"))
def renew_app(
    app_id: Annotated[str, typer.Argument(help=both(say("Id of the application.")))],
    database: Database = DATABASE,
    key_file: KeyFile = "",
    crypto_machine: Machines = None,
    key_version: KeyVersion = 1,
    lang: Lang = Language.EN,
) -> None:
    """Replace the secret of an application and show the new one once. 更换应用密钥并一次性显示。"""
    with opened(database, lang, key_file, crypto_machine, key_version) as (around, who):
        from reference.access import apps

        secret = apps.renew(around, app_id, who)
    show_secret(secret, lang)


@group.command("grant", epilog=example("healthcard platform app grant hospital-app --scope Verify --scope Query"))
def grant_app(
    app_id: Annotated[str, typer.Argument(help=both(say("Id of the application.")))],
    scope: Scopes = None,
    daily_quota: Quota = 0,
    until: Until = "",
    database: Database = DATABASE,
    lang: Lang = Language.EN,
) -> None:
    """Set what an application may do, how often a day and until when. 设定应用权限、日限额与有效期。"""
    with opened(database, lang) as (around, who):
        from reference.access import apps

        granted = scopes_of(scope, lang)
        apps.grant(around, app_id, who, scopes=granted, daily_quota=daily_quota, valid_until_ms=end_of(until))
    done(lang)


@group.command("list", epilog=example("healthcard platform app list"))
def list_apps(database: Database = DATABASE, lang: Lang = Language.EN) -> None:
    """List the applications. 列出应用。"""
    with opened(database, lang) as (around, _), around.store.read() as connection:
        from reference.access import apps

        found = [app for app_id in apps.every(connection) if (app := apps.find(connection, app_id)) is not None]
    for app in found:
        until = "" if app.valid_until_ms is None else china_text(app.valid_until_ms - 1, DATE)
        row(app.app_id, app.profile, app.state, app.name, ",".join(sorted(app.scopes)), app.daily_quota, until)


def _changing_app(event: str, words: Text) -> None:
    """A verb that is nothing but an event of an application's life."""

    @group.command(event, help=both(words), epilog=example(f"healthcard platform app {event} hospital-app"))
    def change_app(
        app_id: Annotated[str, typer.Argument(help=both(say("Id of the application.")))],
        database: Database = DATABASE,
        lang: Lang = Language.EN,
    ) -> None:
        with opened(database, lang) as (around, who):
            from reference.access import apps

            state = apps.change(around, app_id, event, who)
        typer.echo(state)


_changing_app("approve", say("Let an application work."))
_changing_app("suspend", say("Stop an application for a while."))
_changing_app("resume", say("Let a suspended application work again."))
_changing_app("revoke", say("Stop an application for good."))
