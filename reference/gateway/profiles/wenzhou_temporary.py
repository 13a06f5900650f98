"""Wenzhou's temporary codes: an index id of the card's own, the type, and the deadline, split by colons.

Source: EC-WZ: they hold until a deadline, in the issuing institution alone. Decision: a temporary card has no person
yet and so no index id; its number (T and sixteen hexadecimal digits) stands in the index id's place, filled up with
zeros on the left, where no digest of a person will ever be. An altered deadline is refused as grafted.
"""

from __future__ import annotations

from typing import Final

from reference.accounts.temporary import PREFIX
from reference.ecard.moments import china_text
from reference.ecard.qr_text import QrTextRefused, issued_text, parse, qr_layouts
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Temporary

LAYOUTS: Final = qr_layouts("wenzhou")
INDEX_DIGITS: Final = 64
NUMBER_DIGITS: Final = 16
FILLING: Final = "0" * (INDEX_DIGITS - NUMBER_DIGITS)


def temporary_text(card: Temporary) -> str:
    """The text of a temporary card's code."""
    number = card.number.removeprefix(PREFIX).rjust(INDEX_DIGITS, "0")
    return issued_text("temporary", LAYOUTS, index_id=number, deadline=china_text(card.expires_ms))


def number_of(text: str) -> str | None:
    """The number of the temporary card whose code this is; None for any other text."""
    if len(text) <= INDEX_DIGITS or text[INDEX_DIGITS + 1 : INDEX_DIGITS + 2] in ("0", "1"):
        return None
    try:
        read = parse(text, LAYOUTS)
    except QrTextRefused:
        return None
    if read.kind != "temporary":
        return None
    if not read.index_id.startswith(FILLING):
        raise Refusal("temporary.unknown", "qrcode_info")
    return PREFIX + read.index_id[-NUMBER_DIGITS:]


def require_text(text: str, card: Temporary) -> None:
    """Raise Refusal ``code.grafted`` unless the text is the one that was issued for the card."""
    if text != temporary_text(card):
        raise Refusal("code.grafted", "qrcode_info")
