"""The in-process reader: presence and power (ISO/IEC 7816-3, 6.2)."""

from __future__ import annotations

import pytest

from reference.ports import Chip, ProductUnreachable
from simulators.readers.in_process import InProcessReader
from tests.chips import T1_ANSWER, CountingChip


def test_a_reader_answers_what_its_chip_answers() -> None:
    reader = InProcessReader(CountingChip())
    assert isinstance(reader, Chip)
    assert reader.reset() == T1_ANSWER
    assert reader.transmit(bytes(4)).hex() == "009000"


@pytest.mark.parametrize("act", [lambda reader: reader.reset(), lambda reader: reader.transmit(bytes(4))])
def test_an_empty_reader_is_unreachable_and_says_what_to_do(act: object) -> None:
    assert callable(act)
    with pytest.raises(ProductUnreachable) as failure:
        act(InProcessReader())
    assert "Insert a card" in str(failure.value)
    assert "插入" in failure.value.explained().zh


def test_a_chip_put_in_is_reset_before_its_first_command() -> None:
    reader, chip = InProcessReader(), CountingChip()
    reader.insert(chip)
    reader.transmit(bytes(4))
    assert (chip.resets, reader.occupied()) == (1, True)


@pytest.mark.parametrize("cut", ["taken out and put back", "power off"])
def test_a_chip_forgets_when_it_loses_power(cut: str) -> None:
    chip = CountingChip()
    reader = InProcessReader(chip)
    reader.transmit(bytes(4))
    if cut == "power off":
        reader.power_off()
    else:
        reader.remove()
        assert not reader.occupied()
        reader.insert(chip)
    assert reader.transmit(bytes(4)) == b"\x00\x90\x00"
    assert chip.resets == 2
