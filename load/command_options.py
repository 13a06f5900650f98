"""Options that the commands ``healthcard load`` share, and what they say where an extra is missing.

Imports nothing of the extras ``load`` and ``platform``, so that ``healthcard`` starts without them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reference.command_line import Language, both, refused
from reference.languages import say

Profile = Annotated[str, typer.Option(help=both(say("Wire profile.")))]
PermitFile = Annotated[
    Path | None, typer.Option(help=both(say("Permit file, needed for an address that is not this machine.")))
]
CredentialsFile = Annotated[
    Path | None,
    typer.Option(help=both(say("JSON file with the client's credentials; the demo client's when left out."))),
]


def lacking(missing: ImportError, lang: Language) -> typer.Exit:
    """Say which package is missing and how to install it; the exit to raise."""
    return refused(
        say(
            "Load tests need packages that are not installed ({name}): pip install 'healthcard[load,platform]'.",
            name=missing.name,
        ),
        lang,
    )
