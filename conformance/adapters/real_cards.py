"""A stand with a real card, or any card in a PC/SC reader: readers, capability statement and personalisation file.

The files are TOML. A capability statement names the product; a personalisation file gives the values that the sample
was made with, by file and element, so that contents can be compared.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from conformance.adapters.pcsc import PcscChip
from conformance.engine.stand import USES_UP_CARD, LiveChips, Stand, numbered
from conformance.evidence.model import Product
from reference.languages import Text, say
from reference.operating_system import SystemClock
from reference.ports import Chip
from reference.standard import Standard

T = TypeVar("T")


class UnusableFile(ValueError):
    """A file given to the run that cannot be used: names it, the place, the reason and what it must look like."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The capability statement of a user card, as its vendor writes it."""

    name: str
    vendor: str
    version: str
    sample: str
    data_set: Literal["synthetic", "real"] = "synthetic"
    """``real`` where the sample holds a real person's data: evidence is redacted then, and sealed for a laboratory."""
    capabilities: dict[str, bool] = {}

    def product(self) -> Product:
        """The statement as it stands in the evidence."""
        return Product(
            kind="user-card",
            name=self.name,
            vendor=self.vendor,
            version=self.version,
            sample=self.sample,
            capabilities=self.capabilities,
        )


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A personalisation file; of what a card maker's order holds, a suite compares ``values`` and ``records``."""

    values: dict[str, dict[str, str]]
    """By file path and element id."""
    historical: str = ""
    records: dict[str, list[dict[str, str]]] = {}


def read_statement(path: Path) -> Statement:
    """The capability statement. Raises UnusableFile."""
    return _read(path, Statement, say("name, vendor, version, sample, and optionally data_set and capabilities"))


def read_order(path: Path, standard: Standard) -> dict[str, dict[str, str]]:
    """The personalisation values, as `Stand.expected` has them.

    Raises UnusableFile, also for a file or an element that the standard lacks.
    """
    order = _read(path, Order, say('[values."DDF1/EF05"] and under it one line for each element'))
    listed = [*order.values.items(), *((file, row) for file, rows in order.records.items() for row in rows)]
    for file, values in listed:
        if file not in standard.files:
            raise UnusableFile(
                say(
                    "{path}: the standard has no file {file}. Files are written as in DDF1/EF05: {files}",
                    path=path,
                    file=file,
                    files=", ".join(standard.files),
                )
            )
        known = {element.id for element in standard.elements(file)}
        for element in values:
            if element not in known:
                raise UnusableFile(
                    say(
                        "{path}: {file} has no element {element}. Elements are listed by "
                        "healthcard requirements --grep element",
                        path=path,
                        file=file,
                        element=element,
                    )
                )
    return order.values | numbered(order.records)


def _read(path: Path, shape: type[T], wanted: Text) -> T:
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), shape)
    except OSError as fault:
        raise UnusableFile(
            say("{path}: cannot be read: {fault}. Check the path.", path=path, fault=fault.strerror)
        ) from fault
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as fault:
        raise UnusableFile(
            say("{path}: {fault}. The file must be TOML with {wanted}.", path=path, fault=fault, wanted=wanted)
        ) from fault


def reader_stand(
    standard: Standard,
    *,
    reader: str,
    sam_reader: str,
    statement: Statement,
    expected: dict[str, dict[str, str]],
    spare_cards: int = 0,
    ask: Callable[[Text], object] = lambda text: None,
    transport: str = "",
) -> Stand:
    """A stand with the card and the SAM in two PC/SC readers.

    ``ask`` shows the operator what to do and waits until it is done: it is called when a spare card has to be put in
    place of the first one. Both chips are reset. Raises UnknownReader, and ProductUnreachable when no PC/SC service
    answers or a reader has no chip that does.
    """
    card, sam = PcscChip(reader), PcscChip(sam_reader)
    for chip in (card, sam):
        chip.reset()

    def spare() -> Chip:
        card.close()
        ask(say("Put a spare card into reader {reader}: it will be locked for ever. Ready?", reader=card.reader))
        return card

    return Stand(
        standard=standard,
        product=statement.product(),
        chips=LiveChips(card=card, sam=sam, spare=spare),
        budget={USES_UP_CARD: spare_cards},
        transport=transport or f"PC/SC: {card.reader}",
        data_set=statement.data_set,
        expected=expected,
        clock=SystemClock(),
    )
