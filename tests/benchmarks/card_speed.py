"""How fast the simulated card and the suite are, in one run: by itself on one core, through PC/SC, the whole suite.

    python -m tests.benchmarks.card_speed

Each figure stands beside its target. Only ratios carry over to another machine. A secured update is GET CHALLENGE and
UPDATE RECORD with cipher and MAC, which the terminal's side computes outside the timed part.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from conformance.adapters.pcsc import PcscChip
from conformance.certifying import Laboratory, certify
from conformance.engine.run import Progress
from conformance.engine.stand import Stand
from conformance.evidence.model import Verdict
from conformance.evidence.package import Package
from conformance.evidence.signing import demo_signer
from conformance.selfcheck.stands import simulated_stand, virtual_reader_stand
from reference.card.access import key_of_role
from reference.card.apdu import CommandApdu
from reference.crypto.derivation import session_key
from reference.crypto.secure_messaging import MAC_LENGTH, encipher_record, mac
from reference.ports import Chip
from reference.standard import Standard, load
from reference.standard.rows import KeyRole
from reference.terminal.card_session import CardSession
from reference.terminal.sam_session import SamSession
from reference.terminal.terminal import Terminal
from simulators.cards import demo_card, demo_sam
from simulators.cards.user_card import UserCard
from simulators.readers.pcsc_daemon import missing
from simulators.readers.virtual import VirtualReaders
from tests.benchmarks.apdu_throughput import DoNothing

READS, UPDATES, ROUNDS = 30_000, 5_000, 3
READS_IN_TURN, TURNS = 2_000, 9
READ_RECORD = bytes.fromhex("00B2030400")
GET_CHALLENGE = bytes.fromhex("0084000008")
CLINICAL, RECORD = "DDF1/DF02/EF05", bytes.fromhex("290104")
CLASS, INSTRUCTION, P1, P2 = UPDATE_HEADER = bytes.fromhex("04DC0104")
OK = bytes.fromhex("9000")
TARGETS = {
    "plain reads/s, in process": "≥ 15 000",
    "secured updates/s, in process": "≥ 2 000",
    "plain reads/s through PC/SC": "",
    "do-nothing card/s through PC/SC": "",
    "ratio of the two": "≥ 60 %",
    "whole suite in process, s": "< 15",
    "whole suite over PC/SC, s": "< 60",
    "same verdicts": "yes",
}


class Idle(DoNothing):
    """The do-nothing chip with another chip's answer to reset: the way to a chip depends on its protocol."""

    def __init__(self, chip: Chip) -> None:
        self.answer_to_reset = chip.reset()

    def reset(self) -> bytes:
        return self.answer_to_reset


def reads_per_second(chip: Chip, count: int) -> float:
    """READ RECORD of a file that is free to read, after a reset."""
    chip.reset()
    for fid in ("DDF1", "EF05"):
        chip.transmit(bytes.fromhex("00A4000002" + fid))
    assert chip.transmit(READ_RECORD)[-2:] == OK
    began = time.perf_counter()
    for _ in range(count):
        chip.transmit(READ_RECORD)
    return count / (time.perf_counter() - began)


def updates_per_second(card: UserCard, standard: Standard, count: int) -> float:
    """Secured updates of one record; only the card's own time counts."""
    terminal = Terminal(CardSession(card, standard), SamSession(demo_sam(5, standard), standard))
    terminal.start()
    terminal.select(CLINICAL)
    terminal.authenticate("UK1DF02")
    row = key_of_role(standard, "DDF1/DF02", KeyRole.MAINTENANCE)
    assert row is not None
    key, took = card.memory.keys[row.id], 0
    for _ in range(count):
        began = time.perf_counter_ns()
        challenge = card.transmit(GET_CHALLENGE)[:-2]
        took += time.perf_counter_ns() - began
        session = session_key(key, challenge)
        enciphered = encipher_record(session, RECORD)
        covered = UPDATE_HEADER + bytes((len(enciphered) + MAC_LENGTH,)) + enciphered
        command = CommandApdu(CLASS, INSTRUCTION, P1, P2, enciphered + mac(session, covered)).encode()
        began = time.perf_counter_ns()
        answer = card.transmit(command)
        took += time.perf_counter_ns() - began
        assert answer == OK, answer.hex()
    return 1e9 * count / took


def through_pcsc(card: Chip) -> tuple[float, float, float]:
    """Reads a second of the card and of the idle chip in a virtual reader, and how many times the second the first is.

    Medians over turns, each with a service of its own: from one to the next they differ by half and more.
    """
    pairs = [(in_reader(card), in_reader(Idle(card))) for _ in range(TURNS)]
    ratio = statistics.median(of_card / idle for of_card, idle in pairs)
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs), ratio


def in_reader(chip: Chip) -> float:
    """Reads a second of the chip in a virtual reader of its own."""
    with VirtualReaders(chip, DoNothing()) as readers, PcscChip(readers.card_reader) as reached:
        reads_per_second(reached, READS_IN_TURN // 10)
        return reads_per_second(reached, READS_IN_TURN)


def whole_suite(stand: Stand) -> tuple[float, dict[str, Verdict]]:
    """Seconds of a certification, evidence and all, and its verdicts."""
    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        package: Package = certify(
            stand, "card", Path(out), signer=demo_signer(), laboratory=Laboratory(), progress=Progress()
        )
        return time.perf_counter() - began, {result.test: result.verdict for result in package.results.tests}


def measure() -> dict[str, str]:
    """All figures by name."""
    standard = load()
    assert standard.requirements
    reads = statistics.median(reads_per_second(demo_card(standard), READS) for _ in range(ROUNDS))
    updates = statistics.median(updates_per_second(demo_card(standard), standard, UPDATES) for _ in range(ROUNDS))
    direct, verdicts = whole_suite(simulated_stand(standard))
    figures = [f"{reads:,.0f}", f"{updates:,.0f}"]
    if missing() is not None:
        return dict(zip(TARGETS, [*figures, "–", "–", "–", f"{direct:.1f}", "–", "–"], strict=True))
    card, nothing, ratio = through_pcsc(demo_card(standard))
    with virtual_reader_stand(standard) as stand:
        carried, carried_verdicts = whole_suite(stand)
    figures += [f"{card:,.0f}", f"{nothing:,.0f}", f"{ratio:.0%}", f"{direct:.1f}", f"{carried:.1f}"]
    return dict(zip(TARGETS, [*figures, "yes" if verdicts == carried_verdicts else "no"], strict=True))


def main() -> None:
    """Measure and print the table."""
    table = Table("figure", "measured", "target")
    table.columns[1].justify = "right"
    for name, figure in measure().items():
        table.add_row(name, figure, TARGETS[name])
    Console().print(table)
    lack = missing()
    if lack is not None:
        Console().print(f"not measured through PC/SC: {lack}")


if __name__ == "__main__":
    main()
