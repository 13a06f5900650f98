"""Mutants of the key table: for each key another value, and another reference where it has one.

Follows REV2 table 10-2. What shows it is what the key is for.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from reference.card.violations import AuthenticationRefused, ForgedCard, LockRefused, UpdateRefused, Violation
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import Key, KeyRole, Protection
from simulators.cards.image import CardImage
from simulators.cards.mutants.registry import Change, Variant, family, from_image, from_tables
from simulators.cards.personalisation import demo_key

FREE_REFERENCE = 0x7D
"""A P2 that no key has."""
SHOWN_AS: dict[KeyRole, type[Violation]] = {
    KeyRole.INTERNAL: ForgedCard,
    KeyRole.MAINTENANCE: UpdateRefused,
}


def shown_on(standard: Standard, key: Key) -> tuple[type[Violation], str]:
    """The violation that a key of no use leads to, and its subject."""
    if key.role is not KeyRole.MAINTENANCE:
        return SHOWN_AS.get(key.role, AuthenticationRefused), key.id
    secured = (Protection.CIPHER_AND_MAC, Protection.MAC)
    protected = (
        file for file in standard.files.values() if file.directory == key.directory and file.protection in secured
    )
    first = next(protected, None)
    return (LockRefused, "MF") if first is None else (UpdateRefused, first.path)


@family(AuthenticationRefused)
def another_key_value(standard: Standard) -> Iterator[Variant]:
    """The key has another value: that of a neighbouring card, or of another key."""
    for key in standard.keys.values():

        def change(image: CardImage, key: str = key.id) -> None:
            image.keys[key] = demo_key(f"{key} of another card")

        violation, subject = shown_on(standard, key)
        yield Variant(
            row=key.id,
            breaks=f"card.key.{key.id.lower()}.files",
            subject=subject,
            why=say("{key} has the value of another card: nobody can use it here.", key=key.id),
            make=from_image(change),
            caught_as=violation,
        )


@family(AuthenticationRefused)
def another_key_reference(standard: Standard) -> Iterator[Variant]:
    """The key stands under another reference."""
    for key in standard.keys.values():
        if key.reference is not None:
            violation, subject = shown_on(standard, key)
            yield Variant(
                row=key.id,
                breaks=f"card.key.{key.id.lower()}.files",
                subject=subject,
                why=say("{key} answers to P2 = 7D: terminals address it with {p2:02X}.", key=key.id, p2=key.reference),
                make=from_tables(_under_free_reference(key)),
                caught_as=violation,
            )


def _under_free_reference(key: Key) -> Change:
    moved = msgspec.structs.replace(key, reference=FREE_REFERENCE)
    return lambda standard: standard.replacing(keys={moved.id: moved})
