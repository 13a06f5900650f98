"""What a personalised card holds: file contents, keys and its reset answer; no rules and no state of a session."""

from __future__ import annotations

import msgspec

from reference.card.images import CardData, Content
from reference.crypto.keys import SecretKey, SigningKey
from reference.standard import Standard

__all__ = ["CardImage", "Content", "SamImage", "without_keys"]


class CardImage(msgspec.Struct):
    """A card as it leaves personalisation."""

    historical: bytes
    files: dict[str, Content]
    keys: dict[str, SecretKey]


class SamImage(msgspec.Struct):
    """A SAM as it leaves personalisation. Keys stand at the level that the SAM diversifies from."""

    historical: bytes
    type: int
    pin: bytes
    files: dict[str, bytes]
    keys: dict[str, SecretKey]
    signing_key: SigningKey
    """The SAM's own key, whose public half stands in its certificate."""


def without_keys(image: CardImage, standard: Standard) -> CardData:
    """What the card may give out, to be saved or shown; a copy that the card's later life leaves as it is."""
    files = {path: Content(list(content.records), content.binary) for path, content in image.files.items()}
    return CardData(profile=standard.profile.id, historical=image.historical, files=files)
