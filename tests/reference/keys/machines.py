"""Crypto machines and clocks for the tests of the pool."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from reference.keys.connection import MachineAddress
from reference.keys.key_file import demo_keys
from reference.keys.software_machine import SoftwareCryptoMachine
from reference.ports import CryptoMachine
from simulators.crypto_machines.faulty import Fault, machine_with
from simulators.crypto_machines.machine import Reply, SimulatedMachine
from simulators.crypto_machines.server import CryptoMachineServer
from simulators.sources import SeededRandomness

LIMIT_S = 10
SHORT_S = 0.1
"""For waits that are to run out."""


class RunningClock:
    """Time as it passes."""

    def now(self) -> str:
        """Any moment."""
        return "2026-01-01T12:00:00+08:00"

    def monotonic_us(self) -> int:
        """Microseconds of the system's monotonic clock."""
        return time.monotonic_ns() // 1000


class HandClock(RunningClock):
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.us = 1_000_000

    def monotonic_us(self) -> int:
        """The moment set by hand."""
        return self.us

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.us += int(seconds * 1_000_000)


class CountingMachine(SimulatedMachine):
    """A healthy machine that keeps the requests it was sent, and may be held back or made to answer otherwise."""

    def __init__(self, inside: CryptoMachine | None = None) -> None:
        super().__init__(inside or SoftwareCryptoMachine(demo_keys()), SeededRandomness(1))
        self.asked: list[bytes] = []
        self.let_go = threading.Event()
        self.let_go.set()
        self.arrived = threading.Semaphore(0)
        self.instead: Callable[[Reply], Reply] | None = None

    def reply(self, body: bytes) -> Reply:
        """The right reply or the one set instead, as soon as it is let go."""
        self.asked.append(body)
        self.arrived.release()
        assert self.let_go.wait(LIMIT_S)
        right = super().reply(body)
        return self.instead(right) if self.instead else right


def faulty(fault: Fault | None) -> SimulatedMachine:
    """A machine with a fault and the demo keys."""
    return machine_with(fault, SoftwareCryptoMachine(demo_keys()), SeededRandomness(1))


def address(server: CryptoMachineServer, check_value: str = "") -> MachineAddress:
    """Where a server listens."""
    return MachineAddress(*server.address, check_value)
