"""Every text a user sees, in English and Chinese: English in the code, Chinese in gettext catalogues beside it.

A message is looked up by its English form, as gettext does; the catalogues are `zh/*.po`, one for each room.
"""

from __future__ import annotations

import functools
from importlib import resources

import msgspec
from babel.messages.pofile import read_po


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in both languages."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en

    def inside(self, lang: str) -> str:
        """The text in the named language, ``zh`` or ``en``."""
        return self.zh if lang == "zh" else self.en


@functools.cache
def chinese() -> dict[str, str]:
    """All translations: English message to Chinese message."""
    translations: dict[str, str] = {}
    for entry in resources.files(__package__).joinpath("zh").iterdir():
        if entry.name.endswith(".po"):
            with entry.open("rb") as stream:
                for message in read_po(stream, locale="zh"):
                    if isinstance(message.id, str) and isinstance(message.string, str) and message.string:
                        translations[message.id] = message.string
    return translations


def say(message: str, /, **values: object) -> Text:
    """The message in both languages with the values filled in; a value may itself be a Text.

    A message without translation stays English on both sides (a test keeps the catalogues complete).
    """
    in_english = {name: value.en if isinstance(value, Text) else value for name, value in values.items()}
    in_chinese = {name: value.zh if isinstance(value, Text) else value for name, value in values.items()}
    return Text(message.format(**in_english), chinese().get(message, message).format(**in_chinese))
