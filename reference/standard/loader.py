"""Reading the tables under a profile: files to rows, switches resolved, everything checked.

A regulator who holds the full text corrects a table in a copy of the tables' directory and loads that.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from reference.languages import say
from reference.standard.cells import Reading
from reference.standard.checks import check
from reference.standard.errors import StandardError, among
from reference.standard.expanding import expanded
from reference.standard.personal import OpenCommand, OpenElement, SecretCommand
from reference.standard.reading import Folder, RawRow, parsed_toml
from reference.standard.rows import (
    CertificateField,
    Code,
    Command,
    Directory,
    Document,
    Element,
    Environment,
    File,
    Interface,
    Key,
    Limit,
    Profile,
    Row,
    SamFile,
    SamKey,
    SamType,
    StatusWord,
    Switch,
)
from reference.standard.tables import Standard

SHIPPED = Path(__file__).parent
"""The directory of the shipped tables."""

DEFAULT_PROFILE = "national-2012"
PERSONAL = "card/personal.toml"

KINDS: dict[str, dict[str, type[msgspec.Struct]]] = {
    "documents.toml": {"document": Document},
    "switches.toml": {"switch": Switch},
    "card/files.toml": {"directory": Directory, "file": File},
    "card/elements.csv": {"element": Element},
    "card/keys.toml": {"key": Key},
    "card/commands.toml": {"command": Command},
    "card/status_words.toml": {"status_word": StatusWord},
    "card/codes.csv": {"code": Code},
    "card/interfaces.toml": {"interface": Interface},
    "card/environments.toml": {"environment": Environment},
    "card/limits.toml": {"limit": Limit},
    PERSONAL: {
        "open_element": OpenElement,
        "open_command": OpenCommand,
        "secret_command": SecretCommand,
    },
    "sam/commands.toml": {"command": Command},
    "sam/keys.toml": {"key": SamKey},
    "sam/types.toml": {"type": SamType},
    "sam/files.toml": {"file": SamFile},
    "sam/certificates.toml": {"field": CertificateField},
}
"""Every table file, with the kinds of rows that it holds."""

N = TypeVar("N", bound=Document | Switch)
R = TypeVar("R", bound=Row)


def load(profile: str | Path = DEFAULT_PROFILE, tables: Path | None = None) -> Standard:
    """The standard under a profile.

    ``profile`` is the id of a profile in the tables' directory, or the path of a profile's TOML file.
    ``tables`` is another directory with the layout of the shipped one.
    Raises StandardError, naming file, row and column. The same question gets the same object again.
    """
    return loaded(profile, tables or SHIPPED)


@functools.cache
def loaded(profile: str | Path, tables: Path) -> Standard:
    """The standard read from the files; kept for the next time."""
    folder = Folder(tables)
    for name, kinds in KINDS.items():
        if name.endswith(".toml"):
            folder.only_kinds(name, tuple(kinds))
    documents = _named_rows(folder, "documents.toml", "document", Document)
    switches = _named_rows(folder, "switches.toml", "switch", Switch)
    chosen = _profile(folder, profile, switches)
    reading = Reading(documents, switches, chosen.switches)
    files = _table(reading, folder, "card/files.toml", "file", File, "path")
    standard = Standard(
        profile=chosen,
        digest=_digest(folder),
        root=folder.root,
        documents=documents,
        switches=switches,
        directories=_table(reading, folder, "card/files.toml", "directory", Directory, "path"),
        files=files,
        elements_by_file=_elements(reading, folder, files),
        keys=_table(reading, folder, "card/keys.toml", "key", Key, "id"),
        commands=_by_name(
            [
                row
                for name in ("card/commands.toml", "sam/commands.toml")
                for row in _rows(reading, folder.rows(name, "command"), Command)
            ],
            "id",
        ),
        status_words=_table(reading, folder, "card/status_words.toml", "status_word", StatusWord, "id"),
        codes=_codes(reading, folder),
        interfaces=_table(reading, folder, "card/interfaces.toml", "interface", Interface, "id"),
        environments=_table(reading, folder, "card/environments.toml", "environment", Environment, "id"),
        limits=_table(reading, folder, "card/limits.toml", "limit", Limit, "id"),
        sam_keys=_table(reading, folder, "sam/keys.toml", "key", SamKey, "key"),
        sam_types=_table(reading, folder, "sam/types.toml", "type", SamType, "number"),
        sam_files=_table(reading, folder, "sam/files.toml", "file", SamFile, "path"),
        certificates=_certificates(reading, folder),
        open_elements=_unnamed(_rows(reading, folder.rows(PERSONAL, "open_element"), OpenElement)),
        open_commands=_unnamed(_rows(reading, folder.rows(PERSONAL, "open_command"), OpenCommand)),
        secret_commands=_unnamed(_rows(reading, folder.rows(PERSONAL, "secret_command"), SecretCommand)),
    )
    check(standard)
    return standard


def profiles(tables: Path | None = None) -> tuple[str, ...]:
    """The ids of the profiles in the tables' directory, sorted."""
    return tuple(sorted(path.stem for path in ((tables or SHIPPED) / "profiles").glob("*.toml")))


def _profile(folder: Folder, profile: str | Path, switches: Mapping[str, Switch]) -> Profile:
    """The profile with a known value for every switch."""
    name, content = _profile_file(folder, profile)
    written = parsed_toml(name, content)
    for id, value in dict(written.get("switches", {})).items():
        if not isinstance(value, str):
            raise StandardError(
                f"{name}, {id}",
                say("{value} is not a text.", value=value),
                say("Put it between double quotes."),
            )
    try:
        chosen = msgspec.convert(written | {"id": Path(name).stem}, Profile)
    except msgspec.ValidationError as error:
        raise StandardError(
            name, say("the value does not fit: {error}.", error=error), say("Compare with a shipped profile.")
        ) from None
    for id in chosen.switches.keys() - switches.keys():
        raise StandardError(f"{name}, {id}", say("the switch {switch} is unknown.", switch=id), among(switches))
    for id, switch in switches.items():
        if id not in chosen.switches:
            raise StandardError(
                f"{name}, {id}",
                say("the profile leaves out the switch {switch}.", switch=id),
                among(switch.values),
            )
        if chosen.switches[id] not in switch.values:
            raise StandardError(
                f"{name}, {id}",
                say(
                    "the switch {switch} does not know the value {value}.",
                    switch=id,
                    value=chosen.switches[id],
                ),
                among(switch.values),
            )
    return chosen


def _profile_file(folder: Folder, profile: str | Path) -> tuple[str, bytes]:
    """Name and content of the profile's file, counted among the files read."""
    if isinstance(profile, Path) or profile.endswith(".toml"):
        path, name = Path(profile), f"profiles/{Path(profile).name}"
    else:
        path, name = folder.root / "profiles" / f"{profile}.toml", f"profiles/{profile}.toml"
    try:
        folder.read[name] = path.read_bytes()
    except OSError:
        raise StandardError(str(profile), say("there is no such profile."), among(profiles(folder.root))) from None
    return name, folder.read[name]


def _named_rows(folder: Folder, name: str, kind: str, shape: type[N]) -> dict[str, N]:
    """Rows without sources: documents and switches."""
    rows: list[tuple[RawRow, N]] = []
    for raw in folder.rows(name, kind):
        try:
            rows.append((raw, msgspec.convert(raw.columns, shape)))
        except msgspec.ValidationError as error:
            raise StandardError(
                raw.place, say("the value does not fit: {error}.", error=error), say("Correct that row.")
            ) from None
    return _by_name(rows, "id")


def _table(reading: Reading, folder: Folder, name: str, kind: str, shape: type[R], key: str) -> dict[Any, R]:
    """The rows of one table that the profile has, by their name."""
    return _by_name(_rows(reading, folder.rows(name, kind), shape), key)


def _rows(reading: Reading, raws: Iterable[RawRow], shape: type[R]) -> list[tuple[RawRow, R]]:
    typed = ((raw, reading.row(shape, raw)) for raw in raws)
    return [(raw, row) for raw, row in typed if row is not None]


S = TypeVar("S", bound=msgspec.Struct)


def _by_name(rows: Iterable[tuple[RawRow, S]], key: str) -> dict[Any, S]:
    """The rows by the column that names them. Raises StandardError when two rows have the same name."""
    named: dict[Any, S] = {}
    for raw, row in rows:
        name = getattr(row, key)
        if name in named:
            raise StandardError(
                f"{raw.place}, {key}",
                say("there are two rows called {name}.", name=name or "–"),
                say("Rename or remove one of them."),
            )
        named[name] = row
    return named


def _elements(reading: Reading, folder: Folder, files: Mapping[str, File]) -> dict[str, tuple[Element, ...]]:
    """The elements by file, groups repeated and offsets filled in."""
    raws = expanded(folder.rows("card/elements.csv", "element"), files)
    by_file: dict[str, list[Element]] = {path: [] for path in files}
    for raw, element in _rows(reading, raws, Element):
        before = by_file[element.file]
        if any(element.id == other.id for other in before):
            raise StandardError(
                f"{raw.place}, id",
                say("there are two rows called {name}.", name=f"{element.file} {element.id}"),
                say("Rename or remove one of them."),
            )
        if element.tag is None and "offset" not in raw.columns and before:
            element = msgspec.structs.replace(element, offset=before[-1].offset + before[-1].length)
        before.append(element)
    return {path: tuple(elements) for path, elements in by_file.items()}


def _codes(reading: Reading, folder: Folder) -> dict[str, tuple[Code, ...]]:
    """The code tables, each with its values in order."""
    codes = [code for _, code in _rows(reading, folder.rows("card/codes.csv", "code"), Code)]
    codes.sort(key=lambda code: code.table)
    return {table: tuple(values) for table, values in groupby(codes, key=lambda code: code.table)}


def _unnamed(rows: Iterable[tuple[RawRow, R]]) -> tuple[R, ...]:
    """Rows that nothing refers to by a name."""
    return tuple(row for _, row in rows)


def _certificates(reading: Reading, folder: Folder) -> dict[str, tuple[CertificateField, ...]]:
    """The fields of each certificate, in the order of the table."""
    fields: dict[str, tuple[CertificateField, ...]] = {}
    for _, field in _rows(reading, folder.rows("sam/certificates.toml", "field"), CertificateField):
        fields[field.certificate] = (*fields.get(field.certificate, ()), field)
    return fields


def _digest(folder: Folder) -> str:
    """SM3 over name, length and bytes of every table file, requirements included, ordered by name."""
    for name in KINDS:
        folder.content(name)
    for path in sorted((folder.root / "requirements").rglob("*.*")):
        if path.suffix in (".toml", ".csv"):
            folder.content(path.relative_to(folder.root).as_posix())
    digest = hashlib.new("sm3")
    for name, content in sorted(folder.read.items()):
        digest.update(f"{name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
