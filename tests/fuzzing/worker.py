"""One campaign in a process of its own, under its memory limit.

`python -m tests.fuzzing.worker TARGET INPUTS SEED MIRROR` is how the runner calls it.
MIRROR is a file of fixed size in which the parent can see, even after this process has died, how many inputs were
begun and which was the last. The figures go to standard output as JSON.
"""

from __future__ import annotations

import logging
import mmap
import struct
import sys
from pathlib import Path

import msgspec

from tests.fuzzing.campaign import limit_memory, run
from tests.fuzzing.corpus_files import corpus_of
from tests.fuzzing.targets import named

HEAD = struct.Struct("<QI")
MIRROR_SIZE = 4 * 1024 * 1024


class Mirror:
    """The number of inputs begun and the last of them, in a file that two processes share."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as stream:
            self._shared = mmap.mmap(stream.fileno(), MIRROR_SIZE)
        self.begun = 0

    def show(self, data: bytes) -> None:
        """An input is about to be run."""
        self.begun += 1
        kept = data[: MIRROR_SIZE - HEAD.size]
        self._shared[HEAD.size : HEAD.size + len(kept)] = kept
        self._shared[: HEAD.size] = HEAD.pack(self.begun, len(kept))

    def seen(self) -> tuple[int, bytes]:
        """How many inputs were begun, and the last."""
        begun, length = HEAD.unpack(self._shared[: HEAD.size])
        return begun, self._shared[HEAD.size : HEAD.size + length]


def main() -> None:
    """Run the campaign that the arguments name."""
    name, inputs, seed, mirror = sys.argv[1:]
    logging.disable()
    corpus, target = corpus_of(name), named(name)
    limit_memory()
    figures = run(name, target, corpus, int(inputs), int(seed), Mirror(Path(mirror)).show)
    sys.stdout.buffer.write(msgspec.json.encode(figures))


if __name__ == "__main__":
    main()
