"""Access rights of the user card's files.

Follows APP11 tables 4-1 to 4-16, 5.3 and REV2 items 23 to 25.
"""

from __future__ import annotations

from collections.abc import Set

from reference.standard import Standard
from reference.standard.rows import File, Key, KeyRole

AUTHENTICATING_ROLES = frozenset(
    {KeyRole.READ, KeyRole.UPDATE, KeyRole.ERASE, KeyRole.CARD_BLOCK, KeyRole.APPLICATION_LOCK}
)


def may_read(file: File, authenticated: Set[str]) -> bool:
    """Whether the file gives out its content with the keys authenticated so far.

    A file without a read key is free. Source: APP11 tables 4-1 to 4-16.
    """
    return file.read is None or file.read in authenticated


def may_update(file: File, authenticated: Set[str]) -> bool:
    """Whether the file takes new content with the keys authenticated so far.

    A file without an update key is never rewritten after issue. Source: APP11 tables 4-1 to 4-16, REV2 item 23.
    """
    return file.update is not None and file.update in authenticated


def authentication_key(standard: Standard, directory: str, reference: int) -> Key | None:
    """The key that P2 names in EXTERNAL AUTHENTICATE while ``directory`` is selected."""
    return next(
        (
            key
            for key in standard.keys.values()
            if key.directory == directory and key.reference == reference and key.role in AUTHENTICATING_ROLES
        ),
        None,
    )


def key_of_role(standard: Standard, directory: str, role: KeyRole) -> Key | None:
    """The directory's only key of a role: its maintenance key, its internal authentication key."""
    return next((k for k in standard.keys.values() if k.directory == directory and k.role is role), None)
