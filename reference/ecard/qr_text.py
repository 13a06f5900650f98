"""The text inside a QR code: read and written by the layouts of `qr_layouts.toml`, as a wire profile takes them.

National form: ``<card id>:1`` (static), ``<card id>:0:<validity token>`` (dynamic), EC-QH 3.3. Reading tells only what
the text says; whether the code was issued, still holds and belongs to somebody is the platform's knowledge.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import msgspec

from reference.ecard.broken_rules import BrokenRule
from reference.ecard.ids import IDENTIFIER
from reference.ecard.validity import TOKEN
from reference.languages import say
from reference.standard.ecard import EcardTables, load_ecard
from reference.standard.ecard.loader import NAMED
from reference.standard.ecard.rows import QrKind, QrLayout
from reference.standard.errors import StandardError, among

SEPARATOR: Final = ":"
DYNAMIC, STATIC = "0", "1"
"""The second field (EC-QH 3.3, EC-DIC QR type)."""
READABLE: Final = re.compile("[!-~]+")
UPPER_HEX: Final = re.compile("[0-9A-F]+")


class QrText(msgspec.Struct, frozen=True):
    """What a QR text says; parts that its layout has not are empty."""

    layout: str
    kind: QrKind
    card_id: str = ""
    token: str = ""
    """Validity token of a dynamic code, 32 hexadecimal digits."""
    payment: str = ""
    issuer: str = ""
    prefix: str = ""
    temporary_number: str = ""
    index_id: str = ""
    deadline: str = ""
    """``yyyyMMddHHmmss`` in China time."""


class QrTextRefused(BrokenRule):
    """A text that no layout of the profile takes."""

    refusal = "code.garbled"


class GarbledQrText(QrTextRefused):
    """Empty, too long, or with characters that no layout has."""


class LowerCaseQrText(QrTextRefused):
    """A text that would be right in upper case."""


class WrongCardIdLength(QrTextRefused):
    """The card id has not 64 digits: cut off while scanning, or an id of the older 48 digits."""


class WrongTypeFlag(QrTextRefused):
    """The second field is neither 0 (dynamic) nor 1 (static)."""


class TokenMissing(QrTextRefused):
    """A dynamic code without its validity token."""

    refusal = "code.time-unreadable"


class WrongTokenLength(QrTextRefused):
    """A validity token of other than 32 digits."""

    refusal = "code.time-unreadable"


class LayoutNotAccepted(QrTextRefused):
    """A known layout that the profile does not take: the code comes from another province."""

    refusal = "code.foreign"


class UnknownLayout(QrTextRefused):
    """No layout has this order of fields."""


class UnwritableQrText(QrTextRefused):
    """Parts that do not make a text of the layout: one is missing, or not of its form."""

    refusal = "request.field-malformed"


@dataclass(frozen=True)
class CompiledLayout:
    """A layout made ready: its expression for reading, its template for writing."""

    row: QrLayout
    expression: re.Pattern[str]
    template: str


@dataclass(frozen=True, eq=False)
class QrLayouts:
    """The layouts of one profile, made ready once: those it accepts, in their order, and all that are known."""

    accepted: tuple[CompiledLayout, ...]
    known: Mapping[str, CompiledLayout]
    issues: Mapping[QrKind, str]
    longest: int
    """Characters of a text at most."""


@functools.cache
def qr_layouts(profile: str = "national", tables: EcardTables | None = None) -> QrLayouts:
    """The layouts of a profile of `qr_layouts.toml`; the same question gets the same object.

    Raises StandardError for an unknown profile.
    """
    tables = tables or load_ecard()
    if profile not in tables.qr_profiles:
        raise StandardError(profile, say("there is no such profile."), among(tables.qr_profiles))
    row = tables.qr_profiles[profile]
    known = {id: _compiled(layout, tables) for id, layout in tables.qr_layouts.items()}
    return QrLayouts(
        accepted=tuple(known[id] for id in row.accepts),
        known=MappingProxyType(known),
        issues=MappingProxyType(row.issues),
        longest=tables.limit("qr-text-length"),
    )


def parse(text: str, layouts: QrLayouts) -> QrText:
    """What the text says, by the first layout that takes it.

    Raises GarbledQrText, LowerCaseQrText, LayoutNotAccepted, WrongCardIdLength, WrongTypeFlag, TokenMissing,
    WrongTokenLength, UnknownLayout. Source: EC-QH 3.3; the layouts of provinces name theirs.
    """
    if len(text) <= layouts.longest:
        for layout in layouts.accepted:
            found = layout.expression.fullmatch(text)
            if found is not None:
                return QrText(layout.row.id, layout.row.kind, **found.groupdict())
    raise _reason(text, layouts)


def format_text(qr: QrText, layouts: QrLayouts) -> str:
    """The text of what was read: `parse` turned round. Raises UnwritableQrText and StandardError."""
    parts = {name: getattr(qr, name) for name in qr.__struct_fields__[2:]}
    return _written(_layout(qr.layout, layouts), parts)


def issued_text(kind: QrKind, layouts: QrLayouts, **parts: str) -> str:
    """The text of a new code in the layout that the profile issues; parts are named as in `QrText`.

    ``issued_text("dynamic", layouts, card_id=…, token=…)``. Raises UnwritableQrText where a part is missing or not
    of its form, StandardError where the profile issues no such code.
    """
    if kind not in layouts.issues:
        raise StandardError(kind, say("the profile issues no such code."), among(layouts.issues))
    return _written(_layout(layouts.issues[kind], layouts), parts)


def field_pattern(layout: QrLayout, tables: EcardTables, *, named: bool) -> str:
    """The regular expression of a layout, with its fields as named groups or without groups."""
    pattern, end = "", 0
    for field in NAMED.finditer(layout.text):
        inner = tables.qr_fields[field[1]].pattern
        pattern += re.escape(layout.text[end : field.start()])
        pattern += f"(?P<{_part(field[1])}>{inner})" if named else f"(?:{inner})"
        end = field.end()
    return pattern + re.escape(layout.text[end:])


def _compiled(layout: QrLayout, tables: EcardTables) -> CompiledLayout:
    return CompiledLayout(
        layout,
        re.compile(field_pattern(layout, tables, named=True)),
        NAMED.sub(lambda field: "{" + _part(field[1]) + "}", layout.text),
    )


def _part(field: str) -> str:
    """The attribute of `QrText` that holds a field."""
    return field.replace("-", "_")


def _layout(id: str, layouts: QrLayouts) -> CompiledLayout:
    if id not in layouts.known:
        raise StandardError(id, say("there is no such layout."), among(layouts.known))
    return layouts.known[id]


def _written(layout: CompiledLayout, parts: Mapping[str, str]) -> str:
    needed = layout.expression.groupindex
    for name, value in parts.items():
        if value and name not in needed:
            raise UnwritableQrText(say("The layout {layout} has no {part}.", layout=layout.row.id, part=name), name)
    text = layout.template.format(**{name: parts.get(name, "") for name in needed})
    if layout.expression.fullmatch(text) is None:
        raise UnwritableQrText(say("The parts do not make a text of the layout {layout}.", layout=layout.row.id))
    return text


def _reason(text: str, layouts: QrLayouts) -> QrTextRefused:
    """Why no layout takes the text, by what stands out first from the left."""
    if len(text) > layouts.longest or READABLE.fullmatch(text) is None:
        return GarbledQrText(say("A code has up to {most} printable characters without blanks.", most=layouts.longest))
    if any(layout.expression.fullmatch(text.upper()) for layout in layouts.accepted):
        return LowerCaseQrText(say("The hexadecimal digits of a code are in upper case."))
    for other in layouts.known.values():
        if other.row.distinct and other.expression.fullmatch(text):
            return LayoutNotAccepted(say("It is a {layout}, which this profile does not read.", layout=other.row.title))
    first, *rest = text.split(SEPARATOR)
    if IDENTIFIER.fullmatch(first):
        return _reason_after_card_id(rest)
    if rest and UPPER_HEX.fullmatch(first):
        return WrongCardIdLength(say("The card id has {count} digits, not 64.", count=len(first)))
    return UnknownLayout(say("It has none of the known orders of fields."))


def _reason_after_card_id(rest: list[str]) -> QrTextRefused:
    """What is wrong behind a card id of the right form."""
    flag, token = (*rest, "", "")[:2]
    if flag not in (DYNAMIC, STATIC):
        return WrongTypeFlag(say("The second field is 0 for a dynamic code and 1 for a static one."))
    if flag == DYNAMIC and not token:
        return TokenMissing(say("A dynamic code ends with its validity token."))
    if flag == DYNAMIC and UPPER_HEX.fullmatch(token) and not TOKEN.fullmatch(token):
        return WrongTokenLength(say("The validity token has {count} digits, not 32.", count=len(token)))
    return UnknownLayout(say("It has none of the known orders of fields."))
