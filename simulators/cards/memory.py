"""The card's non-volatile memory: file contents, locks and counters, changed as a whole or not at all.

A command changes the memory as it goes on, and its end commits all its changes in one step. A power cut before that
step leaves the old memory, one after it the new; there is nothing in between. With a file behind it the memory
outlives the process. Keys are not written to the file: they come from personalisation each time.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec

from reference.crypto.keys import SecretKey
from reference.languages import Text, say
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

    def __init__(self, image: CardImage, file: Path | None = None, *, activated: bool = True) -> None:
        """A fresh memory is that of an issued card unless ``activated`` says otherwise.

        Raises UnusableMemory when the file holds no memory of such a card.
        """
        self.historical = image.historical
        self.keys: dict[str, SecretKey] = dict(image.keys)
        self.file = file
        contents = {path: Held(tuple(held.records), held.binary) for path, held in image.files.items()}
        self.now = Changing(contents, activated=activated)
        """The memory with all changes of the command that is running."""
        if file is not None and file.exists():
            self.now = _read(file, self.now)
        self._committed = self.now

    @property
    def files(self) -> dict[str, Held]:
        """Contents by path; not to be changed in place."""
        return self.now.files

    def change(self, after: Changing) -> None:
        """Make ``after`` the memory for the rest of the command; it lasts from the next `commit` on."""
        self.now = after

    def write(self, path: str, held: Held) -> None:
        """Change one file's content."""
        self.change(msgspec.structs.replace(self.now, files=self.now.files | {path: held}))

    def commit(self) -> None:
        """Keep all changes in one step. Raises OSError when they cannot be kept; then the memory is the old one."""
        if self.now is self._committed:
            return
        try:
            if self.file is not None:
                self.save(self.file)
        except OSError:
            self.now = self._committed
            raise
        self._committed = self.now

    def save(self, file: Path) -> None:
        """Write the memory aside and move it into place: whoever reads the file finds the old memory or the new.

        Raises OSError.
        """
        draft = file.with_name(f"{file.name}.draft")
        with draft.open("wb") as stream:
            stream.write(msgspec.json.encode(self.now))
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)


class UnusableMemory(ValueError):
    """The file cannot serve as a card's memory: ``text`` names it and says what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def _read(file: Path, fresh: Changing) -> Changing:
    """The memory in the file, which must be of a card made like the fresh one. Raises UnusableMemory."""
    try:
        held = msgspec.json.decode(file.read_bytes(), type=Changing)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise UnusableMemory(
            say("{file} is no card memory: {fault}. Remove it to start from a fresh card.", file=file, fault=fault)
        ) from fault
    if _form(held) != _form(fresh):
        raise UnusableMemory(
            say(
                "{file} is the memory of another card: its files are not those of this one. "
                "Name another file, or remove it to start from a fresh card.",
                file=file,
            )
        )
    return held


def _form(memory: Changing) -> dict[str, tuple[int, ...]]:
    """What no command changes: the files, the lengths of their records, the size of a binary content."""
    return {path: (*map(len, held.records), len(held.binary)) for path, held in memory.files.items()}
