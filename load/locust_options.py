"""The options that a Locust file of QR verification adds to Locust's own, and the run that they ask for."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from load.cases import UnreadableCases
from load.permit import require_permitted
from load.schedule import shapes
from load.settings import CONNECTIONS, TIMEOUT, RunSettings, read_credentials, read_settings
from reference.gateway.profiles import CLIENTS
from reference.languages import say
from reference.operating_system import SystemClock


def add_options(parser: Any) -> None:
    """Add them to Locust's parser; those that name files for writing or secrets are no fields of the web page."""
    # Trap: Locust's page shows no options of a group.
    parser.add_argument("--cases", default="", help="File of cases to verify, in the order of the schedule.")
    # Trap: --profile is an option of Locust's own.
    parser.add_argument("--wire-profile", default="sichuan", choices=list(CLIENTS), help="Wire profile.")
    parser.add_argument("--shape", default="constant", choices=list(shapes()), help="Shape of the load.")
    parser.add_argument("--trace", default="", help="File of recorded times, one in seconds a line, for the shape.")
    parser.add_argument("--rate", type=float, default=100.0, help="Requests a second at the shape's height.")
    parser.add_argument("--duration", type=float, default=60.0, help="Seconds into which the shape is compressed.")
    parser.add_argument("--schedule-seed", type=int, default=1, help="Seed of the schedule.")
    parser.add_argument("--answer-timeout", type=float, default=TIMEOUT, help="Seconds to wait for an answer.")
    hidden: dict[str, Any] = {"default": "", "include_in_web_ui": False}
    parser.add_argument("--credentials", help="JSON file of the client's credentials; the demo's if none.", **hidden)
    parser.add_argument("--permit", help="Permit file, for a platform on another machine.", **hidden)
    parser.add_argument("--settings", help="File with all of this, as healthcard load writes it.", **hidden)
    parser.add_argument("--measured", help="File for the measurements, written when the run is over.", **hidden)


def asked_for(environment: Any) -> RunSettings:
    """The run that the options ask for, or the file that they name.

    Raises UnusableSchedule, UnreadableCases, UnreadableCredentials, OSError and msgspec.DecodeError.
    """
    options = environment.parsed_options
    if options.settings:
        return read_settings(Path(options.settings))
    if not options.cases:
        raise UnreadableCases(
            say("Name a file of cases with --cases; python -m load.trying makes one for the reference platform.")
        )
    return RunSettings(
        url=(environment.host or "").rstrip("/"),
        cases=options.cases,
        profile=options.wire_profile,
        credentials=read_credentials(Path(options.credentials)) if options.credentials else None,
        shape=options.shape,
        trace=options.trace,
        rate=options.rate,
        duration=options.duration,
        seed=options.schedule_seed,
        timeout=options.answer_timeout,
        connections=options.num_users or CONNECTIONS,
        run_id=uuid.uuid4().hex[:12],
    )


def permitted(environment: Any, settings: RunSettings) -> None:
    """Hold a run on another machine against its permit file; `healthcard load` has done so for its own.

    Raises NotPermitted and UnusableSchedule.
    """
    options = environment.parsed_options
    if not options.settings:
        permit = Path(options.permit) if options.permit else None
        seconds = settings.scheduled().seconds + settings.timeout
        require_permitted(settings.url, settings.highest_rate(), SystemClock().now_ms(), seconds, permit)
