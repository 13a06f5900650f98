"""Write the card suite's test ids in their order: `python -m tests.conformance.suites > …/card_tests.txt`."""

from __future__ import annotations

import sys

from conformance.engine.run import make_plan, suite
from tests.runs import demo_stand


def main() -> None:
    """One id a line, on standard output."""
    for test in make_plan(demo_stand(), suite("card")).tests:
        sys.stdout.write(f"{test.id}\n")


if __name__ == "__main__":
    main()
