"""Tables and profiles of the standard, as a regulator brings his own: one file of them replaced by any bytes."""

from __future__ import annotations

from collections.abc import Iterator

from reference.standard import StandardError, load
from reference.standard.cells import Reading
from reference.standard.loader import KINDS, SHIPPED
from reference.standard.reading import Folder, parsed_toml
from reference.standard.rows import Row

REFUSALS = (StandardError,)
TOKENS = (
    b"[[file]]\n",
    b'{ by = "',
    b"cases = {",
    b'source = "APP11 4.1"\n',
    b"only = {",
    b'"REV2 item 24"',
    b"|",
    b'"""',
)
SHARE = 3
STANDARD = load()
READING = Reading(STANDARD.documents, STANDARD.switches, STANDARD.profile.switches)
TABLES = tuple(name for name, kinds in KINDS.items() if all(issubclass(shape, Row) for shape in kinds.values()))


def target(data: bytes) -> None:
    """The first byte chooses the table; the rest is its file, of which every row is read."""
    name = TABLES[data[0] % len(TABLES) if data else 0]
    folder = Folder(SHIPPED)
    folder.read[name] = data[1:]
    if name.endswith(".toml"):
        parsed_toml(name, data[1:])
        folder.only_kinds(name, tuple(KINDS[name]))
    for kind, shape in KINDS[name].items():
        assert issubclass(shape, Row)
        for raw in folder.rows(name, kind):
            READING.row(shape, raw)


def seeds() -> Iterator[bytes]:
    """The beginning of every shipped table, as far as its second row or so."""
    for number, name in enumerate(TABLES):
        lines = (SHIPPED / name).read_bytes().splitlines(keepends=True)
        starts = [at for at, line in enumerate(lines) if line.startswith(b"[[")]
        end = 6 if name.endswith(".csv") else (starts[4:5] or [len(lines)])[0]
        yield bytes((number,)) + b"".join(lines[:end])
