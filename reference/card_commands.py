"""The group ``healthcard card``: the reference terminal's commands. Each module that has one adds it here."""

from __future__ import annotations

import typer

from reference.command_line import both
from reference.languages import say

card_commands = typer.Typer(
    no_args_is_help=True, help=both(say("Look at cards and their images, as the reference terminal does."))
)
