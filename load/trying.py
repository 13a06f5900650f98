"""A platform to try Locust on: ``python -m load.trying --profile sichuan --cases out/cases``.

Serves the reference platform with a demo database and writes the cases for its codes, until it is interrupted: what
``healthcard load qr --self`` does for one run, for as many as somebody starts from Locust's page or command line. A
single-use code is right once: each run needs cases that no run had before.
"""

from __future__ import annotations

import shutil
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from load.command_options import Profile
from load.running import LOCUSTFILE
from load.self_target import self_target
from reference.command_line import Exit, Lang, Language, both, refused
from reference.gateway.profiles import CLIENTS
from reference.languages import say
from reference.ports import ProductUnreachable


def trying(
    cases: Annotated[Path, typer.Option(help=both(say("File of cases that is written.")))],
    profile: Profile = "sichuan",
    count: Annotated[int, typer.Option(min=1, help=both(say("Number of cases.")))] = 6000,
    seed: Annotated[int, typer.Option(help=both(say("Seed of schedule and cases.")))] = 1,
    lang: Lang = Language.EN,
) -> None:
    """Serve the reference platform for Locust until interrupted. 启动参考平台供 Locust 试用，直至中断。"""
    if profile not in CLIENTS:
        known = ", ".join(CLIENTS)
        raise refused(say("There is no wire profile {name}: {known}.", name=profile, known=known), lang)
    # Whoever ends this process ends the server with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with self_target(profile, count, seed) as target:
            shutil.copyfile(target.cases, cases)
            command = f"locust -f {LOCUSTFILE} --host {target.url} --wire-profile {profile} --cases {cases}"
            typer.echo(say("Serving until Ctrl+C. In another window: {command}", command=command).inside(lang))
            threading.Event().wait()
    except KeyboardInterrupt:
        return
    except ProductUnreachable as error:
        raise refused(error.explained(), lang, Exit.UNREACHABLE) from None
    except OSError as error:
        raise refused(say("{file}: {reason}", file=cases, reason=error.strerror), lang) from None


if __name__ == "__main__":
    app = typer.Typer()
    app.command()(trying)
    app()
