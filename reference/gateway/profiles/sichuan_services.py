"""The services of Sichuan's interface: from the fields of a request to a verb, and from an answer to its fields.

Fields and widths: rows of `wire_fields.csv` for the profile ``sichuan``. Source: EC-SC.
"""

from __future__ import annotations

import functools
import operator
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from reference.ecard.moments import china_text, moment_of
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    AddInstitution,
    ApplyCode,
    Cancel,
    Code,
    Institution,
    Person,
    Proof,
    Query,
    QueryInstitution,
    Register,
    Reported,
    ReportedUse,
    ReportUses,
    Update,
    UpdateInstitution,
    Verb,
    Verified,
    Verify,
    Who,
)
from reference.gateway.fields import QuickForm, check_fields, check_part, field_rules, photo_of

PROFILE = "sichuan"
READING = "ehc.ehealthcode.verify"
"""Verification, the hot path: its body tells terminal and channel too, and `reading_form` reads it."""
SETTINGS: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("sichuan.toml").read_text("utf-8"))
MARK_OF_KIND = {kind: mark for mark, kind in SETTINGS["kinds"].items()}
PERSON = {
    "id_type": "id_type",
    "id_number": "id_no",
    "name": "name",
    "sex": "gender",
    "birthday": "birthday",
    "nation": "nation",
    "nationality": "nationality",
    "phone": "cellphone",
    "telephone": "telephone",
    "address": "address",
    "domicile": "domicile",
    "employer": "workcode",
    "marital_status": "maritalstatus",
}
"""The resident's data: name in the core, name on the wire."""
MOMENTS_KEPT = 1024
"""Codes expire at whole seconds: the same few hundred moments are written again and again."""


def _fields(method: str, content: Mapping[str, Any]) -> dict[str, str]:
    return check_fields(field_rules(PROFILE, method), content)


def _register(content: Mapping[str, Any], now_ms: int) -> Verb:
    values = _fields("ehc.ehealthcard.register", content)
    way = _way(values["rzfs"])
    photo = photo_of(values["file1"], "file1")
    proof = Proof(way=way, photo_face=photo, clerk_name=values["operator"], clerk_id_number=values["operator_id"])
    person = Person(**{core: values[wire] for core, wire in PERSON.items()})
    return Register(person=person, proof=proof, mode=values["apply_type"])


def _way(mark: str) -> Literal["online", "on-site", "trusted"]:
    way: Literal["online", "on-site", "trusted"] | None = SETTINGS["proofs"].get(mark)
    if way is None:
        raise Refusal("person.unknown-code", "rzfs")
    return way


def _update(content: Mapping[str, Any], now_ms: int) -> Verb:
    values = _fields("ehc.ehealthcard.modify", content)
    proof = Proof(way=_way(values["rzfs"])) if values["rzfs"] else None
    changes: dict[str, Any] = {core: values[wire] for core, wire in PERSON.items()}
    return Update(who=Who(ecard_id=values["ehealth_card_id"]), proof=proof, **changes)


def _close(content: Mapping[str, Any], now_ms: int) -> Verb:
    values = _fields("ehc.ehealthcard.close", content)
    return Cancel(who=Who(ecard_id=values["ehealth_card_id"]), reason=values["revoke_reason"] or "holder")


def _generate(content: Mapping[str, Any], now_ms: int) -> Verb:
    values = _fields("ehc.ehealthcode.generate", content)
    kind = SETTINGS["kinds"].get(values["ewmbs"]) if values["ewmbs"] else None
    if values["ewmbs"] and kind is None:
        raise Refusal("person.unknown-code", "ewmbs")
    return ApplyCode(
        who=Who(ecard_id=values["ehealth_card_id"]),
        kind=kind,
        scene=values["medstepcode"],
        payment=values["token"],
        refresh=values["refresh"] == "1",
        again=values["again"] == "1",
    )


@functools.cache
def reading_form() -> QuickForm:
    """The fields of a verification."""
    return QuickForm(PROFILE, READING)


def read_fields(content: Mapping[str, Any]) -> Any:
    """The form of a verification, field by field. Raises Refusal."""
    return reading_form().form(**_fields(READING, content))


def reading(form: Any) -> Verb:
    """The verb of a verification whose fields are checked."""
    return Verify(text=form.ehealth_code, step=form.medstepcode, request=form.verify_no)


def _verify(content: Mapping[str, Any], now_ms: int) -> Verb:
    return reading(read_fields(content))


def _query(content: Mapping[str, Any], now_ms: int) -> Verb:
    values = _fields("ehc.ehealthcode.query", content)
    if values["ehealth_card_id"]:
        return Query(who=Who(ecard_id=values["ehealth_card_id"]))
    if not (values["id_type"] and values["id_no"]):
        raise Refusal("request.empty-field", "ehealth_card_id")
    return Query(who=Who(id_type=values["id_type"], id_number=values["id_no"]))


def _report(content: Mapping[str, Any], now_ms: int) -> Verb:
    _fields("ehc.ehealthcode.usecarddate", content)
    rows = check_part(PROFILE, "ehc.ehealthcode.usecarddate", "data", content.get("data"))
    return ReportUses(uses=tuple(_reported(row) for row in rows))


def _reported(values: Mapping[str, str]) -> ReportedUse:
    return ReportedUse(
        serial=values["use_no"],
        card=values["ehealth_card_id"],
        used_ms=moment_of(values["use_time"]),
        terminal=values["terminalcode"],
        channel=values["channelcode"],
        step=values["medstepcode"],
        department=values["department"],
    )


def _institution(content: Mapping[str, Any]) -> Institution:
    values = _fields("ehc.org.addorg", content)
    state = SETTINGS["valid"].get(values["valid"] or "1")
    if state is None:
        raise Refusal("person.unknown-code", "valid")
    return Institution(
        code=values["orgcode"],
        name=values["orgname"],
        kind=values["orgproperty"],
        access_method=values["accessmethod"],
        valid_until=values["validtime"][:8],
        address=values["orgaddr"],
        level=values["orglevel"],
        hierarchy=values["orghierarchy"],
        state=state,
    )


def _query_institution(content: Mapping[str, Any], now_ms: int) -> Verb:
    return QueryInstitution(code=_fields("ehc.org.queryorg", content)["orgcode"])


REQUESTS: dict[str, Callable[[Mapping[str, Any], int], Verb]] = {
    "ehc.ehealthcard.register": _register,
    "ehc.ehealthcard.modify": _update,
    "ehc.ehealthcard.close": _close,
    "ehc.ehealthcode.generate": _generate,
    READING: _verify,
    "ehc.ehealthcode.query": _query,
    "ehc.ehealthcode.usecarddate": _report,
    "ehc.org.addorg": lambda content, now_ms: AddInstitution(institution=_institution(content)),
    "ehc.org.updateorg": lambda content, now_ms: UpdateInstitution(institution=_institution(content)),
    "ehc.org.queryorg": _query_institution,
}
"""The verb that a service asks for."""
REQUESTS |= {method: REQUESTS[same] for method, same in SETTINGS["same_fields"].items() if method not in REQUESTS}


_person = operator.attrgetter(*PERSON)


def _account(account: Account) -> dict[str, Any]:
    fields: dict[str, Any] = dict(zip(PERSON.values(), _person(account.person), strict=True))
    fields["ehealth_card_id"] = account.ecard_id
    fields["mindexid"] = account.index_id
    fields["state"] = state_number(account)
    return fields


def state_number(account: Account) -> str:
    """The number of the account's state on the wire."""
    return SETTINGS["states"].get(account.state, "")  # type: ignore[no-any-return]


def _code(code: Code) -> dict[str, Any]:
    return {
        "ehealth_card_id": code.ecard_id,
        "ehealth_code": code.text,
        "ewmbs": MARK_OF_KIND[code.kind],
        "invalidtime": "" if code.expires_ms is None else china_text(code.expires_ms),
        "color": str(code.colour),
    }


@functools.lru_cache(MOMENTS_KEPT)
def _moment_text(moment: int) -> str:
    return china_text(moment)


def _verified(verified: Verified) -> dict[str, Any]:
    return _account(verified.account) | {
        "ewmbs": MARK_OF_KIND[verified.kind],
        "invalidtime": "" if verified.expires_ms is None else _moment_text(verified.expires_ms),
        "surplusnum": "" if verified.uses_left is None else str(verified.uses_left),
    }


def _institution_fields(institution: Institution) -> dict[str, Any]:
    marks = {state: mark for mark, state in SETTINGS["valid"].items()}
    return {
        "orgcode": institution.code,
        "orgname": institution.name,
        "orgproperty": institution.kind,
        "accessmethod": institution.access_method,
        "validtime": institution.valid_until,
        "orgaddr": institution.address,
        "orglevel": institution.level,
        "orghierarchy": institution.hierarchy,
        "valid": marks.get(institution.state, "0"),
    }


ANSWERS: dict[type, Callable[[Any], dict[str, Any]]] = {
    Account: lambda account: _account(account) | {"isnew": "1" if account.new else "0"},
    AccountWithCodes: lambda found: _account(found.account) | {"codes": [_code(code) for code in found.codes]},
    Code: _code,
    Verified: _verified,
    Reported: lambda reported: {"kept": str(reported.kept), "known": str(reported.known)},
    Institution: _institution_fields,
}
"""The fields of each answer."""
