"""What the answers of Tencent's open platform tell its clients."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from reference.ecard.moments import moment_of
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    ApplyCode,
    Batch,
    BatchRow,
    Code,
    LinkMedium,
    Media,
    Person,
    Prefabricate,
    Query,
    Register,
    Reported,
    ReportUses,
    Verified,
    Verify,
)
from reference.gateway.profiles.card_with_code import CardAndCode
from reference.gateway.profiles.tencent_services import KINDS, NATIONS, PLAIN, SECOND, SETTINGS, SEXES
from reference.gateway.profiles.tencent_verbs import (
    DrawCode,
    DrawnCode,
    Enrol,
    IssueToken,
    Renewed,
    RenewIds,
    Token,
)

STATES = {number: state for state, number in SETTINGS["states"].items()}

Fields = dict[str, Any]


def _account(card: Fields) -> Account:
    return _known(
        Person(
            **{core: card[wire] for core, wire in PLAIN.items()},
            sex=SEXES.get(card["gender"], ""),
            nation=NATIONS.get(card["nation"], ""),
            birthday=card["birthday"].replace("-", ""),
        ),
        card,
    )


def _known(person: Person, card: Fields) -> Account:
    return Account(
        person=person,
        index_id=card["phid"],
        ecard_id=card["healthCardId"],
        state=STATES.get(card.get("status", ""), ""),
        registered_ms=0,
        updated_ms=0,
        new=card.get("isNew") == "1",
    )


def _enrolled(rsp: Fields, verb: Enrol) -> CardAndCode:
    account = _known(verb.register.person, rsp)
    text = rsp["qrCodeText"]
    code = Code(text=text, kind="static", ecard_id=account.ecard_id, issued_ms=0) if text else None
    return CardAndCode(account=account, code=code)


def _batch(rsp: Fields) -> Batch:
    return Batch(
        batch_id=rsp["batchNo"],
        rows=tuple(
            BatchRow(
                row=item["row"],
                state=item["state"],
                ecard_id=item["healthCardId"],
                problems=tuple(item["problems"].split()),
            )
            for item in rsp["rspItems"]
        ),
    )


def _code(rsp: Fields) -> Code:
    expires = _moment(rsp["invalidTime"])
    return Code(
        text=rsp["qrCodeText"],
        kind=KINDS[rsp["codeType"]],
        ecard_id=rsp["healthCardId"],
        issued_ms=0 if expires is None else expires - int(rsp["validSeconds"]) * 1000,
        expires_ms=expires,
        colour=rsp["color"],
    )


def _verified(rsp: Fields) -> Verified:
    return Verified(
        account=_account(rsp),
        kind=KINDS[rsp["qrCodeType"]],
        expires_ms=_moment(rsp["invalidTime"]),
        uses_left=int(rsp["surplusNum"]) if rsp["surplusNum"] else None,
    )


def _found(rsp: Fields) -> AccountWithCodes:
    account, text = _account(rsp["card"]), rsp["card"]["qrCodeText"]
    codes = (Code(text=text, kind="static", ecard_id=account.ecard_id, issued_ms=0),) if text else ()
    return AccountWithCodes(account=account, codes=codes)


def _renewed(rsp: Fields) -> Renewed:
    return Renewed(
        accounts=tuple(
            _known(Person(id_type=item["idType"], id_number=item["idNumber"], name=""), item)
            for item in rsp["rspItems"]
        )
    )


def _moment(text: str) -> int | None:
    return moment_of(text, SECOND) if text else None


READERS: dict[type, Callable[[Fields, Any], Any]] = {
    IssueToken: lambda rsp, verb: Token(token=rsp["appToken"], seconds=int(rsp["expiresIn"])),
    Register: lambda rsp, verb: _known(verb.person, rsp),
    Enrol: _enrolled,
    Prefabricate: lambda rsp, verb: _batch(rsp),
    Query: lambda rsp, verb: _found(rsp),
    ApplyCode: lambda rsp, verb: _code(rsp),
    DrawCode: lambda rsp, verb: DrawnCode(code=_code(rsp), image=base64.b64decode(rsp["qrCodeImg"], validate=True)),
    Verify: lambda rsp, verb: _verified(rsp),
    LinkMedium: lambda rsp, verb: Media(media=()),
    ReportUses: lambda rsp, verb: Reported(kept=rsp["kept"], known=rsp["known"]),
    RenewIds: lambda rsp, verb: _renewed(rsp),
}
"""What the answer to each verb tells; of a registration the person is the one who was sent."""
