"""What every command has in common: languages, exit codes, help in both languages, and refusing a call.

The exit codes are the architecture's: 0 conformant, 1 not conformant, 2 incomplete, then those of sysexits.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Annotated

import typer

from reference.languages import Text, say


class Exit(IntEnum):
    """What the command's exit code says."""

    CONFORMANT = 0
    NOT_CONFORMANT = 1
    INCOMPLETE = 2
    USAGE = 64
    UNREACHABLE = 69
    INTERNAL = 70


class Language(StrEnum):
    """Language of what is shown."""

    EN = "en"
    ZH = "zh"


def both(text: Text) -> str:
    """A help text: both languages behind one another."""
    return f"{text.en} {text.zh}"


def example(call: str) -> str:
    """The last line of a command's help."""
    return f"Example 示例: {call}"


Lang = Annotated[Language, typer.Option(help=both(say("Language of what is shown.")))]


def refused(message: Text, lang: Language, code: Exit = Exit.USAGE) -> typer.Exit:
    """Say on stderr what is wrong, why and what to do next; the exit to raise."""
    typer.echo(message.inside(lang), err=True)
    return typer.Exit(code)


def lacking(missing: ImportError, lang: Language, extras: str = "platform") -> typer.Exit:
    """Say which package of the optional extras is missing and how to install it; the exit to raise."""
    text = say(
        "This needs packages that are not installed ({name}): pip install 'healthcard[{extras}]'.",
        name=missing.name,
        extras=extras,
    )
    return refused(text, lang)
