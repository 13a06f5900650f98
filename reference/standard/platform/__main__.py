"""Rewrite the page of the platform's functions: `python -m reference.standard.platform docs/platform-coverage.md`."""

from __future__ import annotations

import sys
from pathlib import Path

from reference.standard.platform.page import written


def main() -> None:
    """Write the page to the file that the call names."""
    Path(sys.argv[1]).write_text(written(), encoding="utf-8")


if __name__ == "__main__":
    main()
