"""The open model as Locust users: one user a connection, one generator a process, usable from Locust's own tools.

Works in one process, with ``--processes`` and with masters and workers on several hosts: each worker hands its
measurements to the master when its part of the schedule is worked off. Locust's statistics show response times, that is
from the intended start. Importing it lets gevent change Python's sockets: only Locust processes import it.
"""

from __future__ import annotations

import uuid
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

import gevent
import msgspec
from locust import User, constant, events, task
from locust.exception import StopUser
from locust.runners import MasterRunner, WorkerRunner

from load.measuring import Measured, merged
from load.open_model import Answered, Generator
from load.schedule import shapes
from load.settings import CONNECTIONS, TIMEOUT, RunSettings, read_settings
from reference.gateway.profiles import CLIENTS

MESSAGE = "qr-measured"


class WrongUnderLoad(Exception):
    """What Locust shows for an answer that was wrong or missing: its name alone, nothing personal."""


class Wiring:
    """What one Locust process holds: its generator, or the measurements that it collects as a master."""

    def __init__(self, environment: Any) -> None:
        self.environment = environment
        self.generator: Generator | None = None
        self.parts: list[Measured] = []
        self._handed_over = False

    def start(self) -> None:
        """Make the generator when a test starts; a master has none."""
        self.parts, self._handed_over = [], False
        runner = self.environment.runner
        if isinstance(runner, MasterRunner):
            return
        settings = run_settings(self.environment)
        index = runner.worker_index if isinstance(runner, WorkerRunner) else 0
        self.generator = Generator(settings, index, gevent.sleep)
        gevent.spawn(self.generator.watch)

    def finish(self) -> None:
        """Hand the measurements over, once: when the schedule is worked off, or when the test is stopped before."""
        if self.generator is None or self._handed_over:
            return
        self._handed_over = True
        measured = self.generator.measured()
        runner = self.environment.runner
        if isinstance(runner, WorkerRunner):
            runner.send_message(MESSAGE, {"measured": msgspec.msgpack.encode(measured)})
        else:
            self.collect(measured, generators=1)

    def collect(self, measured: Measured, generators: int) -> None:
        """Take one generator's measurements; with the last one the run is over."""
        self.parts.append(measured)
        if len(self.parts) == generators:
            self.write()
            # Quitting ends every greenlet of the runner, this one too: another one has to do it.
            gevent.spawn(self._end)

    def write(self) -> None:
        """Write what was collected, where a file is named."""
        path = self.environment.parsed_options.measured
        if path and self.parts:
            Path(path).write_bytes(msgspec.msgpack.encode(merged(self.parts)))

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
        assert generator is not None, "test_start makes it"
        generator.warm_up()
        if not generator.begun:
            generator.begin()
        connection = generator.connection()
        try:
            while (arrival := generator.take()) is not None:
                self._show(generator.perform(arrival, connection))
        finally:
            connection.close()
        if generator.ended:
            wiring.finish()
        raise StopUser

    def _show(self, answered: Answered) -> None:
        wrong = answered.wrong or answered.fault
        self.environment.events.request.fire(
            request_type="VERIFY",
            name=answered.kind,
            response_time=answered.seconds * 1000,
            response_length=answered.size,
            exception=WrongUnderLoad(wrong) if wrong else None,
            context={},
        )


def run_settings(environment: Any) -> RunSettings:
    """The run that the arguments ask for, or the file that they name."""
    options = environment.parsed_options
    if options.settings:
        return read_settings(Path(options.settings))
    if not options.cases:
        raise ArgumentTypeError("--cases: name a file of cases")
    return RunSettings(
        url=environment.host,
        cases=options.cases,
        profile=options.wire_profile,
        shape=options.shape,
        trace=options.trace,
        rate=options.rate,
        duration=options.duration,
        seed=options.schedule_seed,
        generators=options.generators,
        timeout=options.answer_timeout,
        connections=options.num_users or CONNECTIONS,
        run_id=uuid.uuid4().hex[:12],
    )


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def _arguments(parser: Any) -> None:
    group = parser.add_argument_group("QR verification 二维码核验")
    group.add_argument("--cases", default="", help="File of cases to verify, in the order of the schedule.")
    # Trap: --profile is an option of Locust's own.
    group.add_argument("--wire-profile", default="sichuan", choices=list(CLIENTS), help="Wire profile.")
    group.add_argument("--shape", default="constant", choices=list(shapes()), help="Shape of the load.")
    group.add_argument("--trace", default="", help="File of recorded times, one in seconds a line, for the shape.")
    group.add_argument("--rate", type=float, default=100.0, help="Requests a second at the shape's height.")
    group.add_argument("--duration", type=float, default=60.0, help="Seconds into which the shape is compressed.")
    group.add_argument("--schedule-seed", type=int, default=1, help="Seed of the schedule.")
    group.add_argument("--generators", type=int, default=1, help="Worker processes over all hosts.")
    group.add_argument("--answer-timeout", type=float, default=TIMEOUT, help="Seconds to wait for an answer.")
    group.add_argument("--settings", default="", help="File with all of this, as healthcard load writes it.")
    group.add_argument("--measured", default="", help="File for the measurements, written by the master.")


@events.init.add_listener  # type: ignore[untyped-decorator]
def _wire(environment: Any, **_: Any) -> None:
    wiring = environment.wiring = Wiring(environment)
    environment.events.test_start.add_listener(lambda **_: wiring.start())
    environment.events.test_stop.add_listener(lambda **_: _stopped(wiring))
    if isinstance(environment.runner, MasterRunner):
        environment.runner.register_message(MESSAGE, lambda environment, msg, **_: _received(wiring, msg))


def _received(wiring: Wiring, message: Any) -> None:
    measured = msgspec.msgpack.decode(message.data["measured"], type=Measured)
    options = wiring.environment.parsed_options
    generators = read_settings(Path(options.settings)).generators if options.settings else options.generators
    wiring.collect(measured, generators)


def _stopped(wiring: Wiring) -> None:
    if isinstance(wiring.environment.runner, MasterRunner):
        wiring.write()
    else:
        wiring.finish()
