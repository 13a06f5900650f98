"""The open model as Locust users: one user a connection, one generator a process, usable from Locust's own tools.

Works in one process, with ``--processes`` and with masters and workers on several hosts: the master tells each worker
its share of the schedule, and each worker hands its measurements to the master when its share is worked off. Locust's
statistics show response times, that is from the intended start. Importing it lets gevent change Python's sockets: only
Locust processes import it.
"""

from __future__ import annotations

import gc
import logging
from pathlib import Path
from typing import Any

import gevent
import msgspec
from locust import User, constant, events, task
from locust.exception import StopUser
from locust.runners import MasterRunner, WorkerRunner

from load.access_token import NoAccess, access_token
from load.cases import UnreadableCases
from load.light_connection import LightConnection
from load.locust_options import add_options, asked_for, permitted
from load.locust_statistics import METHOD, Statistics
from load.measuring import Measured, merged
from load.open_model import Answered, Generator
from load.permit import NotPermitted
from load.schedule import UnusableSchedule
from load.settings import RunSettings, UnreadableCredentials

SHARE = "qr-share"
MEASURED = "qr-measured"
FAILED = "qr-failed"
HOUSEKEEPING = 0.5
"""Seconds between two looks at late answers, and between two joinings of statistics (decision)."""
USER_MISTAKES = (UnusableSchedule, UnreadableCases, UnreadableCredentials, NotPermitted, NoAccess)
_log = logging.getLogger(__name__)


class WrongUnderLoad(Exception):
    """What Locust shows for an answer that was wrong or missing: its name alone, nothing personal."""


class Share(msgspec.Struct, frozen=True):
    """What the master tells a worker: which generator of how many it is, the run's number, and its access token."""

    index: int
    generators: int
    run_id: str
    access_token: str

    def of(self, settings: RunSettings) -> RunSettings:
        """The run as this generator works on it."""
        return msgspec.structs.replace(
            settings, generators=self.generators, run_id=self.run_id, access_token=self.access_token
        )


class Wiring:
    """What one Locust process holds: its generator, or the measurements that it collects as a master."""

    def __init__(self, environment: Any) -> None:
        self.environment = environment
        self.generator: Generator | None = None
        self.share: Share | None = None
        self._statistics = Statistics(environment.stats)
        self._connections: list[LightConnection] = []
        self._parts: list[Measured] = []
        self._expected = 1
        self._handed_over = False

    def start(self) -> None:
        """Begin a test: a master tells its workers their shares, everybody else makes his generator."""
        self._parts, self._handed_over, self._connections, self.generator = [], False, [], None
        try:
            if isinstance(self.environment.runner, WorkerRunner):
                self._start_share()
            else:
                self._start_run(asked_for(self.environment))
        except (*USER_MISTAKES, OSError, msgspec.DecodeError) as error:
            # Locust would log a traceback, and let its users run on.
            self.fail(str(getattr(error, "text", error)))

    def fail(self, reason: str) -> None:
        """End the test, the reason said: on a worker by its master, which would wait for measurements in vain."""
        _log.error(reason)
        self.environment.process_exit_code = 1
        runner = self.environment.runner
        if isinstance(runner, WorkerRunner):
            runner.send_message(FAILED, {"reason": reason})
        else:
            gevent.spawn(self._end)

    def connection(self) -> LightConnection:
        """A connection that is looked after: its answers may be late."""
        assert self.generator is not None, "start makes it"
        connection = LightConnection(self.generator.settings.url, self.generator.settings.timeout)
        self._connections.append(connection)
        return connection

    def show(self, answered: Answered) -> None:
        """Let Locust's statistics know: a right answer soon, a wrong one now."""
        wrong = answered.wrong or answered.fault
        if not wrong:
            self._statistics.note(answered.kind, answered.seconds * 1000, answered.size)
            return
        self.environment.events.request.fire(
            request_type=METHOD,
            name=answered.kind,
            response_time=answered.seconds * 1000,
            response_length=answered.size,
            exception=WrongUnderLoad(wrong),
            context={},
        )

    def finish(self) -> None:
        """Hand the measurements over, once: when the schedule is worked off, or when the test is stopped before."""
        if self.generator is None or self._handed_over:
            return
        self._handed_over = True
        gc.unfreeze()
        self._statistics.hand_over()
        measured = self.generator.measured()
        runner = self.environment.runner
        if isinstance(runner, WorkerRunner):
            runner.send_message(MEASURED, {"measured": msgspec.msgpack.encode(measured)})
        else:
            self.collect(measured)

    def collect(self, measured: Measured) -> None:
        """Take one generator's measurements; with the last one the run is over."""
        self._parts.append(measured)
        if len(self._parts) == self._expected:
            self.write()
            _log.info("%d generators measured, %s.", self._expected, "to the end" if self._ended else "stopped before")
            # Quitting ends every greenlet of the runner, this one too: another one has to do it.
            gevent.spawn(self._end)

    def write(self) -> None:
        """Write what was collected, where a file is named."""
        path = self.environment.parsed_options.measured
        if path and self._parts:
            Path(path).write_bytes(msgspec.msgpack.encode(merged(self._parts)))

    def _start_run(self, settings: RunSettings) -> None:
        """Start alone, or as a master over the workers that are there."""
        permitted(self.environment, settings)
        token = access_token(settings)
        runner = self.environment.runner
        if not isinstance(runner, MasterRunner):
            self._expected = 1
            self._generate(Share(0, 1, settings.run_id, token).of(settings), 0)
            return
        workers = [*runner.clients.ready, *runner.clients.running, *runner.clients.spawning]
        self._expected = len(workers)
        for index, worker in enumerate(workers):
            share = Share(index, len(workers), settings.run_id, token)
            runner.send_message(SHARE, {"share": msgspec.msgpack.encode(share)}, client_id=worker.id)

    def _start_share(self) -> None:
        """Start as a worker; one that came after the run's start was told no share, and has nothing to do."""
        share, self.share = self.share, None
        if share is not None:
            self._generate(share.of(asked_for(self.environment)), share.index)

    def _generate(self, settings: RunSettings, index: int) -> None:
        generator = self.generator = Generator(settings, index, gevent.sleep, LightConnection)
        # What stands by now stays to the end: collecting it again and again would hold up whoever is due.
        gc.collect()
        gc.freeze()
        for work in (generator.watch, generator.sign_ahead, lambda: self._keep_house(generator)):
            gevent.spawn(work)

    def _keep_house(self, generator: Generator) -> None:
        while not generator.ended and self.generator is generator:
            gevent.sleep(HOUSEKEEPING)
            self._statistics.hand_over()
            for connection in self._connections:
                connection.end_when_late()

    @property
    def _ended(self) -> bool:
        return all(part.ended for part in self._parts)

    def _end(self) -> None:
        if self.environment.web_ui is None:
            self.environment.runner.quit()
        else:
            self.environment.runner.stop()


class ScheduledUser(User):
    """A connection that takes arrivals until there are none. Locust's number of users is what may be in flight."""

    abstract = True
    wait_time = constant(0)

    @task
    def work_off(self) -> None:
        """Perform arrivals; the last connection to end hands the measurements over."""
        wiring: Wiring = self.environment.wiring
        generator = wiring.generator
        if generator is None:
            raise StopUser
        if not generator.begun:
            generator.begin()
        connection = wiring.connection()
        try:
            while (answered := generator.perform(connection)) is not None:
                wiring.show(answered)
        finally:
            connection.close()
        if generator.ended:
            wiring.finish()
        raise StopUser


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def _arguments(parser: Any) -> None:
    add_options(parser)


@events.init.add_listener  # type: ignore[untyped-decorator]
def _wire(environment: Any, **_: Any) -> None:
    wiring = environment.wiring = Wiring(environment)
    environment.events.test_start.add_listener(lambda **_: wiring.start())
    environment.events.test_stop.add_listener(lambda **_: _stopped(wiring))
    if isinstance(environment.runner, MasterRunner):
        environment.runner.register_message(MEASURED, lambda environment, msg, **_: _received(wiring, msg))
        environment.runner.register_message(FAILED, lambda environment, msg, **_: wiring.fail(msg.data["reason"]))
    elif isinstance(environment.runner, WorkerRunner):
        environment.runner.register_message(SHARE, lambda environment, msg, **_: _told(wiring, msg))


def _received(wiring: Wiring, message: Any) -> None:
    wiring.collect(msgspec.msgpack.decode(message.data["measured"], type=Measured))


def _told(wiring: Wiring, message: Any) -> None:
    wiring.share = msgspec.msgpack.decode(message.data["share"], type=Share)


def _stopped(wiring: Wiring) -> None:
    if isinstance(wiring.environment.runner, MasterRunner):
        wiring.write()
    else:
        wiring.finish()
