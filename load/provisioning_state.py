"""What provisioning has made on a platform, kept so that it can be taken away again even after a crash.

One JSON line an event, on the disk before and after each request: a person that was asked for and never answered is
known too. Source: decision (a provisioning step for test persons and codes on the target, with clean-up).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec

from reference.languages import Text, say

Step = Literal["asked", "made", "gone"]


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which platform the file is, and from which residents its persons come."""

    url: str
    profile: str
    seed: int


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What happened to one person: asked for, made with this card, or gone again."""

    step: Step
    number: int
    ecard_id: str = ""


class UnusableState(Exception):
    """The file is none of provisioning, or is for another platform; ``text`` says so."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class State:
    """The file, open for more events. Raises UnusableState and OSError."""

    def __init__(self, path: Path, target: Target) -> None:
        self.persons: dict[int, Event] = {}
        held = _whole_lines(path) if path.exists() else []
        if held:
            self._read(path, target, held)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if not held:
            self._write(target)

    def note(self, event: Event) -> None:
        """Add an event, on the disk when this returns."""
        self.persons[event.number] = event
        self._write(event)

    def there(self) -> list[Event]:
        """The last event of each person who is, or may be, on the platform."""
        return [event for event in self.persons.values() if event.step != "gone"]

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _write(self, line: Target | Event) -> None:
        os.write(self._file, msgspec.json.encode(line) + b"\n")
        os.fsync(self._file)

    def _read(self, path: Path, target: Target, lines: list[bytes]) -> None:
        try:
            known = msgspec.json.decode(lines[0], type=Target)
            for line in lines[1:]:
                event = msgspec.json.decode(line, type=Event)
                self.persons[event.number] = event
        except msgspec.DecodeError as error:
            raise UnusableState(say("{file}: {reason}. Name another file.", file=path, reason=error)) from None
        if known != target:
            raise UnusableState(
                say(
                    "{file} belongs to {url} in the profile {profile}: name another file.",
                    file=path,
                    url=known.url,
                    profile=known.profile,
                )
            )


def _whole_lines(path: Path) -> list[bytes]:
    """The lines of the file; one that a crash cut short is taken off, for its request was never sent."""
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        os.truncate(path, len(whole))
    return whole.splitlines()
