"""Readers that misbehave, an empty one, and a foreign card, met over PC/SC."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from conformance.adapters.pcsc import PcscChip
from conformance.certifying import PACKAGE, exit_code
from conformance.cli import app
from conformance.evidence.model import Overall, Severity, Verdict
from conformance.evidence.package import Package, read_package
from conformance.rederiving import differences, rederive
from conformance.selfcheck.stands import VIRTUAL_READER, simulated_stand
from reference.command_line import Exit
from reference.ports import Chip
from reference.standard import load
from simulators.cards import demo_card, demo_sam
from simulators.readers.faulty import Fault, FaultyReader, Garbage, Gone, Mute, Truncated
from simulators.readers.foreign_card import ForeignCard
from simulators.readers.virtual import VirtualReaders
from tests.runs import certified

STANDARD = load()
STATEMENT = 'name = "Card"\nvendor = "V"\nversion = "1"\nsample = "s-1"\n'


def over_pcsc(out: Path, chip: Chip, select: str = "") -> Package:
    """A certification of the chip in a virtual reader; the evidence, which gives the same verdicts again."""
    with VirtualReaders(chip, demo_sam(5, STANDARD)) as readers:
        with PcscChip(readers.card_reader) as card, PcscChip(readers.sam_reader) as sam:
            certified(out, simulated_stand(STANDARD, card=card, sam=sam, transport=VIRTUAL_READER), select=select)
        readers.daemon.check()
        assert readers.faults() == ()
    package = read_package(out / PACKAGE)
    assert differences(package, rederive(package, STANDARD)) == ()
    return package


@pytest.mark.usefixtures("pcsc")
@pytest.mark.parametrize("fault", [Mute(30), Gone(30)], ids=["mute", "gone"])
def test_a_card_that_can_be_had_no_more_ends_the_run_as_unreachable(tmp_path: Path, fault: Fault) -> None:
    package = over_pcsc(tmp_path, FaultyReader(demo_card(STANDARD), fault), "read_rights")
    assert exit_code(package.results) is Exit.UNREACHABLE
    verdicts = {result.verdict for result in package.results.tests}
    assert Verdict.ERROR in verdicts
    assert not verdicts & {Verdict.FAILED, Verdict.WARNING}
    assert any(exchange.kind == "lost" for exchanges in package.transcripts.values() for exchange in exchanges)


@pytest.mark.usefixtures("pcsc")
@pytest.mark.parametrize(
    ("fault", "overall"),
    [
        (Gone(25, back=True), Overall.INCOMPLETE),
        (Truncated(40), Overall.NOT_CONFORMANT),
        (Truncated(40, to_one_byte=True), Overall.INCOMPLETE),
        (Garbage(7), Overall.NOT_CONFORMANT),
    ],
    ids=["coming-back", "cut", "cut-to-one-byte", "one-bit-flipped"],
)
def test_a_reader_that_spoils_some_answers_never_gives_a_conformant_card(
    tmp_path: Path, fault: Fault, overall: Overall
) -> None:
    """An answer of one byte has no status word: over PC/SC the reader is at fault, not the card."""
    package = over_pcsc(tmp_path, FaultyReader(demo_card(STANDARD), fault), "attributes or read_rights")
    assert package.results.overall is overall


@pytest.mark.usefixtures("pcsc")
@pytest.mark.parametrize(("lang", "says"), [("en", "Check that a card is in the reader"), ("zh", "请检查读写器中有卡")])
def test_an_empty_reader_ends_as_unreachable_with_one_line(tmp_path: Path, lang: str, says: str) -> None:
    (tmp_path / "card.toml").write_text(STATEMENT, encoding="utf-8")
    with VirtualReaders(None, demo_sam(5, STANDARD)) as readers:
        call = ["card", "--reader", readers.card_reader, "--sam-reader", readers.sam_reader]
        statement = ["--capabilities", str(tmp_path / "card.toml")]
        called = CliRunner().invoke(
            app, ["certify", *call, *statement, "--out", str(tmp_path / "out"), "--lang", lang, "--json"]
        )
    assert called.exit_code == Exit.UNREACHABLE
    (line,) = called.output.strip().splitlines()
    assert readers.card_reader in line
    assert says in line
    assert not (tmp_path / "out" / PACKAGE).exists()


@pytest.mark.usefixtures("pcsc", "vicc")
def test_a_generic_card_of_others_is_not_conformant_with_findings_that_say_why(tmp_path: Path) -> None:
    with ForeignCard() as card:
        package = over_pcsc(tmp_path, card, "read_rights or reset or authentication or elements")
    results = {result.test: result for result in package.results.tests}
    assert package.results.overall is Overall.NOT_CONFORMANT
    mandatory = [test for test in package.plan.tests if test.side == "positive" and test.severity is Severity.FAILS]
    passed = [test.id for test in mandatory if results[test.id].verdict is Verdict.PASSED]
    assert passed == ["authentication.every_challenge_is_eight_fresh_random_bytes"], "an ISO card has that, too"
    found = [finding for result in results.values() for finding in result.findings]
    assert {finding.violation for finding in found} & {"FileMissing", "WrongResetAnswer"}
    assert all(finding.actual.en and finding.remedy.zh for finding in found)
