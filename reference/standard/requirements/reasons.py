"""Why a requirement has no test: the reasons of `reasons.toml`, which rows and families name by their ids."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from reference.languages import Text, say
from reference.standard.errors import StandardError, among
from reference.standard.reading import Folder, RawRow


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a requirement has no test of its own."""

    id: str
    en: str
    zh: str


def read_reasons(folder: Folder, names: list[str]) -> dict[str, Text]:
    """The reasons in the named files, by id. Raises StandardError."""
    reasons: dict[str, Text] = {}
    for name in names:
        for raw in folder.rows(name, "reason"):
            try:
                reason = msgspec.convert(raw.columns, Reason)
            except msgspec.ValidationError as error:
                raise StandardError(
                    raw.place, say("the value does not fit: {error}.", error=error), say("Correct that row.")
                ) from None
            reasons[reason.id] = in_both(Text(reason.en, reason.zh), raw, "en, zh")
    return reasons


def chosen_reason(name: str, reasons: Mapping[str, Text], raw: RawRow) -> Text | None:
    """The reason that a row names; None where it names none. Raises StandardError for an unknown one."""
    if name and name not in reasons:
        raise StandardError(
            f"{raw.place}, not_testable", say("there is no reason {name}.", name=name), among(set(reasons))
        )
    return reasons.get(name)


def in_both(text: Text, raw: RawRow, column: str) -> Text:
    """The text, if it says something in both languages. Raises StandardError."""
    if not text.en.strip() or not text.zh.strip():
        raise StandardError(
            f"{raw.place}, {column}",
            say("the text is empty in one of the languages."),
            say("Write it in English and in Chinese."),
        )
    return text
