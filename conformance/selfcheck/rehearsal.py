"""A rehearsal before the product is touched: the plan is run on the simulated card with a SAM of the announced type.

What the SAM lacks the keys for is then known, and so is about how many commands the run will take. The product itself
may answer otherwise; the rehearsal judges nothing.
"""

from __future__ import annotations

import msgspec

from conformance.engine.run import execute, suite
from conformance.evidence.model import Product, Verdict
from conformance.selfcheck.stands import simulated_stand
from reference.standard import Standard

TYPICAL_COMMAND_US = 25_000
"""What a command took on average with a contactless reader in the field (a vendor's reader speed test)."""


class Rehearsal(msgspec.Struct, frozen=True):
    """What a rehearsal showed."""

    blocked: tuple[str, ...]
    """Tests that the SAM cannot serve, by id."""
    exchanges: int
    """Commands and resets of the whole run, card and SAM together."""

    @property
    def seconds(self) -> int:
        """About how long the run takes with a contactless reader."""
        return self.exchanges * TYPICAL_COMMAND_US // 1_000_000


def rehearse(standard: Standard, product: Product, sam_type: int) -> Rehearsal:
    """Run the card suite on the simulated card with a SAM of the type."""
    stand = simulated_stand(standard, sam_type=sam_type)
    _, results = execute(msgspec.structs.replace(stand, product=product), suite("card"))
    return Rehearsal(
        blocked=tuple(result.test for result in results.tests if result.verdict is Verdict.BLOCKED),
        exchanges=sum(result.exchanges for result in results.tests),
    )
