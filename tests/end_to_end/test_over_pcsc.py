"""The whole way over PC/SC with virtual readers: the same verdicts and the same bytes as in process."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.adapters.pcsc import PcscChip
from conformance.certifying import exit_code
from conformance.engine.plugin import LOSSES_IN_A_ROW
from conformance.engine.run import execute, suite
from conformance.evidence.model import Exchange, Overall, Verdict
from conformance.evidence.package import Package
from conformance.rederiving import differences, rederive
from conformance.selfcheck.stands import VIRTUAL_READER, simulated_stand, virtual_reader_stand
from reference.command_line import Exit
from reference.standard import load
from simulators.cards import demo_card, demo_sam
from simulators.cards.mutants import registered
from simulators.cards.scripted import ScriptedCard
from simulators.readers.virtual import VirtualReaders
from tests.chips import HangingChip
from tests.runs import certified, demo_stand

STANDARD = load()
OPEN_FILE = "read_rights.a_file_stays_closed_without_its_read_key[DDF1/DF02/EF05]"


def without_times(exchanges: tuple[Exchange, ...]) -> list[tuple[str, str, str, str]]:
    return [(exchange.channel, exchange.kind, exchange.sent, exchange.received) for exchange in exchanges]


@pytest.fixture(scope="module")
def in_process(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return certified(tmp_path_factory.mktemp("in-process"))


@pytest.mark.usefixtures("pcsc")
def test_the_card_in_a_reader_gives_the_verdicts_and_the_bytes_of_the_card_in_process(
    tmp_path: Path, in_process: Package
) -> None:
    with virtual_reader_stand(STANDARD) as stand:
        over_pcsc = certified(tmp_path, stand)
    assert over_pcsc.manifest.transport == VIRTUAL_READER
    assert over_pcsc.results.overall is Overall.CONFORMANT
    assert [(result.test, result.verdict) for result in over_pcsc.results.tests] == [
        (result.test, result.verdict) for result in in_process.results.tests
    ]
    assert over_pcsc.plan == in_process.plan
    for test in in_process.plan.tests:
        assert without_times(over_pcsc.transcript(test.id)) == without_times(in_process.transcript(test.id)), test.id
    assert differences(over_pcsc, rederive(over_pcsc, STANDARD)) == ()


@pytest.mark.usefixtures("pcsc")
def test_a_recorded_failure_answers_pyscard_as_it_was_recorded(tmp_path: Path) -> None:
    mutant = next(found for found in registered(STANDARD) if found.name == "ClinicalDataOpenToAll")
    package = certified(tmp_path, demo_stand(card=mutant.make(STANDARD)), select="read_rights")
    recorded = [exchange for exchange in package.transcript(OPEN_FILE) if exchange.channel == "card"]
    script = [(bytes.fromhex(exchange.sent), bytes.fromhex(exchange.received)) for exchange in recorded]
    with VirtualReaders(ScriptedCard(script)) as readers, PcscChip(readers.card_reader) as chip:
        for sent, received in script:
            assert (chip.transmit(sent) if sent else chip.reset()) == received
        assert chip.transmit(bytes.fromhex("00CA000000")) == bytes.fromhex("6F00")
    assert len(script) > 5


@pytest.mark.usefixtures("pcsc")
def test_a_card_that_hangs_ends_the_run_when_its_time_is_up() -> None:
    hanging = HangingChip()
    try:
        with VirtualReaders(hanging, demo_sam(5, STANDARD)) as readers:
            card, sam = PcscChip(readers.card_reader, limit_s=0.3), PcscChip(readers.sam_reader)
            with card, sam:
                stand = simulated_stand(STANDARD, card=card, sam=sam, transport=VIRTUAL_READER)
                _, results = execute(stand, suite("card"), pytest_arguments=("-k", "test_status_words or test_reset"))
            hanging.let_go.set()
    finally:
        hanging.let_go.set()
    assert exit_code(results) is Exit.UNREACHABLE
    assert "0.3 s" in str(results.stopped)
    verdicts = [result.verdict for result in results.tests]
    assert 1 <= verdicts.count(Verdict.ERROR) <= LOSSES_IN_A_ROW
    assert Verdict.PASSED not in verdicts


@pytest.mark.usefixtures("pcsc")
def test_a_card_taken_out_in_mid_run_leaves_what_was_done(tmp_path: Path) -> None:
    with VirtualReaders(demo_card(STANDARD), demo_sam(5, STANDARD)) as readers:
        card, sam = PcscChip(readers.card_reader), PcscChip(readers.sam_reader)

        class TakenOut:
            """The card in the reader, until it is taken out after some commands."""

            left = 30

            def reset(self) -> bytes:
                return card.reset()

            def transmit(self, command: bytes) -> bytes:
                self.left -= 1
                if not self.left:
                    readers.card_slot.remove()
                return card.transmit(command)

        with card, sam:
            package = certified(tmp_path, simulated_stand(STANDARD, card=TakenOut(), sam=sam), select="status_words")
    assert package.results.stopped is not None
    assert any(exchange.kind == "lost" for exchanges in package.transcripts.values() for exchange in exchanges)
    assert package.results.overall is Overall.INCOMPLETE
