"""The field rules of each wire profile: the rows of `standard/ecard/wire_fields.csv`, and the check against them.

Columns: profile, service, field, must (``M``, ``O``, or ``C`` for conditional), length (most characters), kind, source.
``service`` may be ``*`` for the envelope. Kinds: ``text``, ``digits``, ``hex``, ``date`` (YYYYMMDD), ``dashed-date``,
``moment`` (yyyyMMddHHmmss), ``dashed-moment``, ``base64``, ``code:<table>`` (a value of that code table), ``any``.
Parts with fields of their own: ``object`` and ``list:<limit>`` (objects, at most as many as that limit of `limits.toml`
says); their fields stand under the service ``<service>.<field>``.
"""

from __future__ import annotations

import base64
import binascii
import csv
import functools
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec

import reference.standard.ecard
from reference.ecard.moments import PACKED, UnreadableMoment, moment_of
from reference.ecard.refusals import Refusal
from reference.standard.ecard import load_ecard

TABLE = Path(reference.standard.ecard.__file__).with_name("wire_fields.csv")
FORBIDDEN_CHARACTERS = "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f&<>\"'"
FORBIDDEN = re.compile(f"[{FORBIDDEN_CHARACTERS}]")
"""Characters that no field may hold (Qinghai 1002), and control characters."""
SUSPECT = bytes(code for code in range(0x80) if FORBIDDEN.match(chr(code)) and chr(code) != '"') + b"\\"
"""The same in JSON, where a quotation mark inside a text needs a backslash."""
SHAPES = {
    "digits": re.compile(r"[0-9]*"),
    "hex": re.compile(r"[0-9A-F]*"),
    "base64": re.compile(r"[A-Za-z0-9+/=\s]*"),
}
TIMES = {"date": "yyyyMMdd", "dashed-date": "yyyy-MM-dd", "moment": PACKED, "dashed-moment": "yyyy-MM-dd HH:mm:ss"}
PARTS = ("object", "list")


class FieldRule(NamedTuple):
    """One field of one service. ``passes`` is the short way: true of texts that are right beyond doubt."""

    field: str
    must: bool
    length: int
    kind: str
    passes: Callable[[str], object]


class PartRule(NamedTuple):
    """A part of one service's message that has fields of its own: an object, or with ``limit`` a list of objects."""

    field: str
    must: bool
    limit: str


def check_fields(rules: tuple[FieldRule, ...], values: Mapping[str, object], *, others: bool = True) -> dict[str, str]:
    """The values of the known fields as text, empty where absent.

    Raises Refusal ``request.empty-field``, ``request.field-too-long``, ``request.forbidden-character``,
    ``request.field-malformed``, ``person.unknown-code``; and ``request.unknown-field`` for fields without a rule
    when ``others`` is False. Values that are neither text nor number are malformed.
    """
    if not others:
        known = {rule.field for rule in rules}
        for name in values:
            if name not in known:
                raise Refusal("request.unknown-field", name[:32])
    checked: dict[str, str] = {}
    for rule in rules:
        value = values.get(rule.field)
        if isinstance(value, str) and value and rule.passes(value):
            checked[rule.field] = value
        else:
            checked[rule.field] = _checked(rule, value)
    return checked


def _checked(rule: FieldRule, value: object) -> str:
    if value is None:
        text = ""
    elif isinstance(value, str):
        text = value
    elif isinstance(value, int) and not isinstance(value, bool):
        text = str(value)
    else:
        raise Refusal("request.field-malformed", rule.field)
    if not text:
        if rule.must:
            raise Refusal("request.empty-field", rule.field)
        return ""
    if len(text) > rule.length:
        raise Refusal("request.field-too-long", rule.field)
    if rule.kind != "base64" and FORBIDDEN.search(text):
        raise Refusal("request.forbidden-character", rule.field)
    _check_kind(rule, text)
    return text


def _check_kind(rule: FieldRule, text: str) -> None:
    kind, _, table = rule.kind.partition(":")
    if kind == "code":
        if text not in load_ecard().codes[table]:
            raise Refusal("person.unknown-code", rule.field)
    elif kind in SHAPES:
        if not SHAPES[kind].fullmatch(text):
            raise Refusal("request.field-malformed", rule.field)
    elif kind in TIMES:
        try:
            moment_of(text, TIMES[kind], rule.field)
        except UnreadableMoment:
            id = "person.birthday-malformed" if "birth" in rule.field.lower() else "request.field-malformed"
            raise Refusal(id, rule.field) from None


def check_part(profile: str, service: str, field: str, value: object) -> list[dict[str, str]]:
    """The checked fields of the objects in a part; an object that is no list is one, what is absent none.

    Raises Refusal ``request.empty-field``, ``request.field-malformed``, ``request.batch-too-large`` and those of
    `check_fields`.
    """
    rule = next(part for part in part_rules(profile, service) if part.field == field)
    objects = value if rule.limit else [value]
    if value is None or value in ([], {}):
        if rule.must:
            raise Refusal("request.empty-field", field)
        return []
    if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
        raise Refusal("request.field-malformed", field)
    if rule.limit and len(objects) > load_ecard().limit(rule.limit):
        raise Refusal("request.batch-too-large", field)
    rules = field_rules(profile, f"{service}.{field}")
    return [check_fields(rules, one) for one in objects]


class QuickForm:
    """The short way for the hot path: one service's fields decoded in one go, when they are right beyond doubt.

    ``form`` has the fields as attributes, empty where absent; fields without a rule are left out, or with ``others``
    False fail. Raises ValueError for a service with times, which are never right beyond doubt.
    """

    def __init__(self, profile: str, service: str, *, others: bool = True) -> None:
        fields: list[tuple[str, Any, Any]] = []
        for rule in field_rules(profile, service):
            if rule.passes is _never:
                raise ValueError(f"{profile} {service} {rule.field} is a time: there is no short way")
            kind = Annotated[str, msgspec.Meta(min_length=int(rule.must), max_length=rule.length, pattern=_quick(rule))]
            fields.append((rule.field, kind, msgspec.NODEFAULT if rule.must else ""))
        self.form = msgspec.defstruct(
            "QuickForm", fields, kw_only=True, gc=False, frozen=True, forbid_unknown_fields=not others
        )
        self._decode = msgspec.json.Decoder(self.form).decode

    def read(self, text: bytes) -> Any | None:
        """The fields of a JSON object; None for whatever `check_fields` has to look at, which finds the reason.

        Of Base64 only the length is checked: whoever decodes it sees the rest.
        """
        # Without a backslash the texts stand as they are, and a forbidden character in one of them in the whole.
        if len(text.translate(None, SUSPECT)) != len(text):
            return None
        try:
            return self._decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None


def _quick(rule: FieldRule) -> str | None:
    """What a field has to match beyond its length and the characters that `QuickForm` looks for in all at once."""
    if rule.kind in ("text", "any", "base64"):
        return None
    return f"^(?:{_pattern(rule.kind)})$(?![\\s\\S])"


def field_rules(profile: str, service: str) -> tuple[FieldRule, ...]:
    """The rules of one service of a profile; ``*`` gives the envelope's. Empty where the table has none."""
    return _table().fields.get((profile, service), ())


def part_rules(profile: str, service: str) -> tuple[PartRule, ...]:
    """The parts of one service of a profile."""
    return _table().parts.get((profile, service), ())


def services_of(profile: str) -> tuple[str, ...]:
    """The services of a profile that have rows, in the table's order, without envelope and parts."""
    keys = dict.fromkeys((*_table().fields, *_table().parts))
    parts = {(of, f"{service}.{part.field}") for (of, service), known in _table().parts.items() for part in known}
    return tuple(key[1] for key in keys if key[0] == profile and key[1] != "*" and key not in parts)


class _Table(NamedTuple):
    fields: dict[tuple[str, str], tuple[FieldRule, ...]]
    parts: dict[tuple[str, str], tuple[PartRule, ...]]


@functools.cache
def _table() -> _Table:
    fields: dict[tuple[str, str], tuple[FieldRule, ...]] = {}
    parts: dict[tuple[str, str], tuple[PartRule, ...]] = {}
    seen: set[tuple[str, str, str]] = set()
    with TABLE.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            key, name, must = (row["profile"], row["service"]), row["field"], row["must"] == "M"
            if (*key, name) in seen:
                raise ValueError(f"{TABLE.name}: {' '.join(key)} {name} stands twice")
            seen.add((*key, name))
            kind, _, limit = row["kind"].partition(":")
            if kind in PARTS:
                parts[key] = (*parts.get(key, ()), PartRule(name, must, limit))
            else:
                length = int(row["length"])
                rule = FieldRule(name, must, length, row["kind"], _passing(row["kind"], length))
                fields[key] = (*fields.get(key, ()), rule)
    return _Table(fields, parts)


def _passing(kind: str, length: int) -> Callable[[str], object]:
    """A quick test, one pattern a field; what fails it goes the long way, which finds the reason."""
    name, _, table = kind.partition(":")
    if name == "code":
        known = frozenset(value for value in load_ecard().codes[table] if len(value) <= length)
        return known.__contains__
    if name in TIMES:
        return _never
    characters = _pattern(kind).removesuffix("*")
    return re.compile(f"{characters}{{0,{length}}}").fullmatch


def _pattern(kind: str) -> str:
    """What the texts of a kind are made of."""
    name, _, table = kind.partition(":")
    if name == "code":
        return "|".join(("", *map(re.escape, load_ecard().codes[table])))
    return SHAPES[name].pattern if name in SHAPES else f"[^{FORBIDDEN_CHARACTERS}]*"


def _never(text: str) -> bool:
    """Dates and times always go the long way."""
    return False


def photo_of(text: str, field: str) -> bytes:
    """The bytes of a photo in Base64. Raises Refusal ``person.image-malformed`` and ``person.image-too-large``."""
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Refusal("person.image-malformed", field) from None
    if len(content) > load_ecard().limit("photo-bytes"):
        raise Refusal("person.image-too-large", field)
    return content
