"""The reasons for which the platform refuses a request: the rows of `refusals.toml`."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from reference.languages import Text

TABLE = Path(__file__).with_name("refusals.toml")


class RefusalRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reason. ``retry`` says whether the same request may succeed later without any change."""

    id: str
    en: str
    zh: str
    source: str
    retry: bool = False

    @property
    def text(self) -> Text:
        """The reason in both languages."""
        return Text(self.en, self.zh)


@functools.cache
def refusals() -> Mapping[str, RefusalRow]:
    """All reasons by id. Raises ValueError for a reason that stands twice."""
    rows = msgspec.convert(tomllib.loads(TABLE.read_text(encoding="utf-8"))["refusal"], list[RefusalRow])
    by_id = {row.id: row for row in rows}
    if len(by_id) != len(rows):
        raise ValueError(f"{TABLE.name}: an id stands twice")
    return MappingProxyType(by_id)
