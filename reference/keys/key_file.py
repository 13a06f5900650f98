"""Files of a key set, for software machines: one `[[key]]` a version with its state and keys, in TOML.

    [[key]]
    version = 1
    state = "active"
    security = "…32 hexadecimal digits…"
    protection = "…32 hexadecimal digits…"
    demo = true

A decision: real keys belong in a crypto machine; the file serves tests, pilots and training. Keys that are not marked
as demo are taken from files of their owner alone.
"""

from __future__ import annotations

import functools
import stat
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec

from reference.crypto import SecretKey
from reference.keys.versions import KeySet, KeySetMistake, KeyVersion, State
from reference.languages import Text, say

KeyDigits = Annotated[str, msgspec.Meta(pattern="^[0-9A-Fa-f]{32}$")]
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Annotated[int, msgspec.Meta(ge=1)]
    state: State
    security: KeyDigits | None = None
    protection: KeyDigits | None = None
    demo: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: Annotated[tuple[_Row, ...], msgspec.Meta(min_length=1)]


class UnusableKeyFile(ValueError):
    """A key file that cannot be taken; ``text`` says which, why and what to do. No key stands in it."""

    def __init__(self, file: Path, reason: Text) -> None:
        self.text = say("{file}: {reason}", file=file, reason=reason)
        super().__init__(self.text.en)


@functools.cache
def demo_keys() -> KeySet:
    """The published sample keys, as version 1."""
    return _key_set(resources.files(__package__).joinpath("demo_keys.toml").read_bytes())


def read_key_file(file: Path) -> KeySet:
    """The key set of a file.

    Raises UnusableKeyFile: unreadable, not of the form, keys that others may read, or published keys unmarked.
    """
    try:
        content, mode = file.read_bytes(), file.stat().st_mode
    except OSError as failure:
        raise UnusableKeyFile(
            file, say("it cannot be read: {fault}. Name another file.", fault=failure.strerror)
        ) from None
    try:
        keys = _key_set(content)
    except KeySetMistake as mistake:
        raise UnusableKeyFile(file, mistake.text) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnusableKeyFile(
            file,
            say(
                "this is no key file: {error}. Write one [[key]] a version, as in docs/crypto-machine.md.", error=error
            ),
        ) from None
    _require_marked(file, keys)
    if mode & OTHERS and not all(version.demo for version in keys.versions if version.security):
        raise UnusableKeyFile(file, say("others than its owner may read these keys. Take their rights away: chmod 600"))
    return keys


def _key_set(content: bytes) -> KeySet:
    return KeySet(
        KeyVersion(row.version, row.state, _key(row.security, row), _key(row.protection, row))
        for row in msgspec.toml.decode(content, type=_File).key
    )


def _key(digits: str | None, row: _Row) -> SecretKey | None:
    return None if digits is None else SecretKey(bytes.fromhex(digits), demo=row.demo)


def _require_marked(file: Path, keys: KeySet) -> None:
    """Refuse the published keys where they pass for real ones."""
    published = demo_keys().current()
    for version in keys.versions:
        known = {published.security, published.protection} & {version.security, version.protection}
        if known - {None} and not version.demo:
            raise UnusableKeyFile(
                file,
                say(
                    "key version {number} has a published sample key. Mark it demo = true, or put in your own.",
                    number=version.number,
                ),
            )
