"""Administration of the access platform from the command line: apps, institutions, terminals, operators.

Each verb opens the database, does one thing in one transaction, and is a line of the audit log. Secrets are printed
once, on standard output, and never again. Passwords come from a prompt or standard input, never from the command line,
where others could read them. Source: P-ECARD-11, P-ECARD-12, P-ECARD-13, P-CITY-09.
"""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from reference.command_line import Exit, Lang, Language, both, example, refused
from reference.ecard.moments import DAY, china_text, moment_of
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, Institution
from reference.languages import Text, say
from reference.ports import CryptoMachineRefused, CryptoMachineUnavailable, ProductUnreachable

if TYPE_CHECKING:
    from reference.serving import Surroundings

DATE: Final = "yyyyMMdd"
Database = Annotated[
    str, typer.Option(help=both(say("Database: sqlite:///file.db or postgresql://user@host:port/name.")))
]
KeyFile = Annotated[str, typer.Option(help=both(say("Keys of the crypto machine in process.")))]
Machines = Annotated[
    list[str] | None,
    typer.Option(
        "--crypto-machine",
        help=both(say("Crypto machine host:port, several for failover; in process when left out.")),
    ),
]
KeyVersion = Annotated[
    int, typer.Option(min=1, help=both(say("Key version in which crypto machines at addresses encipher.")))
]
Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", help=both(say("A verb that is allowed, several times; * for all. None when left out."))),
]
Quota = Annotated[int, typer.Option(min=0, help=both(say("Requests a day; 0: without limit.")))]
Until = Annotated[str, typer.Option(help=both(say("Last day, YYYYMMDD; without end when left out.")))]
DATABASE: Final = "sqlite:///healthcard.db"

apps_group = typer.Typer(no_args_is_help=True, help=both(say("Applications that use the platform.")))
institutions_group = typer.Typer(no_args_is_help=True, help=both(say("Institutions that use the platform.")))
terminals_group = typer.Typer(no_args_is_help=True, help=both(say("Reader terminals.")))
operators_group = typer.Typer(no_args_is_help=True, help=both(say("Operators of the console.")))
GROUPS: Final = {
    "app": apps_group,
    "institution": institutions_group,
    "terminal": terminals_group,
    "operator": operators_group,
}


# --- applications -----------------------------------------------------------------------------------------------------


@apps_group.command(
    "apply", epilog=example("healthcard platform app apply hospital-app --name 医院APP --profile sichuan --scope Verify")
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
    with _opened(database, lang, key_file, crypto_machine, key_version) as (around, who):
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
            _scopes(scope, lang),
            daily_quota,
            _end_of(until),
        )
        secret = apps.apply(around, order, who)
    _secret(secret, lang)


@apps_group.command("renew", epilog=example("healthcard platform app renew hospital-app"))
def renew_app(
    app_id: Annotated[str, typer.Argument(help=both(say("Id of the application.")))],
    database: Database = DATABASE,
    key_file: KeyFile = "",
    crypto_machine: Machines = None,
    key_version: KeyVersion = 1,
    lang: Lang = Language.EN,
) -> None:
    """Replace the secret of an application and show the new one once. 更换应用密钥并一次性显示。"""
    with _opened(database, lang, key_file, crypto_machine, key_version) as (around, who):
        from reference.access import apps

        secret = apps.renew(around, app_id, who)
    _secret(secret, lang)


@apps_group.command("grant", epilog=example("healthcard platform app grant hospital-app --scope Verify --scope Query"))
def grant_app(
    app_id: Annotated[str, typer.Argument(help=both(say("Id of the application.")))],
    scope: Scopes = None,
    daily_quota: Quota = 0,
    until: Until = "",
    database: Database = DATABASE,
    lang: Lang = Language.EN,
) -> None:
    """Set what an application may do, how often a day and until when. 设定应用权限、日限额与有效期。"""
    with _opened(database, lang) as (around, who):
        from reference.access import apps

        granted = _scopes(scope, lang)
        apps.grant(around, app_id, who, scopes=granted, daily_quota=daily_quota, valid_until_ms=_end_of(until))
    _done(lang)


@apps_group.command("list", epilog=example("healthcard platform app list"))
def list_apps(database: Database = DATABASE, lang: Lang = Language.EN) -> None:
    """List the applications. 列出应用。"""
    with _opened(database, lang) as (around, _), around.store.read() as connection:
        from reference.access import apps

        found = [app for app_id in apps.every(connection) if (app := apps.find(connection, app_id)) is not None]
    for app in found:
        until = "" if app.valid_until_ms is None else china_text(app.valid_until_ms - 1, DATE)
        _row(app.app_id, app.profile, app.state, app.name, ",".join(sorted(app.scopes)), app.daily_quota, until)


def _changing_app(event: str, words: Text) -> None:
    """A verb that is nothing but an event of an application's life."""

    @apps_group.command(event, help=both(words), epilog=example(f"healthcard platform app {event} hospital-app"))
    def change_app(
        app_id: Annotated[str, typer.Argument(help=both(say("Id of the application.")))],
        database: Database = DATABASE,
        lang: Lang = Language.EN,
    ) -> None:
        with _opened(database, lang) as (around, who):
            from reference.access import apps

            state = apps.change(around, app_id, event, who)
        typer.echo(state)


_changing_app("approve", say("Let an application work."))
_changing_app("suspend", say("Stop an application for a while."))
_changing_app("resume", say("Let a suspended application work again."))
_changing_app("revoke", say("Stop an application for good."))


# --- institutions -----------------------------------------------------------------------------------------------------


@institutions_group.command(
    "add", epilog=example("healthcard platform institution add 510100002 --name 市第二人民医院 --kind 1")
)
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
    with _opened(database, lang) as (around, who):
        from reference.access import institutions
        from reference.ecard.verbs import AddInstitution

        wanted = Institution(code=code, name=name, kind=kind, level=level, address=address, valid_until=until)
        institutions.add(around, Caller(profile="core", operator=who), AddInstitution(institution=wanted))
    _done(lang)


@institutions_group.command(
    "password", epilog=example("healthcard platform institution password 510100002 --user his")
)
def give_password(
    code: Annotated[str, typer.Argument(help=both(say("Code of the institution.")))],
    user: Annotated[str, typer.Option(help=both(say("User name that its requests carry.")))],
    database: Database = DATABASE,
    lang: Lang = Language.EN,
) -> None:
    """Give an institution user name and password, asked for or read from standard input. 设置机构用户名和密码。"""
    with _opened(database, lang) as (around, who):
        from reference.access import institutions

        institutions.set_password(around, code, user, _password(lang), who)
    _done(lang)


@institutions_group.command("list", epilog=example("healthcard platform institution list"))
def list_institutions(database: Database = DATABASE, lang: Lang = Language.EN) -> None:
    """List the institutions. 列出机构。"""
    with _opened(database, lang) as (around, _), around.store.read() as connection:
        from reference.access import institutions

        found = institutions.every(connection)
    for one in found:
        _row(one.code, one.state, one.name, one.kind, one.level, one.valid_until)


def _changing_institution(event: str, state: str, words: Text) -> None:
    @institutions_group.command(
        event, help=both(words), epilog=example(f"healthcard platform institution {event} 510100002")
    )
    def change_institution(
        code: Annotated[str, typer.Argument(help=both(say("Code of the institution.")))],
        database: Database = DATABASE,
        lang: Lang = Language.EN,
    ) -> None:
        with _opened(database, lang) as (around, who):
            from reference.access import institutions
            from reference.ecard.verbs import UpdateInstitution

            wanted = UpdateInstitution(institution=Institution(code=code, name="", state=state))
            institutions.change(around, Caller(profile="core", operator=who), wanted)
        typer.echo(state)


_changing_institution("suspend", "suspended", say("Keep an institution from the platform for a while."))
_changing_institution("resume", "in-service", say("Let a suspended institution use the platform again."))
_changing_institution("close", "closed", say("Keep an institution from the platform for good."))


# --- what all verbs share ---------------------------------------------------------------------------------------------


@contextlib.contextmanager
def opened(
    database: str,
    lang: Language,
    key_file: str = "",
    crypto_machine: list[str] | None = None,
    key_version: int = 1,
) -> Iterator[tuple[Surroundings, str]]:
    """The platform's surroundings and the name of who acts; mistakes inside become a clear refusal of the call."""
    try:
        from reference.gateway import composing
        from reference.gateway.settings import ServeSettings
    except ImportError as missing:
        text = say(
            "The platform needs packages that are not installed ({name}): pip install 'healthcard[platform]'.",
            name=missing.name,
        )
        raise refused(text, lang) from None
    settings = ServeSettings(
        database=database,
        key_file=key_file,
        crypto_machines=tuple(crypto_machine or ()),
        key_version=key_version,
    )
    try:
        composing.check(settings)
        store = composing.open_store(settings)
        try:
            yield composing.surroundings_of(settings, store), f"command:{getpass.getuser()}"
        finally:
            store.close()
    except composing.WrongSettings as error:
        raise refused(error.text, lang) from None
    except Refusal as refusal:
        raise refused(refusal.explained(), lang) from None
    except CryptoMachineRefused as error:
        raise refused(error.reason, lang, Exit.UNREACHABLE) from None
    except (CryptoMachineUnavailable, ProductUnreachable) as error:
        raise refused(error.explained(), lang, Exit.UNREACHABLE) from None


_opened = opened
