"""The trades of Wenzhou's interface: from the fields of a body to a verb, and from an answer to its fields.

Fields and widths: rows of `wire_fields.csv` for the profile ``wenzhou``. Source: EC-WZ. An application (11001) answers
with a dynamic code and nothing else; again, it gives the same card and a new code, and restores a cancelled card;
static codes are downloaded for printing labels (11004). Decisions: a document named together with a name means the
person of both, by the index id that follows from them, so that a wrong name finds nobody; a staffed window's clerk
(operator) certifies the person, other terminals have checked him themselves.
"""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reference.ecard.broken_rules import BrokenRule
from reference.ecard.ids import index_id
from reference.ecard.moments import china_text, moment_of
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    ApplyCode,
    ApplyTemporary,
    Cancel,
    Code,
    Person,
    Proof,
    Query,
    Register,
    ServerTime,
    Temporary,
    Time,
    Update,
    Verb,
    Verified,
    Verify,
    VerifyTemporary,
    Who,
)
from reference.gateway.profiles.card_with_code import CardAndCode, CardWithCode
from reference.gateway.profiles.wenzhou_temporary import number_of, temporary_text
from reference.qr.images import png
from reference.standard.ecard import load_ecard
from reference.store.account_rows import state_refusal

PROFILE = "wenzhou"
SETTINGS: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("wenzhou.toml").read_text("utf-8"))
MARK_OF_KIND = {kind: mark for mark, kind in SETTINGS["kinds"].items()}
CHANGEABLE = {
    "sex": "sex",
    "birthday": "birthday",
    "nation": "nationality",
    "nationality": "citizenship",
    "phone": "tel",
    "address": "address",
    "domicile": "domicile",
}
"""The resident's data that can be changed: name in the core, name on the wire."""
PERSON = {"id_type": "idcard_type", "id_number": "idcard_value", "name": "name"} | CHANGEABLE
"""All of the resident's data, likewise."""
OLD_CITIZEN_NUMBER = 15
"""Characters of the old citizen number, from which no index id follows: it names its person by itself."""

Values = dict[str, str]
Fields = dict[str, str]


def _person(values: Values) -> dict[str, str]:
    return {core: values[wire] for core, wire in CHANGEABLE.items()} | {
        "birthday": values["birthday"].replace("-", ""),
    }


def _proof(values: Values, header: Values) -> Proof:
    if values["terminal_type"] != SETTINGS["window"]:
        return Proof(way="trusted")
    return Proof(way="on-site", clerk_name=header["operator_name"], clerk_id_number=header["operator_code"])


def _apply(values: Values, header: Values, now_ms: int) -> CardWithCode:
    named = {"id_type": values["idcard_type"], "id_number": values["idcard_value"], "name": values["name"]}
    person = Person(**named, **_person(values))
    card = Register(person=person, proof=_proof(values, header), mode=values["appmode"])
    return CardWithCode(card=card, kind="dynamic")


def _who(values: Values) -> Who:
    """By card id, index id, or document. Raises Refusal ``request.empty-field``."""
    if values["erhc_cardno"]:
        return Who(ecard_id=values["erhc_cardno"])
    if values["empi"]:
        return Who(index_id=values["empi"])
    for field in ("idcard_type", "idcard_value"):
        if not values[field]:
            raise Refusal("request.empty-field", field)
    return Who(id_type=values["idcard_type"], id_number=values["idcard_value"])


def _named(values: Values) -> Who:
    """As `_who`, where a document with a name means the person of both."""
    who = _who(values)
    if not (who.id_number and values["name"]) or len(who.id_number) == OLD_CITIZEN_NUMBER:
        return who
    try:
        return Who(index_id=index_id(who.id_type, who.id_number, values["name"]))
    except BrokenRule as broken:
        raise Refusal(broken.id, "idcard_value") from None


def _modify(values: Values, header: Values, now_ms: int) -> Verb:
    proof = _proof(values, header) if values["name"] else None
    changes: dict[str, Any] = _person(values)
    return Update(who=_who(values), name=values["name"], proof=proof, **changes)


def _cancel(values: Values, header: Values, now_ms: int) -> Verb:
    return Cancel(who=_named(values), code=values["qrcode_info"], reason=values["reason"] or "holder")


def _static(values: Values, header: Values, now_ms: int) -> Verb:
    return ApplyCode(who=_named(values), kind="static", again=True)


def _dynamic(values: Values, header: Values, now_ms: int) -> Verb:
    return ApplyCode(who=_named(values), kind="dynamic", refresh=True)


def _verify(values: Values, header: Values, now_ms: int) -> Verb:
    text = values["qrcode_info"]
    number = number_of(text)
    if number is not None:
        return VerifyTemporary(number=number)
    return Verify(text=text, step=values["med_stepcode"], request=header["request_id"])


def _temporary(values: Values, header: Values, now_ms: int) -> Verb:
    clinic_ms = moment_of(values["clinic_time"]) if values["clinic_time"] else now_ms
    return ApplyTemporary(name=values["name"], sex=values["sex"], age=int(values["age"]), clinic_ms=clinic_ms)


REQUESTS: dict[str, Callable[[Values, Values, int], Verb | CardWithCode]] = {
    "10001": lambda values, header, now_ms: ServerTime(),
    "11001": _apply,
    "11002": _modify,
    "11003": _cancel,
    "11004": _static,
    "30004": _dynamic,
    "12001": _verify,
    "12002": lambda values, header, now_ms: Query(who=_named(values)),
    "T0001": _temporary,
}
"""The verb that a trade asks for, by its checked fields, those of the header, and the time."""


def _account(account: Account) -> Fields:
    person = {wire: getattr(account.person, core) for core, wire in PERSON.items()}
    return person | {
        "birthday": dashed(account.person.birthday),
        "empi": account.index_id,
        "erhc_cardno": account.ecard_id,
        "idcard_no": account.person.id_number,
        "issuer_orgcode": account.institution,
        "status": SETTINGS["states"].get(account.state, ""),
    }


def dashed(date: str) -> str:
    """A date YYYYMMDD as Wenzhou writes it, YYYY-MM-DD; empty where there is none."""
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if date else ""


def _code(code: Code) -> Fields:
    """A code with its image. How long it holds: ``validseconds`` and ``invalidtime``, empty for a static one."""
    image = png(code.text, code.colour, load_ecard().limit("qr-image-pixels"))
    holds = code.expires_ms is not None
    return {
        "erhc_cardno": code.ecard_id,
        "qrcode_type": MARK_OF_KIND[code.kind],
        "qrcode_info": code.text,
        "qrcode_imagedata": base64.b64encode(image).decode(),
        "validseconds": str(((code.expires_ms or 0) - code.issued_ms) // 1000) if holds else "",
        "invalidtime": china_text(code.expires_ms or 0) if holds else "",
    }


def _card_and_code(made: CardAndCode) -> Fields:
    return _account(made.account) | {"isnew": str(int(made.account.new))} | (_code(made.code) if made.code else {})


def _verified(verified: Verified) -> Fields:
    return _account(verified.account) | {
        "qrcode_type": MARK_OF_KIND[verified.kind],
        "invalidtime": "" if verified.expires_ms is None else china_text(verified.expires_ms),
        "surplusnum": "" if verified.uses_left is None else str(verified.uses_left),
    }


def _found(found: AccountWithCodes) -> Fields:
    """What 12002 tells; ``is_apply`` is 1 for a card that holds."""
    holds = state_refusal(found.account.state, load_ecard()) is None
    return _account(found.account) | {"is_apply": "1" if holds else "0"}


def _temporary_card(card: Temporary) -> Fields:
    return {
        "empi": card.index_id,
        "name": card.name,
        "sex": card.sex,
        "age": str(card.age),
        "clinic_time": china_text(card.clinic_ms),
        "qrcode_type": MARK_OF_KIND["temporary"],
        "qrcode_info": temporary_text(card),
        "invalidtime": china_text(card.expires_ms),
    }


ANSWERS: dict[type, Callable[[Any], Fields]] = {
    Account: _account,
    AccountWithCodes: _found,
    CardAndCode: _card_and_code,
    Code: _code,
    Temporary: _temporary_card,
    Time: lambda time: {"server_datetime": china_text(time.now_ms, SETTINGS["time"])},
    Verified: _verified,
}
"""The fields of each answer."""
