"""What every administrative verb needs: its options, the platform's database opened, secrets shown once.

A verb does one thing in one transaction, which is a line of the audit log in the name of who is signed in at the
machine. Passwords come from a prompt or standard input, never from the command line, where others could read them.
"""

from __future__ import annotations

import contextlib
import getpass
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Final

import typer

from reference.command_line import Exit, Language, both, lacking, refused
from reference.ecard import verbs
from reference.ecard.moments import DAY, moment_of
from reference.ecard.refusals import Refusal
from reference.languages import say
from reference.ports import CryptoMachineRefused, CryptoMachineUnavailable, ProductUnreachable

if TYPE_CHECKING:
    from reference.serving import Surroundings

DATABASE: Final = "sqlite:///healthcard.db"
DATE: Final = "yyyyMMdd"
EVERY_SCOPE: Final = "*"
OF_THE_CONSOLE: Final = ("Show",)
"""Rights that no verb has: personal data unmasked."""

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
        raise lacking(missing, lang) from None
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


def scopes_of(names: list[str] | None, lang: Language) -> frozenset[str]:
    """The rights that are named. Refuses the call for one that is no verb's name."""
    known = {EVERY_SCOPE, *OF_THE_CONSOLE, *(verb.__name__ for verb in verbs.Verb.__args__)}
    for name in names or ():
        if name not in known:
            raise refused(
                say("There is no verb {name}. Use some of: {names}.", name=name, names=", ".join(sorted(known))), lang
            )
    return frozenset(names or ())


def end_of(day: str) -> int | None:
    """The moment at which the last day is over in China; None for no end. Raises Refusal for what is no date."""
    return moment_of(day, DATE, "until") + DAY if day else None


def password_of(lang: Language) -> str:
    """A password: typed twice at a prompt, or the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt(say("Password").inside(lang), hide_input=True, confirmation_prompt=True))


def show_secret(secret: str, lang: Language) -> None:
    """The secret alone on standard output; what to do with it on standard error."""
    typer.echo(secret)
    typer.echo(
        say("This secret is shown once. Keep it safe: it can only be replaced, not read again.").inside(lang), err=True
    )


def done(lang: Language) -> None:
    """Say that it is done."""
    typer.echo(say("Done.").inside(lang))


def row(*cells: object) -> None:
    """One line of a list, cells separated by tabs."""
    typer.echo("\t".join(str(cell) for cell in cells))
