"""The one ``healthcard`` command, made of the rooms' own command lines."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Any

import typer

import conformance.card_cli  # adds its commands to the group that reference.card_cli shows; so does visit_cli
import conformance.cli
import conformance.compare_cli
import conformance.evidence_cli
import conformance.explaining_cli
import conformance.selfcheck_cli
import conformance.visit_cli
import load.cli
import load.leaving
import reference.card_cli
import reference.cli
import reference.front_end_cli
import reference.platform_cli
import reference.serve_cli
import reports.cli
import reports.matrix
import simulators.cli
from conformance.evidence.package import Package
from healthcard import __version__
from reference.command_line import Exit
from reference.languages import Text, say
from reports.writing import write

app = typer.Typer(
    name="healthcard",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Conformance harness for China's Residents Health Card. 居民健康卡一致性检测系统。",
)
for room in (
    conformance.cli,
    conformance.compare_cli,
    conformance.evidence_cli,
    conformance.explaining_cli,
    conformance.selfcheck_cli,
    load.cli,
    reference.card_cli,
    reference.cli,
    reference.front_end_cli,
    reference.platform_cli,
    reference.serve_cli,
    reports.cli,
    simulators.cli,
):
    app.add_typer(room.app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"healthcard {__version__}")
        raise typer.Exit


@app.callback()
def front_door(version: bool = typer.Option(False, "--version", callback=_version, is_eager=True)) -> None:
    """Conformance harness for China's Residents Health Card. 居民健康卡一致性检测系统。"""


def _report(package: Package, out: Path, lang: str) -> Text:
    return write(package, out, lang).headline


conformance.cli.write_report = _report
load.leaving.write_report = _report
conformance.selfcheck_cli.write_page = reports.matrix.write


# Trap: newer typer carries a click of its own, whose classes are not those of the package click.
UsageError: Any = typer.BadParameter.__base__


def main() -> None:
    """Run the command; a mistake in the call exits with 64, as all rooms do, and not with click's own 2.

    A fault of the harness exits with 70: Python's own 1 would say that the product is not conformant.
    """
    command = typer.main.get_command(app)
    try:
        code = command.main(standalone_mode=False)
    except UsageError as mistake:
        mistake.show()
        sys.exit(Exit.USAGE)
    except typer.Abort:
        sys.exit(Exit.INCOMPLETE)
    except Exception as fault:
        traceback.print_exc()
        name = type(fault).__name__
        text = say(
            "fault of the harness: {name}: {fault}. Please report it with the lines above.", name=name, fault=fault
        )
        typer.echo(f"{text.en} {text.zh}", err=True)
        sys.exit(Exit.INTERNAL)
    sys.exit(code or 0)


if __name__ == "__main__":
    main()
