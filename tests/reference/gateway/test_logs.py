"""The log of the services: one line an event, tracebacks without the values of variables: secrets, persons."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
import structlog

from reference.logs import log_plainly

SECRET = "demo-secret-of-nobody"


@pytest.fixture
def _plain() -> Iterator[None]:
    log_plainly()
    yield
    structlog.reset_defaults()


def fail(secret: str) -> None:
    opened = secret.upper()
    raise ValueError(f"{len(opened)} characters")


@pytest.mark.usefixtures("_plain")
def test_a_failure_is_one_line_with_its_traceback_and_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        fail(SECRET)
    except ValueError:
        structlog.get_logger("healthcard.gateway").exception("request failed", profile="sichuan")
    (line,) = capsys.readouterr().out.splitlines()
    told = msgspec.json.decode(line, type=dict[str, str])
    assert (told["event"], told["profile"], told["level"]) == ("request failed", "sichuan", "error")
    assert "ValueError: 21 characters" in told["exception"]
    assert SECRET not in line.lower()
