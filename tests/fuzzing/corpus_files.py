"""The committed corpus: a folder a target, ``seed-*`` made from honest inputs, ``found-*`` once broke something.

`python -m tests.fuzzing.corpus_files [TARGET …]` makes the seeds anew, after a format has changed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.fuzzing.targets import named, names

CORPUS = Path(__file__).parent / "corpus"


def corpus_of(name: str) -> list[bytes]:
    """The committed inputs of a target, in the order of their names; the empty input is always one.

    A target named in full by its module has no corpus: it begins with an x.
    """
    if "." in name:
        return [b"", b"x"]
    return [b"", *(path.read_bytes() for path in sorted((CORPUS / name).glob("*.bin")))]


def write(name: str) -> int:
    """Make a target's seeds anew; their number."""
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("seed-*.bin"):
        old.unlink()
    count = 0
    for count, data in enumerate(named(name).seeds(), start=1):
        (folder / f"seed-{count:02}.bin").write_bytes(data)
    return count


def main() -> None:
    """Write the seeds of the targets named, or of all."""
    for name in sys.argv[1:] or names():
        sys.stdout.write(f"{name}: {write(name)} seeds\n")


if __name__ == "__main__":
    main()
