"""The lives of applications, institutions and terminals: their states, and which event leads where.

Source: platform P-ECARD-11 (applications), P-ECARD-12 (institutions), P-LIFE-03 (terminals); the states of
institutions are a decision after Sichuan's ``valid`` flag. Rows of `lives.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from reference.ecard.refusals import Refusal

TABLE = Path(__file__).with_name("lives.toml")


class Life(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of life. ``events``: event, then state before, to state after."""

    id: str
    source: str
    first: str
    working: tuple[str, ...]
    """The states in which requests are admitted."""
    events: Mapping[str, Mapping[str, str]]


LIVES: Final = {row.id: row for row in msgspec.convert(tomllib.loads(TABLE.read_text("utf-8"))["life"], list[Life])}
APP: Final = LIVES["app"]
INSTITUTION: Final = LIVES["institution"]
TERMINAL: Final = LIVES["terminal"]
OPERATOR: Final = LIVES["operator"]


def next_state(life: Life, state: str, event: str) -> str:
    """The state that the event leads to. Raises Refusal ``registry.wrong-state`` where it leads nowhere."""
    after = life.events.get(event, {}).get(state)
    if after is None:
        raise Refusal("registry.wrong-state", event)
    return after
