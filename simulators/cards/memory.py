"""The card's non-volatile memory: file contents, locks and counters, changed as a whole or not at all.

A command computes the memory as it shall be and hands it over once. A power cut before that moment leaves the old
memory, one after it the new; there is nothing in between. With a file behind it the memory outlives the process.
Keys are not written to the file: they come from personalisation each time.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec

from reference.crypto.keys import SecretKey
from reference.languages import say
from simulators.cards.image import CardImage

Lock = Literal["temporary", "permanent"]


class Held(msgspec.Struct, frozen=True):
    """Content of one elementary file; a cyclic file holds its newest record first."""

    records: tuple[bytes, ...] = ()
    binary: bytes = b""


class Changing(msgspec.Struct, frozen=True):
    """All that commands can change."""

    files: dict[str, Held]
    locks: dict[str, Lock] = {}
    """Locked applications by path."""
    card_locked: bool = False
    wrong_macs: dict[str, int] = {}
    """Wrong MACs in a row, by directory."""
    activated: bool = True
    """Whether the card was issued: before that, files that are never rewritten can still be written."""


class CardMemory:
    """A card's memory. ``file`` keeps it over restarts; what stands there wins over the image."""

    def __init__(self, image: CardImage, file: Path | None = None) -> None:
        self.historical = image.historical
        self.keys: dict[str, SecretKey] = dict(image.keys)
        self.file = file
        self.now = Changing({path: Held(tuple(held.records), held.binary) for path, held in image.files.items()})
        if file is not None and file.exists():
            self.now = _read(file)

    @property
    def files(self) -> dict[str, Held]:
        """Contents by path; not to be changed in place."""
        return self.now.files

    def commit(self, after: Changing) -> None:
        """Make ``after`` the memory: written aside and moved into place, then taken over in one step."""
        if self.file is not None:
            draft = self.file.with_name(f"{self.file.name}.draft")
            with draft.open("wb") as stream:
                stream.write(msgspec.json.encode(after))
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(self.file)
        self.now = after

    def write(self, path: str, held: Held) -> None:
        """Change one file's content."""
        self.commit(msgspec.structs.replace(self.now, files=self.now.files | {path: held}))


class UnusableMemory(ValueError):
    """The memory file is none: names it and says what to do."""


def _read(file: Path) -> Changing:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Changing)
    except (OSError, msgspec.DecodeError) as fault:
        text = say("{file} is no card memory: {fault}. Remove it to start from a fresh card.", file=file, fault=fault)
        raise UnusableMemory(str(text)) from fault
