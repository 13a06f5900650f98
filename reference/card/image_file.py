"""A card's content on disk: one JSON document that says what it is, in hexadecimal, without keys.

The form is ours: format and version first, then the profile, the historical bytes and each file by its path
(APP11 figure 4-1), as a list of records or as one string of a binary file. Unknown fields are refused, so that a key
can never ride along.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from reference.card.images import CardData, Content, content_fault
from reference.languages import Text, say
from reference.standard import Standard, load, profiles
from reference.standard.errors import among
from reference.standard.rows import Hex

FORMAT: Literal["healthcard-card-image"] = "healthcard-card-image"
VERSION: Literal[1] = 1


class BrokenImage(Exception):
    """A card image that cannot be used: ``text`` names the file, what is wrong and what to do, in both languages."""

    def __init__(self, path: Path, problem: Text, remedy: Text) -> None:
        self.path, self.problem, self.remedy = path, problem, remedy
        self.text = say("{where}: {problem} {remedy}", where=path, problem=problem, remedy=remedy)
        super().__init__(self.text.en)


class Heading(msgspec.Struct):
    """What every version begins with."""

    format: str
    version: int


class StoredFile(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One file: its records, or its bytes."""

    records: list[Hex] | None = None
    binary: Hex | None = None


class StoredImage(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The document, version 1."""

    format: Literal["healthcard-card-image"] = FORMAT
    version: Literal[1] = VERSION
    profile: str
    historical: Hex
    files: dict[str, StoredFile]


def save_image(data: CardData, path: Path) -> None:
    """Write the content to a file, which is replaced. Raises OSError when it cannot be written."""
    files = {
        name: StoredFile(binary=_hex(content.binary))
        if content.binary
        else StoredFile(records=[_hex(record) for record in content.records])
        for name, content in data.files.items()
    }
    image = StoredImage(profile=data.profile, historical=_hex(data.historical), files=files)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(image), indent=1) + b"\n")


def _hex(raw: bytes) -> str:
    return raw.hex().upper()


def load_image(path: Path, standard: Standard | None = None) -> CardData:
    """The content in a file, checked against the standard: by default under the profile that the file names.

    Raises BrokenImage when the file cannot be read, is no card image of this version, or holds a content that its
    files cannot have.
    """
    image = _stored(path)
    standard = standard or _named_standard(path, image.profile)
    expected = standard.limit("historical-bytes")
    if len(image.historical) != 2 * expected:
        raise BrokenImage(
            path,
            say(
                "the reset answer has {count} historical bytes instead of {length}.",
                count=len(image.historical) // 2,
                length=expected,
            ),
            say("Save the card's image again."),
        )
    files = {name: _content(path, standard, name, stored) for name, stored in image.files.items()}
    in_order = {name: files[name] for name in standard.files if name in files}
    return CardData(profile=image.profile, historical=bytes.fromhex(image.historical), files=in_order)


def _stored(path: Path) -> StoredImage:
    try:
        document = path.read_bytes()
    except OSError as error:
        raise BrokenImage(
            path, say("the file cannot be read: {reason}.", reason=error.strerror), say("Check path and rights.")
        ) from error
    again = say("Name a file that was saved as a card image.")
    try:
        heading = msgspec.json.decode(document, type=Heading)
    except msgspec.ValidationError as error:
        raise BrokenImage(path, say("this is not a card image: {error}.", error=error), again) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BrokenImage(path, say("this is not JSON: {error}.", error=error), again) from error
    if heading.format != FORMAT:
        raise BrokenImage(
            path, say("its format is {format}, not {wanted}.", format=heading.format, wanted=FORMAT), again
        )
    if heading.version != VERSION:
        raise BrokenImage(
            path,
            say(
                "its version is {version}; this program reads version {wanted}.",
                version=heading.version,
                wanted=VERSION,
            ),
            say("Use the program that wrote it, or save the card's image again."),
        )
    try:
        return msgspec.json.decode(document, type=StoredImage)
    except (msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise BrokenImage(
            path, say("the value does not fit: {error}.", error=error), say("Save the card's image again.")
        ) from error


def _named_standard(path: Path, profile: str) -> Standard:
    if profile not in profiles():
        raise BrokenImage(
            path,
            say("it names the profile {profile}, which is not known.", profile=profile),
            say("Name another with --profile."),
        )
    return load(profile)


def _content(path: Path, standard: Standard, name: str, stored: StoredFile) -> Content:
    file = standard.files.get(name)
    if file is None:
        raise BrokenImage(
            path,
            say("the profile {profile} has no file {file}.", profile=standard.profile.id, file=name),
            among(standard.files),
        )
    if (stored.records is None) is (stored.binary is None):
        problem = say("it needs either records or binary.")
        raise BrokenImage(path, say("{file}: {reason}", file=name, reason=problem), say("Correct that file."))
    content = Content(
        records=[bytes.fromhex(record) for record in stored.records or []],
        binary=bytes.fromhex(stored.binary or ""),
    )
    fault = content_fault(standard, file, content)
    if fault is not None:
        raise BrokenImage(
            path,
            say("{file}: {reason}.", file=name, reason=fault),
            say("Save the card's image again, or name the profile of the card with --profile."),
        )
    return content
