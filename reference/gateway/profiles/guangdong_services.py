"""The methods of Guangdong's interface: from the fields of a body to a verb, and from an answer to its fields.

Fields and widths: rows of `wire_fields.csv` for the profile ``guangdong``. Source: EC-GD. Decisions: the registered
residence (address) is the core's domicile, currentAddress its address; a static code comes with registration and
activation, a dynamic one from getActiveQrCode, which replaces the last as a display does; whoever claims a card made in
advance says its holder's name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reference.ecard.moments import china_text
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    ApplyCode,
    Batch,
    Child,
    Claim,
    Code,
    Person,
    Prefabricate,
    Proof,
    Query,
    Register,
    Update,
    Verb,
    Verified,
    Verify,
    Who,
)
from reference.gateway.fields import check_fields, field_rules, photo_of
from reference.gateway.profiles.card_with_code import CardAndCode, CardWithCode

PROFILE = "guangdong"
SETTINGS: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("guangdong.toml").read_text("utf-8"))
MARK_OF_KIND = {kind: mark for mark, kind in SETTINGS["kinds"].items()}
CITIZEN_CARD = "01"
CHILD = "2"
CHANGEABLE = {
    "sex": "sex",
    "birthday": "birthday",
    "nation": "nation",
    "nationality": "nationality",
    "phone": "phone",
    "telephone": "telephone",
    "address": "currentAddress",
    "domicile": "address",
    "marital_status": "maritalstatuscode",
}
"""The resident's data that can be changed: name in the core, name on the wire."""
PERSON = {"id_type": "idCardTypeCode", "id_number": "idCode", "name": "name"} | CHANGEABLE
"""All of the resident's data, likewise."""

Values = dict[str, str]


def fields_of(method: str, body: Mapping[str, object]) -> Values:
    """The checked values of a body whose enciphered fields are open. Raises Refusal."""
    return check_fields(field_rules(PROFILE, method), body)


def _create(values: Values, nonce: str) -> Verb | CardWithCode:
    person = Person(**{core: values[wire] for core, wire in PERSON.items()})
    if values["appMode"] == SETTINGS["premade_mode"]:
        return Prefabricate(persons=(person,), source=SETTINGS["premade_source"])
    child = _child(values) if values["personnelType"] == CHILD else None
    card = Register(person=person, proof=_proof(values), child=child, mode=values["appMode"])
    return CardWithCode(card=card, kind="static")


def _child(values: Values) -> Child:
    return Child(
        guardian_id_type=(values["motherIdCardTypeCode"] or CITIZEN_CARD) if values["motherIdCode"] else "",
        guardian_id_number=values["motherIdCode"],
        mother_name=values["motherName"],
        multiple_birth=values["multifetalMark"] == "1",
        birth_order=int(values["multpripleBirths"] or 0),
    )


def _proof(values: Values) -> Proof:
    """The way that is named, else online where a photo of the scene shows it, else trusted."""
    mark = values["authMode"]
    if mark and mark not in SETTINGS["proofs"]:
        raise Refusal("person.unknown-code", "authMode")
    return Proof(
        way=SETTINGS["proofs"][mark] if mark else "online" if values["scenePhoto"] else "trusted",
        photo_front=photo_of(values["idPhoto"], "idPhoto"),
        photo_face=photo_of(values["scenePhoto"], "scenePhoto"),
        clerk_name=values["operatorName"],
        clerk_id_number=values["operatorIdCode"],
    )


def _who(values: Values) -> Who:
    """By card id, else by document (EC-GD: one of them). Raises Refusal ``request.empty-field``."""
    if values["erhcCardNo"]:
        return Who(ecard_id=values["erhcCardNo"])
    if not values["idCardTypeCode"]:
        raise Refusal("request.empty-field", "idCardTypeCode" if values["idCode"] else "erhcCardNo")
    if not values["idCode"]:
        raise Refusal("request.empty-field", "idCode")
    return Who(id_type=values["idCardTypeCode"], id_number=values["idCode"])


def _modify(values: Values, nonce: str) -> Verb:
    changes: dict[str, Any] = {core: values[wire] for core, wire in CHANGEABLE.items()}
    return Update(who=Who(ecard_id=values["erhcCardNo"]), **changes)


def _activate(values: Values, nonce: str) -> CardWithCode:
    return CardWithCode(card=Claim(who=_who(values), name=values["name"], proof=_proof(values)), kind="static")


def _verify(values: Values, nonce: str) -> Verb:
    return Verify(text=values["qrCode"], step=values["medStepCode"], request=nonce)


REQUESTS: dict[str, Callable[[Values, str], Verb | CardWithCode]] = {
    "createVmcardQRcode": _create,
    "modifyVmcardInfo": _modify,
    "getPersonInfo": lambda values, nonce: Query(who=_who(values)),
    "queryIfHasRegistered": lambda values, nonce: Query(who=_who(values)),
    "getActiveQrCode": lambda values, nonce: ApplyCode(who=_who(values), kind="dynamic", refresh=True),
    "getPersonInfoByQrCode": _verify,
    "activateVmcardQRcode": _activate,
}
"""The verb that a method asks for, by its checked fields and the nonce of the request."""


def _account(account: Account) -> dict[str, Any]:
    person = {wire: getattr(account.person, core) for core, wire in PERSON.items()}
    return person | {
        "empi": account.index_id,
        "erhcCardNo": account.ecard_id,
        "status": SETTINGS["states"].get(account.state, ""),
        "isNew": "1" if account.new else "0",
    }


def _code(code: Code) -> dict[str, Any]:
    return {
        "erhcCardNo": code.ecard_id,
        "qrCode": code.text,
        "qrCodeType": MARK_OF_KIND[code.kind],
        "invalidTime": "" if code.expires_ms is None else china_text(code.expires_ms),
        "validSeconds": "" if code.expires_ms is None else str((code.expires_ms - code.issued_ms) // 1000),
        "color": str(code.colour),
    }


def _verified(verified: Verified) -> dict[str, Any]:
    return _account(verified.account) | {
        "qrCodeType": MARK_OF_KIND[verified.kind],
        "invalidTime": "" if verified.expires_ms is None else china_text(verified.expires_ms),
        "surplusNum": "" if verified.uses_left is None else str(verified.uses_left),
    }


def _made(batch: Batch) -> dict[str, Any]:
    """A batch of one row: what became of it, with the problems that keep the card from being made."""
    (row,) = batch.rows
    return {
        "batchNo": batch.batch_id,
        "batchState": row.state,
        "erhcCardNo": row.ecard_id,
        "problems": " ".join(row.problems),
    }


ANSWERS: dict[type, Callable[[Any], dict[str, Any]]] = {
    Account: _account,
    AccountWithCodes: lambda found: _account(found.account),
    CardAndCode: lambda made: _account(made.account) | ({"qrCode": made.code.text} if made.code else {}),
    Batch: _made,
    Code: _code,
    Verified: _verified,
}
"""The fields of each answer, before any is enciphered."""


def registered(found: AccountWithCodes) -> dict[str, Any]:
    """The answer of queryIfHasRegistered for a known person."""
    return {**SETTINGS["registered"], "status": SETTINGS["states"].get(found.account.state, "")}


UNREGISTERED: Mapping[str, Any] = SETTINGS["unregistered"]
"""The answer of queryIfHasRegistered for an unknown person."""
