"""How many verifications a second one generator process starts on time: ``python -m load.benchmarks.generator``.

The target is a server on another core that does nothing but answer an acceptance that opens: the generator signs,
enciphers, sends, deciphers and judges as in a real run. To show: 3 000 a second with a lag p99 below 10 ms. Several
short runs, of which the one with the least lag counts: on a shared machine the others measure their neighbours.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, cast

import msgspec
import uvloop

from load.benchmarks.servers import cores, on_core
from load.cases import Case, write_cases
from load.measuring import Measured, latencies
from load.running import run
from load.settings import RunSettings
from reference.crypto.block_texts import encipher
from reference.gateway.demo import demo_credentials
from reference.gateway.profiles.sichuan import Sealed
from reference.gateway.profiles.sichuan_services import PERSON
from reference.qr.use_log import ACCEPTED

RATE: Final = 3000.0
SECONDS: Final = 5.0
RUNS: Final = 3
LAG_MS: Final = 10.0
START_SECONDS: Final = 20.0
BACKLOG: Final = 512
SECONDS_AT_LEAST: Final = 1e-6
SERVER: Final = "load.benchmarks.generator"
TEXT = f"{'A' * 64}:0:{'B' * 32}"


def acceptance() -> bytes:
    """An answer in Sichuan's form that accepts a code."""
    content = dict.fromkeys(PERSON.values(), "") | {
        "mindexid": "C" * 64,
        "ehealth_card_id": "A" * 64,
        "ewmbs": "0",
        "invalidtime": "",
        "surplusnum": "",
    }
    plain = msgspec.json.encode(content)
    sealed = base64.b64encode(encipher(demo_credentials("sichuan").secret, plain)).decode()
    return msgspec.json.encode(Sealed(code="10", message="成功", biz_content=sealed))


class ConstantAnswer(asyncio.Protocol):
    """Answers whatever comes in one piece with an acceptance, and does nothing else."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._write = cast(asyncio.WriteTransport, transport).write

    def data_received(self, data: bytes) -> None:
        """Answer; requests of the generator are small enough to come in one piece."""
        self._write(self._answer)


async def serve(descriptor: int) -> None:
    """Answer on a listening socket until the process is ended."""
    body = acceptance()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    answer = head.encode() + body
    listener = socket.socket(fileno=descriptor)
    server = await asyncio.get_running_loop().create_server(lambda: ConstantAnswer(answer), sock=listener)
    await server.serve_forever()


@contextmanager
def do_nothing() -> Iterator[str]:
    """The do-nothing server on a free loopback port and the first core; its address."""
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
        command = [sys.executable, "-m", SERVER, "--serve", str(listener.fileno())]
        with on_core(cores().server):
            process = subprocess.Popen(command, pass_fds=[listener.fileno()])  # noqa: S603 - this module
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def measure(rate: float, seconds: float, profile: str = "sichuan") -> Measured:
    """One run against the do-nothing server; every case of it is accepted."""
    with do_nothing() as url, tempfile.TemporaryDirectory() as folder:
        cases = Path(folder) / "cases"
        count = int(rate * seconds) + 1
        write_cases(cases, (Case("dynamic", TEXT, frozenset({ACCEPTED}), "010101") for _ in range(count)))
        with on_core(cores().client):
            return run(RunSettings(url=url, cases=str(cases), profile=profile, rate=rate, duration=seconds))


class Figures(NamedTuple):
    """What one run shows."""

    measured: Measured
    lag_ms: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.measured.counts.answered / max(self.measured.seconds, SECONDS_AT_LEAST)

    @property
    def held(self) -> bool:
        """Whether all was started on time, and accepted."""
        counts = self.measured.counts
        return self.lag_ms < LAG_MS and counts.accepted == counts.scheduled

    def line(self) -> str:
        """The run in one line."""
        measured, response = self.measured, latencies(self.measured.response)
        cpu_us = measured.cpu_seconds / max(measured.counts.answered, 1) * 1e6
        share = measured.cpu_seconds / max(measured.seconds, SECONDS_AT_LEAST)
        return (
            f"{measured.counts.accepted:6} of {measured.counts.scheduled} accepted {self.rate:7.0f}/s "
            f"{cpu_us:5.0f} µs of processor time each, {share:4.0%} of a core, "
            f"lag p99 {self.lag_ms:.2f} ms, response p50 {response.percentile_ms(50):.2f} ms "
            f"p99 {response.percentile_ms(99):.2f} ms"
        )


def figures(measured: Measured) -> Figures:
    """The figures of a run; its lag is the later of starting and of waking up."""
    return Figures(measured, max(latencies(measured.lag).percentile_ms(99), latencies(measured.wake).percentile_ms(99)))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--serve", type=int, default=None, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve is not None:
        uvloop.run(serve(asked.serve))
        return
    runs = []
    for _ in range(asked.runs):
        runs.append(figures(measure(asked.rate, asked.seconds)))
        sys.stdout.write(runs[-1].line() + "\n")
    best = min(runs, key=lambda run: run.lag_ms)
    sys.stdout.write(
        f"{best.rate:.0f} verifications/s by one generator process, lag p99 {best.lag_ms:.2f} ms "
        f"(bound {LAG_MS:g} ms: {'held' if best.held else 'NOT held'})\n"
    )
    sys.exit(0 if best.held else 1)


if __name__ == "__main__":
    main()
