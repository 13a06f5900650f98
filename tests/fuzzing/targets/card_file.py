"""The content of one file as elements: tags, lengths, records (APP11 4.3), both ways."""

from __future__ import annotations

from collections.abc import Iterator

from reference.card.elements import UnfitValue
from reference.card.images import Content, UnfitContent, file_content, file_values, readings
from reference.standard import load
from reference.standard.rows import FileKind
from simulators.cards.demo import demo_image

REFUSALS = (UnfitContent, UnfitValue)
TOKENS = (b"\xff\xff\xff\xff", b"\x20\x12\x12\x31", b"\xd6\xd0\xb9\xfa", b"\x00" * 16)
SHARE = 8
STANDARD = load()
FILES = tuple(STANDARD.files.values())
LENGTH = 2


def target(data: bytes) -> None:
    """The first byte chooses the file; the rest is its bytes, records behind two length bytes each."""
    file = FILES[data[0] % len(FILES) if data else 0]
    binary = file.kind is FileKind.BINARY
    content = Content(binary=data[1:]) if binary else Content(records=list(_records(data[1:])))
    found = readings(STANDARD, file, content)
    assert all(reading.fault or reading.raw is not None for one in found for reading in one)
    values = file_values(STANDARD, file, content)
    assert file_values(STANDARD, file, file_content(STANDARD, file, values)) == values


def _records(data: bytes) -> Iterator[bytes]:
    while data:
        length = int.from_bytes(data[:LENGTH], "big")
        yield data[LENGTH : LENGTH + length]
        data = data[LENGTH + length :]


def seeds() -> Iterator[bytes]:
    """Every file of the demo card."""
    image = demo_image(STANDARD)
    for number, file in enumerate(FILES):
        held = image.files[file.path]
        records = b"".join(len(record).to_bytes(LENGTH, "big") + record for record in held.records)
        yield bytes((number,)) + (held.binary or records)
