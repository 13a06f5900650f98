"""The standard as one object: all tables of one profile, resolved, checked and read-only."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypedDict, TypeVar, Unpack, cast

import msgspec

from reference.languages import say
from reference.standard.errors import StandardError
from reference.standard.personal import OpenCommand, OpenElement, SecretCommand
from reference.standard.rows import (
    Awaited,
    CertificateField,
    Code,
    Command,
    Directory,
    Document,
    Element,
    Environment,
    File,
    FileKind,
    Interface,
    Key,
    Limit,
    Profile,
    Requirement,
    SamFile,
    SamKey,
    SamType,
    StatusWord,
    Switch,
)

T = TypeVar("T")


class Changes(TypedDict, total=False):
    """Rows to put in the place of others, by table; None takes a row out."""

    directories: Mapping[str, Directory | None]
    files: Mapping[str, File | None]
    elements: Mapping[str, tuple[Element, ...] | None]
    keys: Mapping[str, Key | None]
    commands: Mapping[str, Command | None]
    status_words: Mapping[str, StatusWord | None]
    codes: Mapping[str, tuple[Code, ...] | None]
    interfaces: Mapping[str, Interface | None]
    environments: Mapping[str, Environment | None]
    limits: Mapping[str, Limit | None]
    sam_keys: Mapping[str, SamKey | None]
    sam_types: Mapping[int, SamType | None]
    sam_files: Mapping[str, SamFile | None]
    certificates: Mapping[str, tuple[CertificateField, ...] | None]


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Standard:
    """All tables of one profile. Mappings are read-only and keep the order of the tables.

    Directories, files and SAM files are named by their path (``DDF1/DF02/EF05``; the path of the card's MF is
    empty), code tables by their name, SAM types by their number, everything else by its id.
    """

    profile: Profile
    digest: str
    """SM3 in hexadecimal over names and bytes of all table files read and of the profile."""
    root: Path
    """The directory that the tables were read from."""
    documents: Mapping[str, Document]
    switches: Mapping[str, Switch]
    directories: Mapping[str, Directory]
    files: Mapping[str, File]
    elements_by_file: Mapping[str, tuple[Element, ...]]
    keys: Mapping[str, Key]
    commands: Mapping[str, Command]
    status_words: Mapping[str, StatusWord]
    codes: Mapping[str, tuple[Code, ...]]
    interfaces: Mapping[str, Interface]
    environments: Mapping[str, Environment]
    limits: Mapping[str, Limit]
    sam_keys: Mapping[str, SamKey]
    sam_types: Mapping[int, SamType]
    sam_files: Mapping[str, SamFile]
    certificates: Mapping[str, tuple[CertificateField, ...]]
    """The fields of the issuer's and the SAM's certificate, in their order."""
    open_elements: tuple[OpenElement, ...]
    """The only elements that evidence of a real holder's card shows."""
    open_commands: tuple[OpenCommand, ...]
    """The only commands whose data such evidence shows."""
    secret_commands: tuple[SecretCommand, ...]
    """The instructions whose data no evidence shows at all."""

    def __post_init__(self) -> None:
        counted = {path: _with_record_count(file, self.elements(path)) for path, file in self.files.items()}
        object.__setattr__(self, "files", counted)
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Mapping):
                object.__setattr__(self, field.name, MappingProxyType(dict(value)))

    def __repr__(self) -> str:
        return f"Standard({self.profile.id!r}, digest={self.digest[:12]}…)"

    def switch(self, id: str) -> str:
        """The value that the profile gives the switch. Raises StandardError for an unknown switch."""
        return _found(self.profile.switches, id, "switches.toml")

    def elements(self, file: str) -> tuple[Element, ...]:
        """The elements of the file with this path, in the order of the table; empty where it has none."""
        return self.elements_by_file.get(file, ())

    def element(self, file: str, id: str) -> Element:
        """One element by the path of its file and its id. Raises StandardError for an unknown one."""
        return _found(self._elements_by_id, (file, id), "card/elements.csv")

    def sw(self, id: str) -> int:
        """The status word as a number, 0 for digits that vary. Raises StandardError for an unknown id."""
        return int(_found(self.status_words, id, "card/status_words.toml").sw.replace("x", "0"), 16)

    def limit(self, id: str) -> int:
        """The value of a limit. Raises StandardError for an unknown id."""
        return _found(self.limits, id, "card/limits.toml").value

    @functools.cached_property
    def requirements(self) -> Mapping[str, Requirement]:
        """The requirements by id: those written by hand and those generated from these tables."""
        # Generated rows need the tables, so the two packages know each other; only this import is late.
        from reference.standard import requirements

        return MappingProxyType(requirements.read(self, self.root / "requirements"))

    @functools.cached_property
    def awaited(self) -> Mapping[str, Awaited]:
        """The obligations that wait for a suite to come, by id."""
        # Late for the same reason as above.
        from reference.standard import requirements

        return MappingProxyType(requirements.read_awaited(self, self.root / "requirements"))

    def replacing(self, **changes: Unpack[Changes]) -> Standard:
        """A copy with rows replaced, added or (None) removed, for table mutants; its digest differs.

        The rows are taken as they are, unchecked: a mutant may be as wrong as it likes.
        """
        fields: dict[str, Any] = {}
        written: dict[str, dict[str, Any]] = {}
        for table, rows in cast("Mapping[str, Mapping[Any, Any]]", changes).items():
            field = "elements_by_file" if table == "elements" else table
            merged = dict(getattr(self, field)) | dict(rows)
            fields[field] = {name: row for name, row in merged.items() if row is not None}
            written[table] = {str(name): row for name, row in rows.items()}
        change = msgspec.json.encode([self.digest, written], order="sorted")
        return dataclasses.replace(self, digest=hashlib.new("sm3", change).hexdigest(), **fields)

    @functools.cached_property
    def _elements_by_id(self) -> dict[tuple[str, str], Element]:
        return {(path, element.id): element for path, rows in self.elements_by_file.items() for element in rows}


def _with_record_count(file: File, elements: tuple[Element, ...]) -> File:
    """A variable-length record file has one record an element, so its number of records is theirs."""
    if file.kind is not FileKind.VARIABLE:
        return file
    return msgspec.structs.replace(file, records=len(elements))


def _found(rows: Mapping[Any, T], name: object, table: str) -> T:
    if name not in rows:
        raise StandardError(
            table,
            say("there is no row {name}.", name=" / ".join(name) if isinstance(name, tuple) else name),
            say("Add the row, or use the shipped tables."),
        )
    return rows[name]
