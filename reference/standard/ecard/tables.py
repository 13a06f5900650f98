"""The tables of the electronic card as one object: resolved, checked against each other, read-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reference.languages import say
from reference.standard.ecard.rows import (
    CodeMark,
    EcardLimit,
    IdType,
    QrField,
    QrLayout,
    QrProfile,
    State,
    StateNumber,
    Transition,
)
from reference.standard.errors import StandardError, among
from reference.standard.rows import Code


@dataclass(frozen=True, eq=False)
class EcardTables:
    """Every table of the electronic card, each by the name of its rows."""

    digest: str
    """SM3 over the table files, in hexadecimal."""
    qr_fields: Mapping[str, QrField]
    qr_layouts: Mapping[str, QrLayout]
    qr_profiles: Mapping[str, QrProfile]
    marks: Mapping[str, CodeMark]
    id_types: Mapping[str, IdType]
    codes: Mapping[str, Mapping[str, Code]]
    """The code tables: table, then value: ``codes["sex"]["1"]``."""
    states: Mapping[tuple[str, str], State]
    """The states by machine and id."""
    transitions: tuple[Transition, ...]
    state_numbers: tuple[StateNumber, ...]
    limits: Mapping[str, EcardLimit]

    def limit(self, id: str) -> int:
        """The value of a limit. Raises StandardError for an unknown one."""
        if id not in self.limits:
            raise StandardError("ecard/limits.toml", say("there is no row {name}.", name=id), among(self.limits))
        return self.limits[id].value

    def limit_within(self, id: str, wished: int) -> int:
        """A setting of the operator in the place of a limit's value. Raises StandardError outside its range."""
        self.limit(id)
        row = self.limits[id]
        if not row.least <= wished <= row.most:
            raise StandardError(
                id,
                say("{value} is outside {least} to {most}.", value=wished, least=row.least, most=row.most),
                say("Choose a value of that range, or correct the range in {table}.", table="ecard/limits.toml"),
            )
        return wished
