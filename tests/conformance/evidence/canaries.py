"""A holder whose every personal value can be told from all others, and the forms in which such a value may leak.

Names and numbers do not come about by chance; short values (flags, codes) cannot be searched for, and are covered by
the rule that whole records are withheld (`test_redaction.py`).
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from conformance.engine.stand import numbered
from reference.standard import Standard
from simulators.cards.demo import demo_personalisation
from simulators.cards.mutants.access import ClinicalDataOpenToAll, HolderDataRewritable, PaymentDataOpenToUpdates
from simulators.cards.mutants.updates import UpdatesForgotten
from simulators.cards.personalisation import Personalisation, personalise_card
from simulators.sources import SeededRandomness

NAME, PHONE, CITIZEN_ID, ADDRESS = "饕餮貔貅", "13764209851", "53292219070329174X", "黔东南苗岭獬豸巷四七八号"
CANARY_VALUES = {
    "DDF1/EF05": {"card-number": CITIZEN_ID, "issue-serial": "KOLIBRI937"},
    "DDF1/EF06": {"name": NAME, "birth-date": "19070329", "citizen-id": CITIZEN_ID},
    "DDF1/EF08": {"own-phone-1": PHONE, "own-phone-2": "085597316402"},
    "DDF1/DF01/EF05": {"address-1": ADDRESS, "address-2": "猕猴桃坪鹧鸪塘九十三号"},
    "DDF1/DF01/EF06": {
        "contact-name-1": "麒麟犼",
        "contact-phone-1": "15928374650",
        "contact-name-2": "狻猊兕",
        "contact-phone-2": "17046839251",
    },
    "DDF1/DF01/EF08": {
        "document-number": "H83620571946283051",
        "health-record-number": "60417395826047391",
        "ncms-number": "739160284751936028",
    },
    "DDF1/DF02/EF05": {"other-alert": "鸩羽过敏须警惕"},
    "DDF1/DF03/EE01": {
        "medical-record-number": "ZY9384710265738491",
        "diagnosis-1.name": "蛟龙痫",
        "diagnosis-2.name": "朱鹮热",
    },
    "DDF1/DF03/ED01": {
        "outpatient-number": "MZ5820647193058264",
        "symptom-1.symptom": "鹓鶵咳",
        "drug-1.name": "鹿衔草丸",
    },
}
ALLERGY = {"substance": "鹈鹕绒", "reaction": "鼯鼠样皮疹"}
PIN = bytes.fromhex("7391846205513977")
SHORTEST = 5
"""Bytes that a searched form has at least: shorter ones occur by chance."""
PHOTO_SAMPLE = slice(40, 72)


def holder() -> Personalisation:
    """The demo holder with canaries in the place of what tells him from others."""
    order: dict[str, Any] = msgspec.to_builtins(demo_personalisation())
    for path, values in CANARY_VALUES.items():
        order["values"][path].update(values)
    order["records"]["DDF1/DF02/EF07"][0] = dict(ALLERGY)
    return msgspec.convert(order, Personalisation)


def expected() -> dict[str, dict[str, str]]:
    """What the run is told of the sample; one name and one telephone are stated otherwise than the card has them."""
    order = holder()
    stated = {path: dict(values) for path, values in order.values.items()} | numbered(order.records)
    stated["DDF1/EF06"]["name"] = "白泽獓"
    stated["DDF1/EF08"]["own-phone-1"] = "18352907461"
    return stated


def texts() -> list[str]:
    """Every canary that is a text, of the card and of what is stated about it."""
    told = [value for values in CANARY_VALUES.values() for value in values.values()]
    return [*told, *ALLERGY.values(), "白泽獓", "18352907461"]


def photo() -> bytes:
    """Some bytes out of the middle of the photo."""
    return bytes.fromhex(holder().values["DDF1/EF07"]["photo"])[PHOTO_SAMPLE]


class FaultyCanary(UpdatesForgotten, ClinicalDataOpenToAll, HolderDataRewritable, PaymentDataOpenToUpdates):
    """Breaks rules all over, so that there are findings to quote from; and gives content along with refusals."""

    def transmit(self, command: bytes) -> bytes:
        """As the card, but a refused reading of the holder's file carries the address in GB 18030."""
        answer = super().transmit(command)
        refused = command[1:2] == b"\xb2" and len(answer) == 2 and answer != b"\x90\x00"
        return (ADDRESS.encode("gb18030") if refused else b"") + answer


def faulty_card(standard: Standard) -> FaultyCanary:
    """The canary in a card with a wrong coding, a wrong tag and a wrong length as well."""
    image = personalise_card(standard, holder())
    contacts = image.files["DDF1/DF01/EF06"].records
    contacts[0] = contacts[0][:2] + "麒麟犼".encode().ljust(30, b"\0")
    documents = image.files["DDF1/DF01/EF08"].records
    documents[1] = b"\x7e" + documents[1][1:]
    addresses = image.files["DDF1/DF01/EF05"].records
    addresses[1] = addresses[1] + b"X"
    return FaultyCanary(standard, image, SeededRandomness(7))


def forms_of_text(text: str) -> set[bytes]:
    """A text as it may leak: in two codings and JSON's, each also in hexadecimal, base64 and packed digits."""
    found: set[bytes] = set()
    for coded in (text.encode(), text.encode("gb18030"), text.encode("ascii", "backslashreplace")):
        found |= forms_of_bytes(coded)
    if text.rstrip("X").isdigit():
        for digits in (text, text + "F", text.rstrip("X").ljust(len(text) + len(text) % 2, "F")):
            if len(digits) % 2 == 0 and "X" not in digits:
                found |= forms_of_bytes(bytes.fromhex(digits))
    return {form for form in found if len(form) >= SHORTEST}


def forms_of_bytes(value: bytes) -> set[bytes]:
    """Bytes bare, in hexadecimal of both cases with and without gaps, with halves of bytes exchanged, in base64."""
    swapped = bytes((byte & 0x0F) << 4 | byte >> 4 for byte in value)
    written = [form for one in (value, swapped) for form in (one.hex(), one.hex().upper(), one.hex(" ").upper())]
    return {value, swapped, *(form.encode() for form in written), *_base64(value)}


def _base64(value: bytes) -> set[bytes]:
    """What of the base64 form does not depend on the bytes around, at each of the three places it can begin."""
    return {base64.b64encode(bytes(lead) + value)[own:-4] for lead, own in ((0, 0), (1, 2), (2, 3))}


def leaks(places: dict[str, bytes], canaries: dict[str, set[bytes]]) -> list[str]:
    """Which canary stands where."""
    return [
        f"{canary} in {place} as {form[:40]!r}"
        for place, content in places.items()
        for canary, forms in canaries.items()
        for form in forms
        if len(form) >= SHORTEST and form in content
    ]
