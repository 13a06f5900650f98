"""Every phrase of this room has its Chinese in the room's catalogue, and the catalogue holds nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

import reports

ROOM = Path(reports.__file__).parent


def phrases() -> Iterator[str]:
    """The messages that code and templates of the room pass to ``say``."""
    for path in sorted(ROOM.rglob("*.py")):
        with path.open("rb") as stream:
            yield from (str(found[1]) for found in extract("python", stream, keywords={"say": None}))
    for path in sorted(ROOM.rglob("*.j2")):
        with path.open("rb") as stream:
            for _, _, message, _ in babel_extract(stream, ["say"], [], {}):
                yield message if isinstance(message, str) else str((message or ("",))[0])


def test_every_phrase_of_the_room_has_its_chinese() -> None:
    with resources.files("reference.languages").joinpath("zh", "reports.po").open("rb") as stream:
        translated = {message.id for message in read_po(stream, locale="zh") if message.id and message.string}
    assert set(phrases()) - translated == set()
    assert translated - set(phrases()) == set()
