"""The adapter to PC/SC readers, over virtual readers and over scripted return codes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.adapters import pcsc as adapter
from conformance.adapters.pcsc import PcscChip, UnknownReader, as_t0_command, find_reader, readers
from reference.ports import Chip, ProductUnreachable
from simulators.readers.foreign_card import ForeignCard
from simulators.readers.virtual import VirtualReaders
from tests.chips import OK, T0_ANSWER, T1_ANSWER, CountingChip, FailingChip, FixedChip, HangingChip, mute

SELECT = bytes.fromhex("00A4000002DF01")
NAMES = ["Acme Contact 00 00", "Acme Contact 00 01", "Acme"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("Acme Contact 00 01", "Acme Contact 00 01"), ("00 00", "Acme Contact 00 00"), ("Acme", "Acme")],
)
def test_a_reader_is_found_by_its_name_or_by_a_part_that_only_it_has(wanted: str, found: str) -> None:
    assert find_reader(wanted, NAMES) == found


@pytest.mark.parametrize(
    ("wanted", "present", "says"),
    [
        ("Contact", NAMES, "Give more of the name"),
        ("Omnikey", NAMES, "Acme Contact 00 00"),
        ("Omnikey", [], "shows no reader"),
    ],
)
def test_an_unknown_reader_is_answered_with_those_present(wanted: str, present: list[str], says: str) -> None:
    with pytest.raises(UnknownReader, match=says) as failure:
        find_reader(wanted, present)
    assert wanted in failure.value.text.zh


@pytest.mark.parametrize(
    ("command", "carried"),
    [
        ("00A40000", "00A4000000"),
        ("00B0000008", "00B0000008"),
        ("00A4000002DF01", "00A4000002DF01"),
        ("00A4000002DF0100", "00A4000002DF01"),
        ("00A4000002DF010000", "00A4000002DF010000"),
        ("00B00000000100", "00B00000000100"),
    ],
    ids=["case 1", "case 2", "case 3", "case 4", "not a command", "extended"],
)
def test_t0_carries_commands_as_iso_7816_3_lays_down(command: str, carried: str) -> None:
    assert as_t0_command(bytes.fromhex(command)).hex().upper() == carried


@given(st.binary(min_size=4, max_size=300))
def test_t0_never_changes_header_or_data(command: bytes) -> None:
    carried = as_t0_command(command)
    assert carried[:4] == command[:4]
    assert carried[: len(command) - 1] == command[: len(carried)][: len(command) - 1]
    assert abs(len(carried) - len(command)) <= 1


@pytest.mark.usefixtures("pcsc")
@pytest.mark.parametrize("answer_to_reset", [T0_ANSWER, T1_ANSWER], ids=["T=0", "T=1"])
def test_a_chip_answers_through_pcsc_as_it_does_by_itself(answer_to_reset: bytes) -> None:
    chip = CountingChip(answer_to_reset)
    with VirtualReaders(chip) as virtual:
        assert readers() == [virtual.card_reader, virtual.sam_reader]
        with PcscChip(virtual.card_reader) as card:
            assert isinstance(card, Chip)
            assert card.reset() == answer_to_reset
            assert card.transmit(SELECT) == b"\x00" + OK
    assert chip.commands == [SELECT]


@pytest.mark.usefixtures("pcsc")
def test_card_and_sam_answer_side_by_side() -> None:
    card_chip, sam_chip = FixedChip(b"\x01" + OK), FixedChip(b"\x02" + OK, T0_ANSWER)
    with VirtualReaders(card_chip, sam_chip) as virtual, PcscChip("00 00") as card, PcscChip("00 01") as sam:
        assert (card.reader, sam.reader) == (virtual.card_reader, virtual.sam_reader)
        assert [chip.transmit(SELECT)[0] for chip in (card, sam, card, sam)] == [1, 2, 1, 2]


@pytest.mark.usefixtures("pcsc")
@pytest.mark.parametrize("status", ["6110", "6C08", "6A82"])
def test_no_status_word_is_dealt_with_behind_the_suites_back(status: str) -> None:
    chip = FixedChip(bytes.fromhex(status), T0_ANSWER)
    with VirtualReaders(chip), PcscChip("00 00") as card:
        assert card.transmit(SELECT).hex().upper() == status


@pytest.mark.usefixtures("pcsc")
def test_a_reset_really_resets() -> None:
    chip = CountingChip()
    with VirtualReaders(chip), PcscChip("00 00") as card:
        card.reset()
        before = chip.resets
        counts = [card.transmit(SELECT)[0] for _ in range(2)]
        card.reset()
        assert [*counts, card.transmit(SELECT)[0]] == [0, 1, 0]
        assert chip.resets == before + 1


@pytest.mark.usefixtures("pcsc")
def test_long_commands_and_answers_pass_whole() -> None:
    chip = FixedChip(bytes(range(256)) * 16 + OK)
    command = bytes.fromhex("00D60000000FA0") + bytes(4000)
    with VirtualReaders(chip), PcscChip("00 00") as card:
        assert card.transmit(command) == bytes(range(256)) * 16 + OK


@pytest.mark.usefixtures("pcsc")
def test_less_than_a_header_is_not_sent() -> None:
    chip = CountingChip()
    with VirtualReaders(chip), PcscChip("00 00") as card, pytest.raises(ValueError, match="4 bytes"):
        card.transmit(b"\x00")
    assert chip.commands == []


@pytest.mark.usefixtures("pcsc")
@pytest.mark.parametrize("answer", [b"", b"\x90"], ids=["empty", "one byte"])
def test_an_answer_without_status_word_is_reported(answer: bytes) -> None:
    with VirtualReaders(FixedChip(answer)), PcscChip("00 00") as card:
        with pytest.raises(ProductUnreachable, match="no status word"):
            card.transmit(SELECT)
        assert card.reset() == T1_ANSWER


@pytest.mark.usefixtures("pcsc")
def test_a_mute_chip_is_reported_at_once() -> None:
    with (
        VirtualReaders(FailingChip(mute)),
        PcscChip("00 00") as card,
        pytest.raises(ProductUnreachable, match="no status word"),
    ):
        card.transmit(SELECT)


@pytest.mark.usefixtures("pcsc")
def test_a_chip_that_never_comes_back_is_given_up_when_time_is_up() -> None:
    chip = HangingChip()
    with VirtualReaders(chip), PcscChip("00 00", limit_s=0.2) as card:
        card.reset()
        with pytest.raises(ProductUnreachable, match=r"No answer within 0\.2 s"):
            card.transmit(SELECT)
        chip.let_go.set()


@pytest.mark.usefixtures("pcsc")
def test_a_card_taken_out_is_lost_and_found_again_when_put_back() -> None:
    chip = CountingChip()
    with VirtualReaders(chip) as virtual, PcscChip("00 00") as card:
        assert card.transmit(SELECT) == b"\x00" + OK
        virtual.card_slot.remove()
        with pytest.raises(ProductUnreachable):
            card.transmit(SELECT)
        with pytest.raises(ProductUnreachable, match="does not answer the reset"):
            card.reset()
        virtual.card_slot.insert(chip)
        assert card.reset() == T1_ANSWER
        assert card.transmit(SELECT) == b"\x00" + OK


@pytest.mark.usefixtures("pcsc")
def test_an_empty_reader_is_reported() -> None:
    with (
        VirtualReaders(CountingChip()),
        PcscChip("00 01") as sam,
        pytest.raises(ProductUnreachable, match="does not answer the reset"),
    ):
        sam.reset()


@pytest.mark.usefixtures("pcsc")
def test_a_card_that_another_program_holds_is_reported() -> None:
    with VirtualReaders(CountingChip()), PcscChip("00 00") as holder, PcscChip("00 00") as second:
        holder.reset()
        with pytest.raises(ProductUnreachable, match="Another program holds the card"):
            second.reset()


@pytest.mark.usefixtures("pcsc")
@pytest.mark.parametrize("act", ["reset", "transmit"])
def test_the_death_of_the_service_in_mid_run_is_reported(act: str) -> None:
    with VirtualReaders(CountingChip()) as virtual, PcscChip("00 00") as card:
        card.reset()
        os.kill(virtual.daemon.pid, signal.SIGKILL)
        assert virtual.daemon.ended(30)
        with pytest.raises(ProductUnreachable, match="pcscd"):
            card.reset() if act == "reset" else card.transmit(SELECT)
        with pytest.raises(ProductUnreachable, match="pcscd"):
            card.reset()


@pytest.mark.usefixtures("pcsc")
def test_no_service_is_reported_with_the_next_step() -> None:
    with pytest.raises(ProductUnreachable, match="Start pcscd"):
        PcscChip("any")


@pytest.mark.usefixtures("pcsc")
def test_a_change_of_service_within_a_process_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with VirtualReaders():
        readers()
        monkeypatch.setenv(adapter.SERVICE_VARIABLE, "/somewhere/else")
        with pytest.raises(ProductUnreachable, match="cannot change"):
            readers()


def test_the_adapter_is_there_without_pyscard_and_says_how_to_get_it() -> None:
    program = (
        "import sys\n"
        "sys.modules['smartcard'] = None\n"
        "from conformance.adapters.pcsc import readers\n"
        "from reference.ports import ProductUnreachable\n"
        "try:\n"
        "    readers()\n"
        "except ProductUnreachable as failure:\n"
        "    print(failure)\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    assert "healthcard[pcsc]" in shown


@pytest.mark.usefixtures("pcsc", "vicc")
def test_a_foreign_iso_card_is_reached_through_pcsc() -> None:
    with ForeignCard() as foreign, VirtualReaders(foreign), PcscChip("00 00") as card:
        assert card.reset() == foreign.reset()
        assert card.transmit(bytes.fromhex("80500000")).hex() == "6d00"


@pytest.mark.usefixtures("pcsc")
@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("SCARD_E_NO_SMARTCARD", "No card is in the reader"),
        ("SCARD_W_REMOVED_CARD", "No card is in the reader"),
        ("SCARD_W_UNPOWERED_CARD", "does not answer the reset"),
        ("SCARD_E_NOT_TRANSACTED", "is lost"),
        ("SCARD_E_READER_UNAVAILABLE", "The reader is gone"),
        ("SCARD_E_UNSUPPORTED_FEATURE", "PC/SC reports"),
    ],
)
def test_each_return_code_of_a_real_reader_is_explained(monkeypatch: pytest.MonkeyPatch, code: str, says: str) -> None:
    from smartcard import scard

    refusal = getattr(scard, code)
    scripted = SimpleNamespace(**{name: getattr(scard, name) for name in dir(scard) if name.startswith("SCARD_")})
    scripted.SCardEstablishContext = lambda scope: [0, 1]
    scripted.SCardListReaders = lambda context, groups: [0, ["Real Reader"]]
    scripted.SCardConnect = lambda *arguments: [0, 1, scard.SCARD_PROTOCOL_T1]
    scripted.SCardTransmit = lambda *arguments: [refusal, []]
    scripted.SCardDisconnect = scripted.SCardReleaseContext = lambda *arguments: 0
    scripted.SCardGetErrorMessage = scard.SCardGetErrorMessage
    monkeypatch.setattr(adapter, "_pyscard", lambda: scripted)
    with PcscChip("Real") as card, pytest.raises(ProductUnreachable, match=says) as failure:
        card.transmit(SELECT)
    assert str(failure.value).startswith("Real Reader: ")
