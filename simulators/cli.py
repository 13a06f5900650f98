"""The simulators' part of the command line: `simulate card`, `simulate sam`, `simulate crypto-machine`, and clients.

Each puts simulated products where other programs find them, until Ctrl-C or SIGTERM: chips in virtual PC/SC readers,
a crypto machine at a TCP port.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from reference.command_line import Exit, Lang, Language, both, refused
from reference.languages import Text, say
from reference.ports import Chip, ProductUnreachable
from simulators.client_cli import app_cli, kiosk_cli, terminal_cli, window_cli, workstation_cli
from simulators.crypto_machines.faulty import Fault
from simulators.readers.card_server import PluggedCard
from simulators.readers.faulty import FaultyReader, UnknownFault, fault_of
from simulators.readers.in_process import InProcessReader
from simulators.readers.pcsc_daemon import SOCKET_VARIABLE
from simulators.readers.virtual import VirtualReaders

SYSTEM_VPCD_PORT = 0x8C7B
"""Where Debian's vpcd listens for the card of its first slot."""
LOOK_AT_DAEMON_EVERY_S = 0.5
CRYPTO_MACHINE_PORT = 18018
"""Where the fielded stand-in listens."""


app = typer.Typer(no_args_is_help=True)
simulate = typer.Typer(no_args_is_help=True, help=both(say("Put simulated products where other programs find them.")))
app.add_typer(simulate, name="simulate")
simulate.add_typer(app_cli, name="app")
simulate.add_typer(kiosk_cli, name="kiosk")
simulate.add_typer(window_cli, name="window")
simulate.add_typer(workstation_cli, name="workstation")
simulate.add_typer(terminal_cli, name="qr-terminal")

Port = Annotated[int, typer.Option(min=0, max=65534, help=both(say("First of two loopback ports; 0: any free ones.")))]
Socket = Annotated[Path | None, typer.Option(help=both(say("Where the private PC/SC service listens (Unix socket).")))]
SystemDaemon = Annotated[
    bool,
    typer.Option(
        "--system-daemon/--own-daemon",
        help=both(say("Use the vpcd reader of the running PC/SC service, or start a private service.")),
    ),
]
Trace = Annotated[bool, typer.Option(help=both(say("Show every reset and APDU as it passes.")))]
SamType = Annotated[int, typer.Option(min=1, max=5, help=both(say("Type of the SAM, 1 to 5.")))]


@simulate.command(
    "card",
    help=both(say("Insert a personalised simulated user card. Example: healthcard simulate card --with-sam --trace")),
)
def simulate_card(
    with_sam: Annotated[bool, typer.Option(help=both(say("Put a SAM into the second reader.")))] = False,
    sam_type: SamType = 5,
    memory: Annotated[
        Path | None,
        typer.Option(help=both(say("File that keeps the simulated card's memory; made when it is not there."))),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help=both(
                say(
                    "Let the card's reader misbehave: slow:MS, mute:N, truncate:N, stub:N, gone:N, away:N, garbage:N; "
                    "may be given several times."
                )
            )
        ),
    ] = None,
    port: Port = 0,
    socket: Socket = None,
    system_daemon: SystemDaemon = False,
    trace: Trace = False,
    lang: Lang = Language.EN,
) -> None:
    """A user card in the first reader and, if wanted, a SAM in the second."""
    from simulators.cards import demo_sam

    sam = demo_sam(sam_type) if with_sam else None
    card = card_for(memory, fault or [], lang)
    insert(card, sam, port=port, socket=socket, system_daemon=system_daemon, trace=trace, lang=lang)


def card_for(memory: Path | None, faults: list[str], lang: Language) -> Chip:
    """The demo card, its memory in a file and its reader faulty where that is asked for."""
    from simulators.cards import demo_card
    from simulators.cards.memory import UnusableMemory

    try:
        wanted = [fault_of(words) for words in faults]
        card = demo_card(memory=memory)
        if memory is not None:
            card.memory.save(memory)  # now: a place that cannot be written is to be known before the first command
    except (UnknownFault, UnusableMemory) as mistake:
        raise refused(mistake.text, lang) from mistake
    except OSError as failure:
        text = say(
            "{file}: the card's memory cannot be kept there: {fault}. Name another file.",
            file=memory,
            fault=failure.strerror,
        )
        raise refused(text, lang) from failure
    return FaultyReader(card, *wanted) if wanted else card


@simulate.command(
    "sam",
    help=both(say("Insert a simulated SAM into the second reader. Example: healthcard simulate sam --type 3")),
)
def simulate_sam(
    sam_type: Annotated[int, typer.Option("--type", min=1, max=5, help=both(say("Type of the SAM, 1 to 5.")))] = 5,
    port: Port = 0,
    socket: Socket = None,
    system_daemon: SystemDaemon = False,
    trace: Trace = False,
    lang: Lang = Language.EN,
) -> None:
    """A SAM in the second reader; the first stays empty."""
    from simulators.cards import demo_sam

    insert(
        None,
        demo_sam(sam_type),
        port=port,
        socket=socket,
        system_daemon=system_daemon,
        trace=trace,
        lang=lang,
    )


@simulate.command(
    "crypto-machine",
    help=both(say("Run a simulated crypto machine. Example: healthcard simulate crypto-machine --fault slow")),
)
def simulate_crypto_machine(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help=both(say("TCP port to listen at; 0: any free one.")))
    ] = CRYPTO_MACHINE_PORT,
    host: Annotated[str, typer.Option(help=both(say("Address to listen at.")))] = "127.0.0.1",
    keys: Annotated[
        Path | None, typer.Option(help=both(say("File with the key versions; without it the published sample keys.")))
    ] = None,
    fault: Annotated[Fault | None, typer.Option(help=both(say("Let the machine misbehave.")))] = None,
    lang: Lang = Language.EN,
) -> None:
    """A crypto machine of software behind the TCP protocol."""
    from reference.keys.key_file import UnusableKeyFile, demo_keys, read_key_file
    from reference.keys.software_machine import SoftwareCryptoMachine
    from reference.operating_system import SystemRandomness
    from simulators.crypto_machines.faulty import machine_with
    from simulators.crypto_machines.server import CryptoMachineServer

    stop = threading.Event()
    try:
        inside = SoftwareCryptoMachine(demo_keys() if keys is None else read_key_file(keys))
        machine = machine_with(fault, inside, SystemRandomness())
        with _ended_by_signals(stop), CryptoMachineServer(machine, host, port) as server:
            _show(
                [
                    say("Crypto machine: {host}:{port}", host=server.address[0], port=server.address[1]),
                    say("Check value: {value}", value=inside.device().check_value),
                    say("Its keys are demo keys, known to everybody: for tests alone.") if inside.demo else None,
                    say("Ctrl-C ends it."),
                ],
                lang,
            )
            stop.wait()
    except UnusableKeyFile as mistake:
        raise refused(mistake.text, lang) from mistake
    except ProductUnreachable as failure:
        raise refused(failure.explained(), lang, Exit.UNREACHABLE) from failure
    typer.echo(say("Ended.").inside(lang))


class WatchedChip:
    """A chip with every reset and exchange told to a listener as one line."""

    def __init__(self, name: str, chip: Chip, tell: Callable[[str], None]) -> None:
        self._name, self._chip, self._tell = name, chip, tell

    def reset(self) -> bytes:
        answer = self._chip.reset()
        self._tell(f"{self._name} = {answer.hex(' ').upper()}")
        return answer

    def transmit(self, command: bytes) -> bytes:
        self._tell(f"{self._name} > {command.hex(' ').upper()}")
        answer = self._chip.transmit(command)
        self._tell(f"{self._name} < {answer.hex(' ').upper()}")
        return answer


def insert(
    card: Chip | None,
    sam: Chip | None,
    *,
    port: int,
    socket: Path | None,
    system_daemon: bool,
    trace: bool,
    lang: Language,
) -> None:
    """Keep the chips inserted until Ctrl-C or SIGTERM; end with 69 when PC/SC does not work."""
    if trace:
        card = card and WatchedChip("card", card, typer.echo)
        sam = sam and WatchedChip("sam", sam, typer.echo)
    stop = threading.Event()
    try:
        with _ended_by_signals(stop):
            if system_daemon:
                _in_system_daemon(card, sam, port or SYSTEM_VPCD_PORT, stop, lang)
            else:
                _in_own_daemon(card, sam, port, socket, stop, lang)
    except ProductUnreachable as failure:
        raise refused(failure.explained(), lang, Exit.UNREACHABLE) from failure
    typer.echo(say("Ended.").inside(lang))


def _in_own_daemon(
    card: Chip | None, sam: Chip | None, port: int, socket: Path | None, stop: threading.Event, lang: Language
) -> None:
    with VirtualReaders(card, sam, port=port, socket_path=socket) as readers:
        lines = [
            say("Card: {reader}", reader=readers.card_reader) if card else None,
            say("SAM: {reader}", reader=readers.sam_reader) if sam else None,
            say("Other programs reach it with this variable set:"),
            say("  {name}={path} pcsc_scan -r", name=SOCKET_VARIABLE, path=readers.socket_path),
            say("  {name}={path} opensc-tool -l", name=SOCKET_VARIABLE, path=readers.socket_path),
            say("Ctrl-C ends it."),
        ]
        _show(lines, lang)
        while not stop.wait(LOOK_AT_DAEMON_EVERY_S):
            readers.daemon.check()


def _in_system_daemon(card: Chip | None, sam: Chip | None, port: int, stop: threading.Event, lang: Language) -> None:
    with contextlib.ExitStack() as plugged:
        cards = [
            plugged.enter_context(PluggedCard(InProcessReader(chip), slot_port))
            for chip, slot_port in ((card, port), (sam, port + 1))
            if chip is not None
        ]
        _show([say("In the vpcd reader of the running PC/SC service. Look with: opensc-tool -l")], lang)
        _show([say("Ctrl-C ends it.")], lang)
        while not stop.wait(LOOK_AT_DAEMON_EVERY_S):
            if any(card.ended(0) for card in cards):
                raise ProductUnreachable(
                    say("PC/SC"), say("The service let go of the card."), say("Start pcscd, then this again.")
                )


def _show(lines: list[Text | None], lang: Language) -> None:
    for line in lines:
        if line is not None:
            typer.echo(line.inside(lang))
    sys.stdout.flush()


@contextlib.contextmanager
def _ended_by_signals(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C and SIGTERM set the event instead of ending the process: the daemon is to end in order."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, lambda *_: stop.set())
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
