"""Stands with simulated products, in process: the harness's own samples, for certification runs and self-checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from conformance.adapters.pcsc import PcscChip
from conformance.engine.stand import LiveChips, Stand, numbered
from conformance.evidence.model import Product
from reference.languages import Text
from reference.operating_system import SystemClock
from reference.ports import Chip, Clock
from reference.standard import Standard
from simulators.cards.demo import DEMO_SEED, demo_card, demo_personalisation, demo_sam
from simulators.readers.pcsc_daemon import missing
from simulators.readers.virtual import VirtualReaders

IN_PROCESS = "in process"
VIRTUAL_READER = "PC/SC (virtual reader)"


def lack_of_pcsc() -> Text | None:
    """What is missing for virtual PC/SC readers, with the next step; None when nothing is."""
    return missing()


def demo_product(name: str = "Simulated user card") -> Product:
    """The capability statement of the simulated card."""
    return Product(
        kind="user-card",
        name=name,
        vendor="healthcard",
        version="demo",
        sample="demo-0001",
        capabilities={},
    )


def expected_values() -> dict[str, dict[str, str]]:
    """What the demo card was personalised with, as its order states."""
    order = demo_personalisation()
    return {path: dict(values) for path, values in order.values.items()} | numbered(order.records)


def simulated_stand(
    standard: Standard,
    *,
    card: Chip | None = None,
    sam: Chip | None = None,
    sam_type: int = 5,
    spare: Callable[[], Chip] | None = None,
    name: str = "Simulated user card",
    transport: str = IN_PROCESS,
    clock: Clock | None = None,
) -> Stand:
    """A stand with the simulated card and SAM, or with other chips in their place."""
    if card is None:
        card, spare = demo_card(standard), spare or (lambda: demo_card(standard))
    return Stand(
        standard=standard,
        product=demo_product(name),
        chips=LiveChips(card=card, sam=sam or demo_sam(sam_type, standard), spare=spare),
        transport=transport,
        data_set="synthetic",
        expected=expected_values(),
        clock=clock or SystemClock(),
        seed=DEMO_SEED,
    )


@contextmanager
def virtual_reader_stand(standard: Standard, sam_type: int = 5) -> Iterator[Stand]:
    """The simulated card and SAM behind a real PC/SC service with virtual readers, for the time of a ``with``.

    Raises ProductUnreachable when PC/SC is incomplete or does not start.
    """
    with VirtualReaders(demo_card(standard), demo_sam(sam_type, standard)) as readers:
        card, sam = PcscChip(readers.card_reader), PcscChip(readers.sam_reader)

        def spare_card() -> Chip:
            """Another specimen in the same reader."""
            readers.card_slot.remove()
            readers.card_slot.insert(demo_card(standard))
            return card

        with card, sam:
            yield simulated_stand(standard, card=card, sam=sam, spare=spare_card, transport=VIRTUAL_READER)
