"""A keeper of records, simulated: an institution with documents by locator. Source: P-EMPI-08; rules by decision."""

from __future__ import annotations

from dataclasses import dataclass, field

from reference.serving import KeptRecord, PartnerAway


@dataclass
class SimulatedKeeper:
    """A `RecordKeeper`; ``available`` False makes it fall silent, ``fetched`` is what it was asked for."""

    records: dict[str, KeptRecord] = field(default_factory=dict)
    available: bool = True
    fetched: list[str] = field(default_factory=list)

    def keep(self, locator: str, text: str) -> None:
        """Keep a document as plain text."""
        self.records[locator] = KeptRecord("text/plain; charset=utf-8", text.encode())

    def fetch(self, locator: str) -> KeptRecord | None:
        """The document of this locator. Raises PartnerAway."""
        self.fetched.append(locator)
        if not self.available:
            raise PartnerAway
        return self.records.get(locator)
