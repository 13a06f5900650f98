"""The golden exchanges once more through PC/SC: what passes in process must pass behind a reader as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.adapters.pcsc import PcscChip
from reference.ports import Chip
from reference.standard import load
from simulators.cards import demo_card, demo_sam
from simulators.readers.virtual import VirtualReaders
from tests.golden.exchanges import HERE, play, read, steps
from tests.pcsc import pcsc

__all__ = ["pcsc"]

PROFILE = "field-2013"
EXCHANGES = [path for path in sorted((HERE / "fielded").glob("*.toml")) if PROFILE in read(path)["profiles"]]


class LyingInReader:
    """A place for a chip that is exchanged without the reader seeing it go: one service serves all exchanges."""

    def __init__(self, chip: Chip) -> None:
        self.chip = chip

    def reset(self) -> bytes:
        """The chip's answer to reset."""
        return self.chip.reset()

    def transmit(self, command: bytes) -> bytes:
        """The chip's answer."""
        return self.chip.transmit(command)


@pytest.mark.usefixtures("pcsc")
@pytest.mark.parametrize("interface", ["contactless", "contact-t0"])
def test_every_fielded_exchange_passes_through_pcsc(interface: str) -> None:
    standard, played = load(PROFILE), {}
    card, sam = LyingInReader(demo_card(standard, interface)), LyingInReader(demo_sam(5, standard))
    with VirtualReaders(card, sam) as readers:
        with PcscChip(readers.card_reader) as card_chip, PcscChip(readers.sam_reader) as sam_chip:
            for path in EXCHANGES:
                card.chip, sam.chip = demo_card(standard, interface), demo_sam(5, standard)
                played[path] = play(path, {"card": card_chip, "sam": sam_chip})
        assert readers.faults() == ()
    assert played == {path: len(list(steps(path))) for path in EXCHANGES}


def test_nothing_is_left_out_of_the_exchanges_over_pcsc() -> None:
    assert {Path(path).stem for path in EXCHANGES} == {path.stem for path in (HERE / "fielded").glob("*.toml")}
