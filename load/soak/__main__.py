"""``python -m load.soak``: the command ``healthcard load soak`` by the name of its package, with the same options."""

from __future__ import annotations

import runpy
import sys

if __name__ == "__main__":
    # The front door alone knows reports, which this room may not import.
    sys.argv[1:1] = ["load", "soak"]
    runpy.run_module("healthcard", run_name="__main__")
