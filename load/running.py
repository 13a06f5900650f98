"""Runs the generators: Locust in a process of its own, told by a file and answering by one.

Never in this process: Locust lets gevent change sockets and threads on import. Several generators are Locust's own
workers. Source: decision (architecture: no home-made clustering).
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from load.measuring import Measured
from load.settings import RunSettings, write_settings
from reference.languages import Text, say

LOCUSTFILE = Path(__file__).with_name("locustfiles") / "qr_verification.py"
START_AND_END = 60.0
"""Seconds that Locust may take beyond the schedule and the last answer (decision)."""
LAST_WORDS = 2000


class GeneratorFailed(Exception):
    """The generators ended without measurements; ``text`` says why, as far as they told."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def run(settings: RunSettings) -> Measured:
    """Work off the schedule; what was measured. Raises GeneratorFailed and UnusableSchedule."""
    seconds = longest(settings)
    with tempfile.TemporaryDirectory(prefix="healthcard-load-") as folder:
        told, measured = Path(folder) / "settings.json", Path(folder) / "measured"
        write_settings(told, settings)
        said = _locust(arguments(settings, told, measured), folder, seconds)
        if not measured.exists():
            raise GeneratorFailed(
                say("The generators ended without measurements. They said last: {words}", words=said[-LAST_WORDS:])
            )
        return msgspec.msgpack.decode(measured.read_bytes(), type=Measured)


def longest(settings: RunSettings) -> float:
    """Seconds after which a run is over in any case. Raises UnusableSchedule."""
    return settings.scheduled().seconds + settings.timeout + START_AND_END


def arguments(settings: RunSettings, told: Path, measured: Path) -> list[str]:
    """Locust's command line for a run; secrets stand in the file that it names."""
    users = str(max(settings.connections, settings.generators))
    workers = ["--processes", str(settings.generators)] if settings.generators > 1 else []
    return [
        *(sys.executable, "-m", "locust", "--locustfile", str(LOCUSTFILE)),
        *("--headless", "--only-summary", "--reset-stats", "--exit-code-on-error", "0"),
        *("--host", settings.url, "--users", users, "--spawn-rate", users),
        *("--settings", str(told), "--measured", str(measured)),
        *workers,
    ]


def _locust(command: list[str], folder: str, seconds: float) -> str:
    """Run Locust in a session of its own, ended after some seconds at the latest; what it said."""
    # Trap: Locust also takes options from the environment and from files in the working directory.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    project = str(Path(__file__).parent.parent)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (project, os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(  # noqa: S603 - this Python, with arguments of ours
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode(errors="replace")
    finally:
        _end(process)
    return said.decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the session with all its workers, should any still run."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
