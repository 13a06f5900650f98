"""How the services log: to the operator of a machine, never with anything of a person or a key. Source: decision."""

from __future__ import annotations

import structlog


def log_plainly() -> None:
    """One line of JSON an event, a failure with its plain traceback.

    Trap: structlog's own way paints tracebacks with the values of all variables, secrets and persons among them, and
    takes seconds for each, in which the worker answers nobody.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        cache_logger_on_first_use=True,
    )
