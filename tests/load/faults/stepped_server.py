"""The reference server where somebody steps the clock: ``python -m tests.load.faults.stepped_server FILE serve …``.

The file holds the seconds by which the clock is off, and is read with every look at it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from healthcard.__main__ import main
from reference.operating_system import SystemClock


def step_by(file: Path) -> None:
    """Let the clock be off by what the file says."""
    right = SystemClock.now_ms

    def stepped(clock: SystemClock) -> int:
        return right(clock) + int(file.read_text() or "0") * 1000

    SystemClock.now_ms = stepped  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    step_by(Path(sys.argv.pop(1)))
    main()
