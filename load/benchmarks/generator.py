"""How many verifications a second one generator process starts on time: ``python -m load.benchmarks.generator``.

The target is the bare yardstick beside it, which the scheduler puts on another core. It answers an acceptance that
opens: the generator signs, enciphers, sends, deciphers and judges as in a real run. To show: 3 000 a second with a lag
p99 below 10 ms.
"""

from __future__ import annotations

import argparse
import base64
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from load.benchmarks import bare
from load.cases import Case, write_cases
from load.measuring import Measured, latencies
from load.running import run
from load.settings import RunSettings
from reference.crypto.block_texts import encipher
from reference.gateway.demo import demo_credentials
from reference.gateway.profiles.sichuan import Sealed
from reference.gateway.profiles.sichuan_services import PERSON
from reference.qr.use_log import ACCEPTED

RATE = 3000.0
SECONDS = 10.0
LAG_MS = 10.0
START_SECONDS = 20.0
FACTORY = "load.benchmarks.generator:answering"
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


def answering() -> object:
    """The bare application; only its constant is an answer that a client can open."""
    bare.ANSWER = acceptance()
    bare.HEADERS[1] = (b"content-length", str(len(bare.ANSWER)).encode())
    return bare.application


@contextmanager
def do_nothing() -> Iterator[str]:
    """The do-nothing server on a free loopback port; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "--factory",
            FACTORY,
            "--fd",
            str(listener.fileno()),
            "--no-access-log",
        ]
        process = subprocess.Popen([*command, "--log-level", "error"], pass_fds=[listener.fileno()])  # noqa: S603
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(START_SECONDS)


def measure(rate: float, seconds: float) -> Measured:
    """One run against the do-nothing server; every case of it is accepted."""
    with do_nothing() as url, tempfile.TemporaryDirectory() as folder:
        cases = Path(folder) / "cases"
        count = int(rate * seconds) + 1
        write_cases(cases, (Case("dynamic", TEXT, frozenset({ACCEPTED}), "010101") for _ in range(count)))
        return run(RunSettings(url=url, cases=str(cases), rate=rate, duration=seconds))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    asked = parser.parse_args()
    measured = measure(asked.rate, asked.seconds)
    counts, response = measured.counts, latencies(measured.response)
    lag = max(latencies(measured.lag).percentile_ms(99), latencies(measured.wake).percentile_ms(99))
    sys.stdout.write(
        f"{counts.answered} of {counts.scheduled} scheduled verifications answered, {counts.accepted} accepted\n"
        f"{counts.answered / measured.seconds:8.0f} verifications/s by one generator process\n"
        f"{measured.cpu_seconds / counts.answered * 1e6:8.0f} µs of processor time each\n"
        f"{lag:8.2f} ms generator lag p99 (bound {LAG_MS:g} ms: {'held' if lag < LAG_MS else 'NOT held'})\n"
        f"{response.percentile_ms(50):8.2f} ms response time p50, {response.percentile_ms(99):.2f} ms p99\n"
    )
    sys.exit(0 if lag < LAG_MS and counts.accepted == counts.scheduled else 1)


if __name__ == "__main__":
    main()
