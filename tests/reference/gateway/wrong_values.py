"""Wrong values of a profile's fields, made from the rows of `wire_fields.csv`: each with the refusal that it meets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reference.gateway.fields import SHAPES, TIMES, FieldRule, field_rules
from reference.standard.ecard import load_ecard

NO_DATES = {
    "date": "20260231",
    "dashed-date": "2026-02-31",
    "moment": "20260231120000",
    "dashed-moment": "2026-02-31 12:00:00",
}


class WrongValue(NamedTuple):
    """A value that a field must not have, and the id of the refusal."""

    service: str
    field: str
    value: str
    refusal: str
    what: str

    @property
    def name(self) -> str:
        """The name of the test case."""
        return f"{self.service}-{self.field}-{self.what}"


def wrong_values(profile: str, services: Iterable[str]) -> list[WrongValue]:
    """Every wrong value of every field of these services."""
    return [
        WrongValue(service, rule.field, value, refusal, what)
        for service in services
        for rule in field_rules(profile, service)
        for what, value, refusal in _of(rule)
    ]


def _of(rule: FieldRule) -> Iterator[tuple[str, str, str]]:
    kind, _, table = rule.kind.partition(":")
    yield "too-long", "0" * (rule.length + 1), "request.field-too-long"
    if rule.must:
        yield "empty", "", "request.empty-field"
    if kind != "base64":
        yield "forbidden", "<", "request.forbidden-character"
    if kind in SHAPES:
        yield "malformed", "~", "request.field-malformed"
    elif kind in TIMES:
        named = "person.birthday-malformed" if "birth" in rule.field.lower() else "request.field-malformed"
        yield "malformed", NO_DATES[kind][: rule.length], named
    elif kind == "code":
        assert "~" not in load_ecard().codes[table]
        yield "unknown", "~", "person.unknown-code"
