"""The file of a simulated phone: platform, profile, the holder's card and his family's, from command to command.

It holds personal data, so that its owner alone may read it. No secret stands in it.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec

from reference.languages import Text, say
from simulators.clients.app import Card


class Phone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the phone knows."""

    url: str
    profile: str
    holder: Card
    members: tuple[Card, ...] = ()


class UnusablePhone(ValueError):
    """A file that is not there or is no phone; ``text`` says which and what to do next."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def load_phone(file: Path) -> Phone:
    """The phone of a file. Raises UnusablePhone."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Phone)
    except OSError as failure:
        problem = say(
            "{file}: there is no phone: {fault}. Register first: healthcard simulate app register.",
            file=file,
            fault=failure.strerror,
        )
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = say("{file}: this is no phone's file. Name another with --phone-file, or register anew.", file=file)
    raise UnusablePhone(problem)


def save_phone(phone: Phone, file: Path) -> None:
    """Write the file, whole or not at all. Raises UnusablePhone."""
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)  # for its owner alone
        with os.fdopen(handle, "wb") as stream:
            stream.write(msgspec.json.format(msgspec.json.encode(phone)))
        os.replace(name, file)
    except OSError as failure:
        raise UnusablePhone(
            say(
                "{file}: the phone cannot be kept there: {fault}. Name another file.", file=file, fault=failure.strerror
            )
        ) from None
