"""Mutants of the columns of rights: for each file a key that was swapped or left out.

Follows APP11 tables 4-1 to 4-16 and REV2 items 23 to 25.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reference.card.apdu import CommandApdu
from reference.card.violations import (
    ReadRefused,
    ReadWithoutRight,
    UnprotectedUpdateAccepted,
    UpdateRefused,
    UpdateWithoutRight,
)
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import File, FileKind, Key, KeyRole, Protection
from simulators.cards.mutants.files import with_file
from simulators.cards.mutants.registry import Variant, behaving, family, from_tables
from simulators.cards.user_card import UserCard


def key_beside(standard: Standard, file: File, key: str | None) -> Key:
    """Another key of the file's directory that can be authenticated."""
    roles = (KeyRole.READ, KeyRole.UPDATE)
    return next(
        row for row in standard.keys.values() if row.directory == file.directory and row.role in roles and row.id != key
    )


@family(ReadRefused)
def read_key_swapped(standard: Standard) -> Iterator[Variant]:
    """The file opens with another key than its read key."""
    for file in standard.files.values():
        if file.read is not None:
            other = key_beside(standard, file, file.read).id
            yield Variant(
                row=file.path,
                breaks=f"{file.place}.read-needs-{file.read.lower()}",
                subject=file.path,
                why=say("{path} opens with {key}: two cells of the table were swapped.", path=file.path, key=other),
                make=from_tables(with_file(file, read=other)),
            )


@family(ReadWithoutRight)
def read_key_left_out(standard: Standard) -> Iterator[Variant]:
    """The file is read by anybody."""
    for file in standard.files.values():
        if file.read is not None:
            yield Variant(
                row=file.path,
                breaks=f"{file.place}.read-needs-{file.read.lower()}",
                subject=file.path,
                why=say("{path} ({title}) is read by anybody who holds a reader.", path=file.path, title=file.title),
                make=from_tables(with_file(file, read=None)),
            )


@family(ReadRefused)
def free_file_under_a_key(standard: Standard) -> Iterator[Variant]:
    """The file that everybody must read first needs a key."""
    for file in standard.files.values():
        if file.read is None:
            key = next(
                row for row in standard.keys.values() if row.directory == file.directory and row.role is KeyRole.READ
            )
            yield Variant(
                row=file.path,
                breaks=f"{file.place}.read-free",
                subject=file.path,
                why=say(
                    "{path} needs {key}: no terminal learns what its keys are derived from.", path=file.path, key=key.id
                ),
                make=from_tables(with_file(file, read=key.id)),
            )


@family(UpdateRefused)
def update_key_swapped(standard: Standard) -> Iterator[Variant]:
    """The file takes updates after another key than its update key."""
    for file in standard.files.values():
        if file.update is not None:
            other = key_beside(standard, file, file.update).id
            yield Variant(
                row=file.path,
                breaks=f"{file.place}.update-needs-{file.update.lower()}",
                subject=file.path,
                why=say("{path} is updated with {key}: those who may cannot.", path=file.path, key=other),
                make=from_tables(with_file(file, update=other)),
            )


@family(UpdateWithoutRight)
def update_key_left_out(standard: Standard) -> Iterator[Variant]:
    """The file takes updates from anybody."""
    for file in standard.files.values():
        if file.update is not None:
            yield Variant(
                row=file.path,
                breaks=f"{file.place}.update-needs-{file.update.lower()}",
                subject=file.path,
                why=say("{path} ({title}) is changed without a key.", path=file.path, title=file.title),
                make=behaving(_open_to_updates(file.path)),
            )


def _open_to_updates(*paths: str) -> type[UserCard]:
    class OpenToUpdates(UserCard):
        """No update right is asked for."""

        def may_update(self, file: File) -> bool:
            return file.path in paths or super().may_update(file)

    return OpenToUpdates


@family(UpdateRefused)
def erase_key_swapped(standard: Standard) -> Iterator[Variant]:
    """Flags are erased with the update key alone."""
    for file in standard.files.values():
        if file.erase is not None:
            yield Variant(
                row=file.path,
                breaks=f"{file.place}.erase-needs-{file.erase.lower()}",
                subject=file.path,
                why=say(
                    "Flags of {path} are erased with {key}: the insurer cannot settle.", path=file.path, key=file.update
                ),
                make=from_tables(with_file(file, erase=file.update)),
            )


@family(UpdateWithoutRight)
def erase_key_left_out(standard: Standard) -> Iterator[Variant]:
    """Flags are erased by anybody who can make a MAC."""
    for file in standard.files.values():
        if file.erase is not None:
            yield Variant(
                row=file.path,
                breaks=f"{file.place}.erase-needs-{file.erase.lower()}",
                subject=file.path,
                why=say("Flags of {path} are erased without a right: a claim disappears.", path=file.path),
                make=behaving(_open_to_erasure(file.path)),
            )


def _open_to_erasure(path: str) -> type[UserCard]:
    class OpenToErasure(UserCard):
        """No erase right is asked for."""

        def may_erase(self, file: File) -> bool:
            return file.path == path or super().may_erase(file)

    return OpenToErasure


@family(UpdateWithoutRight)
def file_rewritable(standard: Standard) -> Iterator[Variant]:
    """What is never rewritten after issue is rewritten with the directory's update key, as in the first edition."""
    for file in standard.files.values():
        if file.update is None:
            key = next(
                row for row in standard.keys.values() if row.directory == file.directory and row.role is KeyRole.UPDATE
            )
            for requirement in (f"{file.place}.no-rewrite", *_SAME_OF_BOTH_FILES.get(file.path, ())):
                yield Variant(
                    row=f"{file.path} {requirement}",
                    breaks=requirement,
                    subject=file.path,
                    why=say("{path} is rewritten with {key}, as in the first edition.", path=file.path, key=key.id),
                    make=from_tables(with_file(file, update=key.id, protection=Protection.CIPHER_AND_MAC)),
                )


_SAME_OF_BOTH_FILES = {
    "DDF1/EF05": ("card.access.ef05-ef06-no-write",),
    "DDF1/EF06": ("card.ddf1.ef06.no-write-terminal",),
}


@family(UnprotectedUpdateAccepted)
def protection_left_out(standard: Standard) -> Iterator[Variant]:
    """A file that demands cipher text and MAC, or a MAC, is updated in plain."""
    for file in standard.files.values():
        if file.protection in (Protection.CIPHER_AND_MAC, Protection.MAC) and file.kind is not FileKind.BINARY:
            yield Variant(
                row=file.path,
                breaks=f"{file.place}.update-sm",
                subject=file.path,
                why=say("{path} is updated in plain: whoever stands between reads and changes it.", path=file.path),
                make=from_tables(with_file(file, protection=Protection.PLAIN)),
            )


@family(UnprotectedUpdateAccepted)
def plain_beside_secured(standard: Standard) -> Iterator[Variant]:
    """Plain updates are taken beside secured ones."""
    for file in standard.files.values():
        if file.protection in (Protection.CIPHER_AND_MAC, Protection.MAC) and file.kind is not FileKind.BINARY:
            yield Variant(
                row=file.path,
                breaks=f"{file.place}.update-sm",
                subject=file.path,
                why=say("{path} takes plain updates as well: an attacker leaves the protection off.", path=file.path),
                make=behaving(_taking_plain_in(file.path)),
            )


def _taking_plain_in(path: str) -> type[UserCard]:
    return taking_plain(lambda file: file.path == path)


def taking_plain(where: Callable[[File], bool]) -> type[UserCard]:
    """A card that takes plain updates of the files chosen, as they come."""

    class TakingPlain(UserCard):
        """Plain data pass as they are."""

        def unwrap(self, apdu: CommandApdu, file: File) -> bytes:
            return apdu.data if apdu.cla == 0 and where(file) else super().unwrap(apdu, file)

    return TakingPlain
