"""Proves that the installed wheel needs nothing but itself; a program, run by tox in an environment without extras.

It works in an empty folder: it lists the requirements (tables), says them in Chinese (catalogues), certifies the
simulated card in process (suites, the demo photo) and writes the report (templates, styles).
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

PACKAGES = ("reference", "simulators", "conformance", "load", "reports", "healthcard")
FEWEST_REQUIREMENTS = 200


def healthcard(*arguments: str) -> str:
    """What the installed command writes; its failure ends this program."""
    command = [str(Path(sys.executable).with_name("healthcard")), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    """Go through the commands; an assertion or a failed command ends the program with an error."""
    assert not any(Path().iterdir()), "to be started in an empty folder"
    for name in PACKAGES:
        place = importlib.import_module(name).__file__ or ""
        assert place.startswith(sys.prefix), f"{name} comes from {place}"
    assert healthcard("--version").startswith("healthcard ")
    rows = json.loads(healthcard("requirements", "--json"))
    assert len(rows) > FEWEST_REQUIREMENTS
    assert all(row["text"]["zh"] for row in rows)
    result = healthcard("certify", "card", "--simulated", "--in-process", "--lang", "zh", "--out", "out")
    assert "符合" in result
    written = {path.name for path in Path("out").iterdir()}
    assert written >= {"evidence.zip", "report.html", "report.json", "junit.xml"}


if __name__ == "__main__":
    main()
