"""Card images in files: JSON that is read into contents and written again alike, or refused."""

from __future__ import annotations

from collections.abc import Iterator

from reference.card.image_file import BrokenImage, load_image, save_image
from reference.standard import load
from simulators.cards.demo import demo_image
from simulators.cards.image import without_keys
from tests.fuzzing.scratch import folder, written

REFUSALS = (BrokenImage,)
TOKENS = (b'"records"', b'"binary"', b'"profile": "field-2013"', b'"version": 2', b'"DDF1/EF05"', b'"00"', b"\\ud800")
SHARE = 6


def target(data: bytes) -> None:
    """The bytes as the file."""
    image = load_image(written("card.json", data))
    save_image(image, folder() / "again.json")
    assert load_image(folder() / "again.json") == image


def seeds() -> Iterator[bytes]:
    """The demo card without its large files, and one with a file that states nothing."""
    standard = load()
    data = without_keys(demo_image(standard), standard)
    small = {path: held for path, held in data.files.items() if len(held.binary) + sum(map(len, held.records)) < 600}
    for path in small:
        del data.files[path]
    data.files.clear()
    for path, held in small.items():
        data.files[path] = held
        save_image(data, folder() / "seed.json")
        yield (folder() / "seed.json").read_bytes()
        del data.files[path]
