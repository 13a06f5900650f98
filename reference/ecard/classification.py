"""Whose code was scanned: the health card's, medical insurance's, a payment provider's, or nobody's that is known.

A reader in a hospital sees all of them and routes each to its owner, who validates it (Opinion 34: fusion of codes;
P-FUSE-01 to 03). The marks stand in `classification.toml`, the layouts of the health card in `qr_layouts.toml`.
"""

from __future__ import annotations

import functools
import re
from enum import StrEnum
from typing import Final

import msgspec

from reference.ecard.qr_text import field_pattern
from reference.standard.ecard import EcardTables, load_ecard


class CodeOwner(StrEnum):
    """To whom a code is routed."""

    EHC_NATIONAL = "ehc-national"
    EHC_LOCAL = "ehc-local"
    MEDICAL_INSURANCE = "medical-insurance"
    PAYMENT = "payment"
    UNKNOWN = "unknown"


class Classification(msgspec.Struct, frozen=True):
    """The owner of a code, and the row (layout or mark) by which it was recognised."""

    owner: CodeOwner
    form: str


UNKNOWN: Final = Classification(CodeOwner.UNKNOWN, "")


class Classifier:
    """The forms of all tables as one expression, made ready once. The first form that fits decides."""

    def __init__(self, tables: EcardTables) -> None:
        forms = [
            (Classification(CodeOwner(f"ehc-{row.region}"), row.id), field_pattern(row, tables, named=False))
            for row in tables.qr_layouts.values()
            if row.distinct
        ]
        forms += [(Classification(CodeOwner(row.owner), row.id), row.pattern) for row in tables.marks.values()]
        self._found = {f"form{number}": found for number, (found, _) in enumerate(forms)}
        self._expression = re.compile("|".join(f"(?P<form{n}>{pattern})" for n, (_, pattern) in enumerate(forms)))

    def classify(self, text: str) -> Classification:
        """Whose code the text is; `UNKNOWN` for none of the known forms."""
        found = self._expression.fullmatch(text)
        return UNKNOWN if found is None else self._found[str(found.lastgroup)]


@functools.cache
def classifier(tables: EcardTables | None = None) -> Classifier:
    """The classifier of the tables, by default the shipped ones."""
    return Classifier(tables or load_ecard())


def classify(text: str) -> Classification:
    """Whose code the text is, by the shipped tables.

    Codes of WeChat are 18 digits that may look like a citizen number of Beijing to Inner Mongolia: a scanned text is a
    code, never a document number.
    """
    return classifier().classify(text)
