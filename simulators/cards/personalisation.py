"""Makes card and SAM images from a holder's data and a key tree, as a card maker does.

Follows APP11 chapter 4 (content), SAMTYPE (keys of a SAM) and the diversification of decisions (province factor, card
factor). The keys made here are demo keys: anyone can compute them, and they mark themselves as such.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from reference.card.elements import tagged_record
from reference.card.images import Content, blank_content
from reference.card.values import stated
from reference.crypto import engine
from reference.crypto.derivation import card_factor, diversify, province_factor
from reference.crypto.keys import SecretKey
from reference.standard import Standard
from reference.standard.rows import File, FileKind
from simulators.cards.image import CardImage, SamImage
from simulators.cards.sam.content import sam_files, sam_signing_key

DEMO_LABEL = b"healthcard demo key "


class Personalisation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that differs from card to card.

    ``values`` holds, by file path, the value of each element by its id (text for ans, digits for cn, yuan
    with a point for amounts, hexadecimal for b). A file of untagged records holds a list of such mappings under
    ``records``, the newest first.
    """

    historical: str
    """The thirteen historical bytes in hexadecimal."""
    values: dict[str, dict[str, str]]
    records: dict[str, list[dict[str, str]]] = {}


def demo_key(key: str) -> SecretKey:
    """The national demo key of a name; public by construction."""
    return SecretKey(engine().sm3(DEMO_LABEL + key.encode())[:16], demo=True)


def card_keys(standard: Standard, historical: bytes, city_code: bytes) -> dict[str, SecretKey]:
    """The card's keys, diversified from the national demo keys by province and card."""
    province, card = province_factor(city_code), card_factor(historical)
    return {key: diversify(diversify(demo_key(key), province), card) for key in standard.keys}


def personalise_card(standard: Standard, data: Personalisation) -> CardImage:
    """The image of a user card. Raises UnfitValue when a value does not fit its element."""
    historical = bytes.fromhex(data.historical)
    files = {path: _content(standard, file, data) for path, file in standard.files.items()}
    city = files["DDF1/EF05"].records[-1][2:]
    return CardImage(historical, files, card_keys(standard, historical, city))


def _content(standard: Standard, file: File, data: Personalisation) -> Content:
    """The file's content; what the order leaves out is as on a new card."""
    match file.kind:
        case FileKind.VARIABLE:
            values = data.values.get(file.path, {})
            elements = standard.elements(file.path)
            return Content(records=[tagged_record(element, values.get(element.id, "")) for element in elements])
        case FileKind.BINARY:
            return Content(binary=_side_by_side(standard, file, data.values.get(file.path, {})))
        case FileKind.CYCLIC | FileKind.FIXED:
            records = [_side_by_side(standard, file, row) for row in data.records.get(file.path, [])]
            return Content(records=records + blank_content(standard, file).records[len(records) :])


def _side_by_side(standard: Standard, file: File, values: Mapping[str, str]) -> bytes:
    """A record or binary content of untagged elements, in table order."""
    elements = standard.elements(file.path)
    return b"".join(stated(standard, element, values.get(element.id, "")) for element in elements)


def personalise_sam(standard: Standard, type_number: int, city_code: bytes, pin: bytes) -> SamImage:
    """The image of a SAM of one of the five types, for a terminal in the province of ``city_code``."""
    held = standard.sam_types[type_number].keys
    return SamImage(
        historical=b"HEALTHSAM\x00\x00\x00" + bytes((type_number,)),
        type=type_number,
        pin=pin,
        files=sam_files(standard, type_number),
        keys={key: _sam_key(standard, key, city_code) for key in held},
        signing_key=sam_signing_key(type_number),
    )


def _sam_key(standard: Standard, key: str, city_code: bytes) -> SecretKey:
    """The key at its level: national where the SAM diversifies twice, the province's where it does so once."""
    if standard.sam_keys[key].levels > 1:
        return demo_key(key)
    return diversify(demo_key(key), province_factor(city_code))
