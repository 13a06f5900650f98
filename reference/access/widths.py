"""What the columns of the access tables keep: told as a refusal before the database refuses it in its own words."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import String, Table, Text

from reference.ecard.refusals import Refusal


def check_widths(table: Table, values: Mapping[str, object]) -> None:
    """Raise Refusal ``request.field-too-long`` or ``request.forbidden-character`` for a text that no column keeps.

    PostgreSQL keeps neither NUL characters nor lone surrogates.
    """
    for name, value in values.items():
        if not isinstance(value, str):
            continue
        if not value.isprintable():
            raise Refusal("request.forbidden-character", name)
        kind = table.c[name].type
        assert isinstance(kind, String | Text), "texts stand in columns of text"
        if kind.length is not None and len(value) > kind.length:
            raise Refusal("request.field-too-long", name)
