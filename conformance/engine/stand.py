"""The test stand: a product under test, how it is reached, and what is known of it before the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, Protocol

import msgspec

from conformance.engine.transcript import PlayedBackChip, Recording
from conformance.evidence.model import Exchange, PlannedTest, Product, Waiver
from reference.ports import Chip, Clock
from reference.standard import Standard

USES_UP_CARD = "card"
"""The kind of irreversible act after which the specimen is of no use any more."""


def record_of(path: str, number: int) -> str:
    """The name that a record of a file has in `Stand.expected`, where a file's records differ."""
    return f"{path} record {number}"


def numbered(records: Mapping[str, list[dict[str, str]]]) -> dict[str, dict[str, str]]:
    """The values of records, listed by file from number 1, as `Stand.expected` has them."""
    return {
        record_of(path, number): dict(values)
        for path, listed in records.items()
        for number, values in enumerate(listed, 1)
    }


class Chips(Protocol):
    """Where the chips of a test come from."""

    def channels(self, test: PlannedTest) -> dict[str, Chip]:
        """The chips that the test may speak to, by channel: ``card``, ``sam``."""
        ...

    def finish(self, test: PlannedTest) -> None:
        """The test is over; raise Diverged when it left something unasked."""
        ...

    def recover(self) -> None:
        """The product was lost: bring it back for the next test, or raise ProductUnreachable."""
        ...


class LiveChips:
    """Live chips: the same for every test, until the first test that uses up a card takes the spare one.

    ``spare`` puts another specimen in place and gives its chip; without it the card of the other tests is used up.
    """

    def __init__(self, *, spare: Callable[[], Chip] | None = None, **chips: Chip) -> None:
        self.chips = chips
        self.spare = spare

    def channels(self, test: PlannedTest) -> dict[str, Chip]:
        """All chips of the stand."""
        if USES_UP_CARD in test.irreversible and self.spare is not None:
            self.chips["card"], self.spare = self.spare(), None
        return dict(self.chips)

    def finish(self, test: PlannedTest) -> None:
        """Nothing is left over on a live chip."""

    def recover(self) -> None:
        """Reset all chips."""
        for chip in self.chips.values():
            chip.reset()


class RecordedChips:
    """Played-back chips, from the transcripts of an earlier run."""

    def __init__(self, transcripts: dict[str, tuple[Exchange, ...]]) -> None:
        self.transcripts = transcripts
        self.playing: Recording = Recording(())

    def channels(self, test: PlannedTest) -> dict[str, Chip]:
        """Both channels over one recording, so that their order is kept."""
        self.playing = Recording(self.transcripts.get(test.id, ()))
        return {channel: PlayedBackChip(self.playing, channel) for channel in ("card", "sam")}

    def finish(self, test: PlannedTest) -> None:
        """The recording must have been used up."""
        self.playing.finish()

    def recover(self) -> None:
        """Every test has a recording of its own."""


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a run needs to know before it starts."""

    standard: Standard
    product: Product
    chips: Chips
    transport: str
    data_set: Literal["synthetic", "real"]
    expected: dict[str, dict[str, str]] = {}
    """What the sample was personalised with: element values by file and element id; empty where not given.

    Records that share their elements have an entry each, named by `record_of`."""
    clock: Clock
    seed: int = 0
    budget: dict[str, int] = {}
    """How much may be used up of each kind; a kind that is not named has no limit."""
    waivers: tuple[Waiver, ...] = ()
    """What was agreed about failures before the run; stands in its plan."""
