"""The reference server as processes of their own: started by a command, its workers found, killed, measured.

Follows proc(5): Linux alone. Everything is on loopback, and ended by process id. Source: decision.
"""

from __future__ import annotations

import collections
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from reference.languages import say
from reference.ports import ProductUnreachable

SERVE: Final = (sys.executable, "-m", "healthcard", "serve")
START_SECONDS: Final = 120.0
"""How long the server may take to answer for the first time, and to end (decision)."""
ADDRESS: Final = re.compile(r"http://127\.0\.0\.1:(\d+)")
ESTABLISHED: Final = "01"
"""The state of a connection in /proc/net/tcp."""
LOOK_EVERY: Final = 0.1
LOOK_SECONDS: Final = 5.0
"""How long a look at the server's health may take (decision)."""
PROJECT: Final = Path(__file__).parents[2]
LAST_WORDS: Final = 50


class Serving:
    """A server that runs: ``url`` is where it answers, ``pid`` the process that watches over the workers."""

    def __init__(self, process: subprocess.Popen[str], words: collections.deque[str]) -> None:
        self._process, self._words = process, words
        self.pid, self.url = process.pid, ""

    def workers(self) -> list[int]:
        """The processes that answer, the oldest first; of a server with one worker the process itself."""
        return sorted(children(self.pid), key=_started) or [self.pid]

    def answering(self) -> list[int]:
        """The workers that hold connections of clients: running is not serving yet."""
        taken = _connections(int(self.url.rpartition(":")[2]))
        return [pid for pid in self.workers() if taken & _sockets(pid)]

    def answers(self) -> bool:
        """Whether a worker says anything at ``/health``, good or bad."""
        try:
            urllib.request.urlopen(f"{self.url}/health", timeout=LOOK_SECONDS).close()  # noqa: S310 - loopback
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def kill_worker(self, pid: int) -> None:
        """End a worker as a crash does, without its hearing of it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """End all processes at once without their hearing of it."""
        workers = self.workers()
        self._process.kill()
        self._process.wait()
        for pid in workers:
            if pid != self.pid:
                self.kill_worker(pid)

    def cpu_seconds(self) -> float:
        """Processor time of all processes so far, also of workers that ended."""
        ticks = sum(_ticks(self.pid, 11, 15)) + sum(sum(_ticks(pid, 11, 13)) for pid in children(self.pid))
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_kib(self, pid: int) -> int:
        """Resident memory of a process; 0 when it is gone."""
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return 0

    def words(self) -> str:
        """What the server said last."""
        return "".join(self._words)


@contextmanager
def serving(*arguments: str, command: Sequence[str] = SERVE) -> Iterator[Serving]:
    """A server on a free loopback port; ``arguments`` are those of ``healthcard serve``, beside the port.

    Raises ProductUnreachable when it does not start.
    """
    process = subprocess.Popen(  # noqa: S603 - a command of ours
        [*command, "--port", "0", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"},
    )
    words: collections.deque[str] = collections.deque(maxlen=LAST_WORDS)
    told = threading.Event()
    found: list[str] = []

    def listen() -> None:
        # Read to the end: a server whose words nobody takes stops in the middle of one.
        assert process.stdout is not None
        for line in process.stdout:
            words.append(line)
            if not found and (match := ADDRESS.search(line)):
                found.append(match[0])
                told.set()
        told.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    served = Serving(process, words)
    workers: list[int] = []
    last = time.monotonic() + START_SECONDS
    try:
        told.wait(START_SECONDS)
        if not found:
            raise _not_started(served)
        served.url = found[0]
        while not served.answers():
            if process.poll() is not None or time.monotonic() > last:
                raise _not_started(served)
            time.sleep(LOOK_EVERY)
        yield served
        workers = served.workers()
    finally:
        workers = workers or _workers_of(served)
        _end(process)
        for pid in workers:
            if pid != process.pid:
                served.kill_worker(pid)
        listener.join(START_SECONDS)
        assert process.stdout is not None
        process.stdout.close()


def _not_started(served: Serving) -> ProductUnreachable:
    return ProductUnreachable(
        say("The reference server"),
        say("did not start. It said last: {words}", words=served.words().strip()),
        say("Start it by hand to see why: healthcard serve --demo"),
    )


def _workers_of(served: Serving) -> list[int]:
    with contextlib.suppress(OSError):
        return served.workers()
    return []


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(START_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def children(pid: int) -> list[int]:
    """The processes that a process started and that still run."""
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _connections(port: int) -> set[str]:
    """The sockets of connections that clients have to a loopback port, as `_sockets` names them."""
    wanted, found = f":{port:04X}", set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == ESTABLISHED and fields[1].endswith(wanted):
            found.add(f"socket:[{fields[9]}]")
    return found


def _sockets(pid: int) -> set[str]:
    """The sockets that a process holds."""
    found = set()
    with contextlib.suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(str(descriptor.readlink()))
    return found


def _ticks(pid: int, first: int, end: int) -> list[int]:
    """User and system time of a process, then that of the children that it waited for, from proc(5)."""
    with contextlib.suppress(OSError):
        return [int(field) for field in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[first:end]]
    return []


def _started(pid: int) -> int:
    """When the process began, in ticks since the machine's start."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)
