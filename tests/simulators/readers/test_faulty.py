"""The reader that misbehaves, by itself: what each fault does to answers, and how faults are called for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.ports import ProductUnreachable
from simulators.readers.faulty import (
    BY_NAME,
    FaultyReader,
    Garbage,
    Gone,
    Mute,
    Slow,
    Truncated,
    UnknownFault,
    fault_of,
)
from simulators.readers.in_process import InProcessReader
from tests.chips import OK, T1_ANSWER, CountingChip, FixedChip

COMMAND = bytes.fromhex("0084000008")
ANSWER = bytes.fromhex("112233") + OK


def answers(reader: FaultyReader, count: int) -> list[bytes | None]:
    """The answers to so many commands; None where there was none."""
    given: list[bytes | None] = []
    for _ in range(count):
        try:
            given.append(reader.transmit(COMMAND))
        except ProductUnreachable:
            given.append(None)
    return given


def test_a_reader_without_faults_adds_nothing() -> None:
    chip = CountingChip()
    reader = FaultyReader(chip)
    assert reader.reset() == T1_ANSWER
    assert answers(reader, 2) == [b"\x00" + OK, b"\x01" + OK]
    assert chip.commands == [COMMAND, COMMAND]


def test_a_slow_reader_waits_before_each_answer_and_leaves_it_whole() -> None:
    waited: list[float] = []
    reader = FaultyReader(FixedChip(ANSWER), Slow(50), sleep=waited.append)
    assert answers(reader, 3) == [ANSWER] * 3
    assert waited == [0.05] * 3


def test_a_mute_card_answers_resets_and_no_command_from_its_first_on() -> None:
    chip = CountingChip()
    reader = FaultyReader(chip, Mute(3))
    assert [answer is None for answer in answers(reader, 4)] == [False, False, True, True]
    assert reader.reset() == T1_ANSWER
    assert answers(reader, 1) == [None]
    assert len(chip.commands) == 2, "a command without answer does not reach the card"


@pytest.mark.parametrize(("to_one_byte", "left"), [(False, ANSWER[:-1]), (True, ANSWER[:1])])
def test_every_nth_answer_is_cut_short(to_one_byte: bool, left: bytes) -> None:
    reader = FaultyReader(FixedChip(ANSWER), Truncated(2, to_one_byte))
    assert answers(reader, 4) == [ANSWER, left, ANSWER, left]


def test_a_card_that_is_gone_for_good_answers_no_reset() -> None:
    reader = FaultyReader(FixedChip(ANSWER), Gone(2))
    assert answers(reader, 1) == [ANSWER]
    reader.reset()
    assert answers(reader, 2) == [ANSWER, None]
    with pytest.raises(ProductUnreachable, match="gone"):
        reader.reset()


def test_a_card_that_went_away_is_found_again_by_a_reset() -> None:
    reader = FaultyReader(FixedChip(ANSWER), Gone(2, back=True))
    assert answers(reader, 4) == [ANSWER, ANSWER, None, None]
    assert reader.reset() == T1_ANSWER
    assert answers(reader, 3) == [ANSWER, ANSWER, None]


@given(st.binary(min_size=1, max_size=258), st.integers(min_value=1, max_value=5))
def test_garbage_is_one_flipped_bit_of_every_nth_answer(answer: bytes, every: int) -> None:
    reader = FaultyReader(FixedChip(answer), Garbage(every))
    for number, found in enumerate(answers(reader, 10), start=1):
        assert found is not None
        flipped = int.from_bytes(found, "big") ^ int.from_bytes(answer, "big")
        assert len(found) == len(answer)
        assert flipped.bit_count() == (1 if number % every == 0 else 0)


def test_the_same_bits_are_flipped_every_time() -> None:
    assert answers(FaultyReader(FixedChip(ANSWER), Garbage(1)), 5) == answers(
        FaultyReader(FixedChip(ANSWER), Garbage(1)), 5
    )


def test_faults_work_together() -> None:
    waited: list[float] = []
    reader = FaultyReader(FixedChip(ANSWER), Slow(20), Truncated(2), Mute(4), sleep=waited.append)
    assert answers(reader, 5) == [ANSWER, ANSWER[:-1], ANSWER, None, None]
    assert len(waited) == 3


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("mute:20", Mute(20)),
        ("slow:50", Slow(50)),
        ("truncate:30", Truncated(30)),
        ("stub:30", Truncated(30, to_one_byte=True)),
        ("gone:40", Gone(40)),
        ("away:40", Gone(40, back=True)),
        ("garbage:7", Garbage(7)),
    ],
)
def test_a_fault_is_called_for_by_name_and_number(words: str, fault: object) -> None:
    assert fault_of(words) == fault


@pytest.mark.parametrize("words", ["", "mute", "mute:", "mute:0", "mute:-1", "mute:x", "mute:²", "loud:3", ":3"])
def test_words_that_call_for_no_fault_are_answered_with_the_names(words: str) -> None:
    with pytest.raises(UnknownFault) as refusal:
        fault_of(words)
    assert all(name in str(refusal.value) for name in BY_NAME)


def test_a_slot_whose_card_no_longer_answers_resets_shows_no_answer_of_before() -> None:
    slot = InProcessReader(FaultyReader(FixedChip(ANSWER), Gone(1)))
    assert slot.answer_to_reset() == T1_ANSWER
    slot.transmit(COMMAND)
    with pytest.raises(ProductUnreachable):
        slot.reset()
    with pytest.raises(ProductUnreachable):
        slot.answer_to_reset()
