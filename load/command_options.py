"""Options that the commands ``healthcard load`` share, and what they say where an extra is missing.

Imports nothing of the extras ``load`` and ``platform``, so that ``healthcard`` starts without them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reference import command_line
from reference.command_line import Language, both
from reference.languages import Text, say

TargetUrl = Annotated[str, typer.Option(help=both(say("Address of the platform, as http://127.0.0.1:8080.")))]
Own = Annotated[
    bool, typer.Option("--self", help=both(say("Start the reference platform with a demo database and test it.")))
]
CasesFile = Annotated[str, typer.Option(help=both(say("File of cases; --self makes its own.")))]
GatesName = Annotated[
    str, typer.Option(help=both(say("Bounds: correctness, city, province, stress, or a TOML file with bounds.")))
]
Seed = Annotated[int, typer.Option(help=both(say("Seed of schedule and cases.")))]
Generators = Annotated[int, typer.Option(min=1, max=64, help=both(say("Generator processes.")))]
Connections = Annotated[int, typer.Option(min=1, max=10_000, help=both(say("Requests in flight at most.")))]
LagBound = Annotated[
    float, typer.Option(min=0, help=both(say("Generator lag p99 in ms above which the run is invalid.")))
]
Database = Annotated[
    str, typer.Option(help=both(say("The platform's database, to compare its use records with the answers.")))
]
JsonFile = Annotated[str, typer.Option("--json", help=both(say("Write the result as JSON; - is the screen.")))]
Profile = Annotated[str, typer.Option(help=both(say("Wire profile.")))]
Lab = Annotated[str, typer.Option(help=both(say("Laboratory that certifies.")))]
Operator = Annotated[str, typer.Option(help=both(say("Who operates the run.")))]
SigningKey = Annotated[
    str, typer.Option(help=both(say("What signs the evidence: a key file or a pkcs11: URI; a demo key otherwise.")))
]
PermitFile = Annotated[
    Path | None, typer.Option(help=both(say("Permit file, needed for an address that is not this machine.")))
]
CredentialsFile = Annotated[
    Path | None,
    typer.Option(help=both(say("JSON file with the client's credentials; the demo client's when left out."))),
]


class WrongCall(Exception):
    """An option that cannot be used; ``text`` names it, the reason and the next step."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def require_profile(profile: str) -> None:
    """Raise WrongCall for a wire profile that there is not."""
    from reference.gateway.profiles import CLIENTS

    if profile not in CLIENTS:
        raise WrongCall(say("There is no wire profile {name}: {known}.", name=profile, known=", ".join(CLIENTS)))


def require_cases(cases: str) -> None:
    """Raise WrongCall for a file of cases that there is not."""
    if not Path(cases).is_file():
        raise WrongCall(say("{file}: there is no such file of cases.", file=cases))


def lacking(missing: ImportError, lang: Language) -> typer.Exit:
    """Say which package of load tests is missing and how to install it; the exit to raise."""
    return command_line.lacking(missing, lang, "load,platform")
