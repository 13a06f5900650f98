"""The answers of Qinghai's services: from what the platform tells to the elements of a response.

Source: EC-QH chapter 3, tables and examples of the answers. Deviations, each a decision: ``main_index`` has the 64
digits of the index id (text: 30 or 32), ``ecardId`` 64 everywhere (text: 20 in E0003), every person has both.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from reference.ecard.moments import china_text
from reference.ecard.refusals import Refusal
from reference.ecard.states import AccountState, state_number
from reference.ecard.verbs import Account, AccountWithCodes, Code, Count, Members, Temporary, Verified
from reference.gateway.profiles.qinghai_services import CITIZEN_CARD, PERSON, PROFILE
from reference.gateway.profiles.qinghai_xml import SETTINGS, Content
from reference.qr.images import png
from reference.standard.ecard import load_ecard
from reference.store.account_rows import state_refusal

MARK_OF_KIND = {kind: mark for mark, kind in SETTINGS["kinds"].items()}


def content_of(service: str, answer: Any) -> Content:
    """What a response holds beside result, description and code; nothing for services that tell no more."""
    return ANSWERS[service](answer) if service in ANSWERS else {}


def _person(account: Account) -> dict[str, Any]:
    person = {wire: getattr(account.person, core) for core, wire in PERSON.items()}
    person["id_card"] = person["id_number"] if person["id_type"] == CITIZEN_CARD else ""
    number = state_number(PROFILE, AccountState(account.state))
    return person | {"main_index": account.index_id, "ecardId": account.ecard_id, "ehc_card_status": number}


def _registered(account: Account) -> Content:
    return {"personinfo": _person(account)}


def _image(text: str, colour: int) -> str:
    """The code as PNG in Base64 (EC-QH 3.3: 200 by 200 pixels)."""
    return base64.b64encode(png(text, colour, load_ecard().limit("qr-image-pixels"))).decode()


def _applied(code: Code) -> Content:
    image = _image(code.text, code.colour)
    return {"ehc_cardinfo": {"qr_code": code.text, "qr_code_imgtext": image, "qr_code_imgurl": ""}}


def _verified(verified: Verified) -> Content:
    """The plain text of the code: card id, kind, and for a dynamic code the time until which it holds."""
    plain = f"{verified.account.ecard_id}:{MARK_OF_KIND[verified.kind]}"
    if verified.expires_ms is not None:
        plain += f":{china_text(verified.expires_ms)}"
    return {"ehc_cardinfo": {"qr_codetext": plain} | _person(verified.account)}


def _found(found: AccountWithCodes) -> Content:
    """Raises the Refusal of a card that does not hold: the query has codes of its own for these states."""
    refusal = state_refusal(found.account.state, load_ecard())
    if refusal is not None:
        raise Refusal(refusal)
    codes = {code.kind: code for code in found.codes}
    static, dynamic = codes.get("static"), codes.get("dynamic")
    shown = {
        "qr_code": static.text if static else "",
        "qr_code_imgtext": _image(static.text, static.colour) if static else "",
        "dt_qr_code": dynamic.text if dynamic else "",
        "qr_code_dtimgtext": _image(dynamic.text, dynamic.colour) if dynamic else "",
    }
    return {"ehc_cardinfo": shown | _person(found.account)}


def _members(members: Members) -> list[Content]:
    return [_person(member.account) | {"relation": member.relation} for member in members.members]


def _family(members: Members) -> Content:
    return {"total": str(len(members.members)), "personinfo": _members(members)}


def _temporary(card: Temporary) -> Content:
    return {"qr_code": card.number, "qr_code_imgtext": _image(card.number, 0)}


def _temporary_person(card: Temporary) -> Content:
    time = china_text(card.clinic_ms, SETTINGS["moment"])
    return {"name": card.name, "age": str(card.age), "sex": card.sex, "clinicTime": time}


def _count(count: Count) -> Content:
    return {"count": str(count.count)}


ANSWERS: dict[str, Callable[[Any], Content]] = {
    "RHC_E0001": _registered,
    "RHC_E0002": _applied,
    "RHC_E0003": _verified,
    "RHC_E0005": _found,
    "RHC_E0006": _registered,
    "RHC_E0007": _registered,
    "RHC_E0010": _family,
    "RHC_E0012": _temporary,
    "RHC_E0013": _temporary_person,
    "RHC_E0015": lambda members: {"personinfos": {"personinfo": _members(members)}},
    "RHC_E0016": _registered,
    "RHC_E0017": _count,
}
"""The elements of each answer that has any."""
