"""Selection of the kind of code (二维码的选择, P-ECARD-06): which kinds a scene admits, and which it gets by itself.

The rules stand in `standard/ecard/scenes.toml`: static codes identify, payment and query of records take a dynamic
code (Shenzhen; Qinghai QWB 002 lets system and institution judge whether the kind suits the scene).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import CodeKind
from reference.languages import Text, say
from reference.standard import StandardError, load
from reference.standard.cells import Reading
from reference.standard.ecard import load_ecard
from reference.standard.errors import among
from reference.standard.loader import SHIPPED
from reference.standard.reading import Folder
from reference.standard.rows import Row

SCENES = "ecard/scenes.toml"


class Scene(Row, frozen=True, kw_only=True):
    """A scene or diagnosis step: the kinds of code that it admits, and the one that it gets by itself."""

    id: str
    kinds: tuple[CodeKind, ...]
    preferred: CodeKind
    title: Text


def scenes(root: Path = SHIPPED) -> Mapping[str, Scene]:
    """The shipped scenes by id, or those of another directory of tables. Raises StandardError for a wrong table."""
    return _read(root)


def admitted(scene: str) -> tuple[CodeKind, ...]:
    """The kinds that a scene or step admits. Raises Refusal ``code.unknown-scene``."""
    return _scene(scene).kinds


def chosen(scene: str, kind: CodeKind | None) -> CodeKind:
    """The kind that an application gets: the one it asks for, where the scene admits it, else the scene's own.

    Raises Refusal ``code.unknown-scene`` and ``code.kind-unsuited``.
    """
    row = _scene(scene)
    if kind is None:
        return row.preferred
    if kind not in row.kinds:
        raise Refusal("code.kind-unsuited", "kind")
    return kind


def _scene(id: str) -> Scene:
    row = scenes().get(id)
    if row is None:
        raise Refusal("code.unknown-scene", "step")
    return row


@functools.cache
def _read(root: Path) -> Mapping[str, Scene]:
    folder = Folder(root)
    folder.only_kinds(SCENES, ("scene",))
    reading = Reading(load().documents, {}, {})
    rows = [row for raw in folder.rows(SCENES, "scene") if (row := reading.row(Scene, raw)) is not None]
    by_id = {row.id: row for row in rows}
    for row in rows:
        if by_id[row.id] is not row:
            raise StandardError(
                SCENES, say("there are two rows called {name}.", name=row.id), say("Rename or remove one of them.")
            )
        if row.preferred not in row.kinds:
            raise StandardError(
                f"{SCENES}, {row.id}, preferred",
                say("it names {name}, which no table has.", name=row.preferred),
                among(row.kinds),
            )
    missing = sorted(set(load_ecard(root).codes["diagnosis-step"]) - set(by_id))
    if missing:
        raise StandardError(
            SCENES,
            say("the diagnosis step {step} has no row.", step=missing[0]),
            say("Say which kinds of code the step admits."),
        )
    return MappingProxyType(by_id)
