"""Crypto machines over TCP: pooled connections, a bound on every wait, and another machine when one fails.

The first machine in the list that is up and has a connection free is asked; every request may be repeated on another
machine, since none changes anything. How the machines share the load and rest after failures: decisions.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from reference.keys.connection import MICROSECONDS, Connection, ForeignMachine, MachineAddress, told
from reference.keys.fields import MalformedMessage
from reference.keys.messages import Answer, Request, request_message
from reference.keys.stations import Loan, MachineHealth, PoolLimits, Station
from reference.keys.tables import error_code, refusal, refusal_by_code
from reference.languages import Text, say
from reference.ports import CURRENT, Clock, CryptoMachineUnavailable, DeviceInfo

SEQUENCES = 10_000
FAILURES = (OSError, MalformedMessage, ForeignMachine)


class CryptoMachinePool:
    """A `CryptoMachine` of one or several machines with the same keys; for any number of threads."""

    def __init__(
        self,
        addresses: Iterable[MachineAddress],
        version: int,
        clock: Clock,
        limits: PoolLimits = PoolLimits(),  # noqa: B008 - immutable
        connect: Callable[[MachineAddress, Clock, int], Connection] = Connection,
    ) -> None:
        """``addresses`` in the order of preference; ``version`` is the key version that encrypts.

        The protocol has no question for the current version: it is set here as it is set in the machines.
        Raises ValueError without an address.
        """
        self._stations = [Station(address, limits) for address in addresses]
        if not self._stations:
            raise ValueError("a pool needs the address of a crypto machine")
        self._version, self._clock, self._limits, self._connect = version, clock, limits, connect
        self._free = threading.Condition()
        self._waiting = 0
        self._closed = False
        self._sequence = itertools.count()

    def digest(self, data: bytes) -> bytes:
        """The 32-byte SM3 digest; see `CryptoMachine`."""
        return self._call(Request("digest", data)).data

    def encrypt(self, data: bytes, factors: tuple[bytes, ...] = (), version: int = CURRENT) -> bytes:
        """The data, filled with zeros, enciphered; see `CryptoMachine`."""
        return self._ciphered("encrypt", data, factors, version)

    def decrypt(self, data: bytes, factors: tuple[bytes, ...] = (), version: int = CURRENT) -> bytes:
        """Whole blocks deciphered; see `CryptoMachine`."""
        return self._ciphered("decrypt", data, factors, version)

    def current_version(self) -> int:
        """The key version that encrypts, as the pool was told."""
        return self._version

    def device(self) -> DeviceInfo:
        """What the machine that answers first says of itself."""
        answer = self._call(Request("device"))
        return DeviceInfo(answer.check_value, answer.firmware)

    def heartbeat(self) -> None:
        """Ask every machine whether it is there, also those down whose rest is over.

        To be called every few seconds: then calls find out neither failures nor recoveries. Raises
        CryptoMachineUnavailable when all are down. A machine whose connections are all in use is left alone.
        """
        for station in self._stations:
            with self._free:
                self._require_open()
                if station.full() or not station.callable(self._now_us()):
                    continue
                lent = station.lend(self._now_us())
            request = Request("heartbeat", sequence=f"{next(self._sequence) % SEQUENCES:04d}")
            self._asked(lent, request, request_message(request), self._deadline_us())
        if not any(health.up for health in self.health()):
            raise self._all_down()

    def health(self) -> tuple[MachineHealth, ...]:
        """How each machine stands, in the order of preference."""
        with self._free:
            return tuple(station.health(self._now_us()) for station in self._stations)

    def close(self) -> None:
        """Close idle connections and refuse further calls; calls under way end by themselves."""
        with self._free:
            self._closed = True
            self._hang_up_all()
            self._free.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ciphered(self, command: str, data: bytes, factors: tuple[bytes, ...], version: int) -> bytes:
        return self._call(Request(command, data, version or self._version, factors)).data

    def _call(self, request: Request) -> Answer:
        """The answer without error of the first machine that gives one."""
        try:
            message = request_message(request)
        except MalformedMessage as mistake:
            raise refusal(mistake.error) from mistake
        deadline_us, failed = self._deadline_us(), list[Station]()
        while True:
            lent = self._borrowed(deadline_us, failed)
            answer = self._asked(lent, request, message, deadline_us)
            if answer is None:
                failed.append(lent.station)
            elif answer.error != error_code("done"):
                raise refusal_by_code(answer.error)
            else:
                return answer

    def _borrowed(self, deadline_us: int, failed: list[Station]) -> Loan:
        """A station with a connection free for us, waited for until the deadline."""
        with self._free:
            while True:
                self._require_open()
                now_us = self._now_us()
                if now_us >= deadline_us:
                    raise _unavailable(
                        say("The {limit:g} s that a call may take are used up.", limit=self._limits.wait_s)
                    )
                up = [station for station in self._stations if station not in failed and station.callable(now_us)]
                if not up:
                    raise self._all_down()
                for station in up:
                    if not station.full():
                        return station.lend(now_us)
                self._wait((deadline_us - now_us) / MICROSECONDS)

    def _wait(self, left_s: float) -> None:
        """Wait for a connection. Raises CryptoMachineUnavailable when too many wait already."""
        if self._waiting >= self._limits.waiting:
            raise _unavailable(say("{count} calls wait for a connection already.", count=self._waiting))
        self._waiting += 1
        try:
            self._free.wait(left_s)
        finally:
            self._waiting -= 1

    def _asked(self, lent: Loan, request: Request, message: bytes, deadline_us: int) -> Answer | None:
        """The machine's answer, or None where it gave none; the connection goes back, or is closed."""
        connection, began_us = lent.connection, self._now_us()
        until_us = began_us + int(self._limits.call_s * MICROSECONDS)
        cut_short = deadline_us < until_us
        try:
            if connection is not None and not connection.is_quiet():
                connection.close()
                connection = None
            if connection is None:
                connection = self._connect(lent.station.address, self._clock, min(until_us, deadline_us))
            answer = connection.ask(request, message, min(until_us, deadline_us))
        except FAILURES as failure:
            # A machine that was given less than its time is not to blame.
            blamed = not (cut_short and isinstance(failure, TimeoutError))
            self._hang_up(lent, connection, told(failure) if blamed else None)
            return None
        except BaseException:
            self._hang_up(lent, connection, None)
            raise
        with self._free:
            lent.station.answered(connection, lent.era)
            self._end_call()
        return answer

    def _hang_up(self, lent: Loan, connection: Connection | None, blame: Text | None) -> None:
        """Close a connection of which nobody knows what may still come, and note what the machine did wrong."""
        if connection is not None:
            connection.close()
        with self._free:
            if blame is None:
                lent.station.released()
            else:
                lent.station.failed(blame, lent.era, self._now_us())
            self._end_call()

    def _end_call(self) -> None:
        if self._closed:
            self._hang_up_all()
        self._free.notify_all()

    def _hang_up_all(self) -> None:
        for station in self._stations:
            station.hang_up()

    def _all_down(self) -> CryptoMachineUnavailable:
        with self._free:
            reasons = [
                say("{machine}: {reason}", machine=station.address, reason=station.reason)
                for station in self._stations
                if station.reason is not None
            ]
        told_all = Text(" ".join(reason.en for reason in reasons), "".join(reason.zh for reason in reasons))
        return _unavailable(say("All are down. {reasons}", reasons=told_all))

    def _require_open(self) -> None:
        if self._closed:
            raise _unavailable(say("The pool is closed."))

    def _now_us(self) -> int:
        return self._clock.monotonic_us()

    def _deadline_us(self) -> int:
        return self._now_us() + int(self._limits.wait_s * MICROSECONDS)


def _unavailable(reason: Text) -> CryptoMachineUnavailable:
    return CryptoMachineUnavailable(
        say("Crypto machines"), reason, say("Check that they run, their addresses and the network; then try again.")
    )
