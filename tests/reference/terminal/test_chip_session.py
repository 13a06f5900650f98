"""One command, one answer: GET RESPONSE, the right length, and cards that never end (ISO/IEC 7816-4 5.3)."""

from __future__ import annotations

import pytest

from reference.card.apdu import CommandApdu, ResponseApdu
from reference.card.violations import UnusableAnswer
from reference.ports import ProductUnreachable
from reference.standard import load
from reference.terminal.card_session import CardSession
from reference.terminal.chip_session import MOST_FETCHES
from simulators.cards.hollow import EchoCard, SilentCard
from tests.reference.terminal.scripted import ListedChip

READ = CommandApdu(0x00, 0xB2, 0x01, 0x04, le=0)


def session(*answers: str) -> tuple[CardSession, ListedChip]:
    """A session with a chip that gives these answers."""
    chip = ListedChip(answers)
    return CardSession(chip, load()), chip


def test_an_answer_at_once_is_given_as_it_is() -> None:
    card, chip = session("0102 9000")
    assert card.exchange(READ) == ResponseApdu(b"\x01\x02", 0x9000)
    assert chip.sent == ["00B2010400"]


def test_announced_data_is_fetched_and_joined() -> None:
    card, chip = session("6102", "0102 6101", "03 9000")
    assert card.exchange(READ) == ResponseApdu(b"\x01\x02\x03", 0x9000)
    assert chip.sent == ["00B2010400", "00C0000002", "00C0000001"]


def test_data_that_comes_with_the_announcement_is_kept() -> None:
    card, _ = session("01 6101", "02 9000")
    assert card.exchange(READ).data == b"\x01\x02"


def test_a_card_that_always_announces_more_is_cut_off() -> None:
    card, chip = session("AA 6101")
    answer = card.exchange(READ)
    assert len(chip.sent) == 1 + MOST_FETCHES
    assert (answer.sw, len(answer.data)) == (0x6101, 1 + MOST_FETCHES)


def test_a_failing_fetch_ends_the_answer_with_its_status() -> None:
    card, chip = session("6102", "6F00")
    assert card.exchange(READ) == ResponseApdu(b"", 0x6F00)
    assert len(chip.sent) == 2


def test_a_wrong_length_is_repeated_once_with_the_right_one() -> None:
    card, chip = session("6C03", "010203 9000")
    assert card.exchange(READ).data == b"\x01\x02\x03"
    assert chip.sent == ["00B2010400", "00B2010403"]


def test_a_card_that_never_likes_the_length_is_asked_twice() -> None:
    card, chip = session("6C03")
    assert card.exchange(READ) == ResponseApdu(b"", 0x6C03)
    assert len(chip.sent) == 2


def test_the_right_length_may_itself_be_announced() -> None:
    card, chip = session("6C03", "6103", "010203 9000")
    assert card.exchange(READ).data == b"\x01\x02\x03"
    assert chip.sent[-1] == "00C0000003"


def test_data_with_a_status_like_a_length_is_not_asked_for_again() -> None:
    card, chip = session("01 6C03")
    assert card.exchange(READ) == ResponseApdu(b"\x01", 0x6C03)
    assert len(chip.sent) == 1


@pytest.mark.parametrize("answer", ["", "90"])
def test_an_answer_without_a_status_word_is_unusable(answer: str) -> None:
    card, _ = session(answer)
    with pytest.raises(UnusableAnswer) as fault:
        card.read_record(1)
    assert fault.value.subject == "00 B2 01 04"
    assert f"only {len(answer) // 2} came" in str(fault.value)


def test_a_silent_card_is_unreachable() -> None:
    with pytest.raises(ProductUnreachable, match="did not answer in time"):
        CardSession(SilentCard(), load()).challenge()


def test_an_echo_is_an_answer_like_any_other() -> None:
    answer = CardSession(EchoCard(), load()).challenge()
    assert answer == ResponseApdu(bytes.fromhex("0084000008"), 0x9000)


@pytest.mark.parametrize(
    ("call", "sent"),
    [
        (
            lambda card: card.select("DDF1/DF02/EF05"),
            ["00A40000023F00", "00A4000002DDF1", "00A4000002DF02", "00A4000002EF05"],
        ),
        (lambda card: card.select_from("DDF1", "DDF1/DF02/EF05"), ["00A4000002DF02", "00A4000002EF05"]),
        (lambda card: card.select_name(b"WS.SYS.DDF01"), ["00A404000C57532E5359532E4444463031"]),
        (lambda card: card.read_record(15), ["00B20F0400"]),
        (lambda card: card.read_record_tagged(57), ["00B2390000"]),
        (lambda card: card.read_binary(0x0C00, 2), ["00B00C0002"]),
        (lambda card: card.update_binary(0x0180, b"\xaa"), ["00D6018001AA"]),
        (lambda card: card.update_record(2, b"\xaa", cla=0x04), ["04DC020401AA"]),
        (lambda card: card.push_record(b"\xaa", cla=0x04), ["04DC000301AA"]),
        (lambda card: card.challenge(), ["0084000008"]),
        (lambda card: card.external_authenticate(0x84, bytes(17)), ["0082008411" + "00" * 17]),
        (lambda card: card.internal_authenticate(0x00, bytes(17)), ["0088000011" + "00" * 17 + "00"]),
    ],
)
def test_commands_have_their_fielded_form(call: object, sent: list[str]) -> None:
    card, chip = session("9000")
    assert callable(call)
    call(card)
    assert chip.sent == sent


def test_selection_stops_at_the_first_refusal() -> None:
    card, chip = session("9000", "6A82")
    assert card.select("DDF1/DF02/EF05").sw == 0x6A82
    assert chip.sent == ["00A40000023F00", "00A4000002DDF1"]
