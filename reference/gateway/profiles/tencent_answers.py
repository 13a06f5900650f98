"""The answers of Tencent's services: the fields of rsp. Source: EC-TX; rows that say more are decisions."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from reference.ecard.moments import china_text
from reference.ecard.verbs import Account, AccountWithCodes, Batch, Media, Reported, Verified
from reference.gateway.profiles.card_with_code import CardAndCode
from reference.gateway.profiles.tencent_services import MARK_OF_KIND, NATIONS, PLAIN, SECOND, SETTINGS, SEXES
from reference.gateway.profiles.tencent_verbs import DrawnCode, Renewed, Token

WORD_OF_SEX = {code: word for word, code in SEXES.items()}
WORD_OF_NATION = {code: word for word, code in NATIONS.items()}

Fields = dict[str, Any]


def dashed(day: str) -> str:
    """A date ``YYYYMMDD`` as ``yyyy-MM-dd``; nothing where it is empty."""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if day else ""


def _card(account: Account, text: str = "") -> Fields:
    person = account.person
    return {wire: getattr(person, core) for core, wire in PLAIN.items()} | {
        "gender": WORD_OF_SEX.get(person.sex, ""),
        "nation": WORD_OF_NATION.get(person.nation, ""),
        "birthday": dashed(person.birthday),
        "healthCardId": account.ecard_id,
        "phid": account.index_id,
        "qrCodeText": text,
        "status": SETTINGS["states"].get(account.state, ""),
        "adminExt": "",
    }


def _verified(verified: Verified) -> Fields:
    return _card(verified.account) | {
        "qrCodeType": MARK_OF_KIND[verified.kind],
        "invalidTime": "" if verified.expires_ms is None else china_text(verified.expires_ms, SECOND),
        "surplusNum": "" if verified.uses_left is None else str(verified.uses_left),
    }


def _found(found: AccountWithCodes) -> Fields:
    static = next((code.text for code in found.codes if code.kind == "static"), "")
    return {"card": _card(found.account, static)}


def _enrolled(made: CardAndCode) -> Fields:
    return {
        "qrCodeText": made.code.text if made.code else "",
        "healthCardId": made.account.ecard_id,
        "phid": made.account.index_id,
        "status": SETTINGS["states"].get(made.account.state, ""),
        "isNew": "1" if made.account.new else "0",
        "adminExt": "",
    }


def _batch(batch: Batch) -> Fields:
    rows = [
        {"row": row.row, "healthCardId": row.ecard_id, "state": row.state, "problems": " ".join(row.problems)}
        for row in batch.rows
    ]
    return {"batchNo": batch.batch_id, "rspItems": rows}


def _drawn(drawn: DrawnCode) -> Fields:
    expires = drawn.code.expires_ms
    return {
        "healthCardId": drawn.code.ecard_id,
        "qrCodeText": drawn.code.text,
        "qrCodeImg": base64.b64encode(drawn.image).decode(),
        "color": drawn.code.colour,
        "codeType": MARK_OF_KIND[drawn.code.kind],
        "invalidTime": "" if expires is None else china_text(expires, SECOND),
        "validSeconds": "" if expires is None else str((expires - drawn.code.issued_ms) // 1000),
    }


def _renewed(renewed: Renewed) -> Fields:
    return {
        "result": True,
        "rspItems": [
            {
                "healthCardId": account.ecard_id,
                "phid": account.index_id,
                "idType": account.person.id_type,
                "idNumber": account.person.id_number,
            }
            for account in renewed.accounts
        ],
    }


def _linked(media: Media) -> Fields:
    return {"result": True, "total": len(media.media)}


def _reported(reported: Reported) -> Fields:
    return {"result": True, "kept": reported.kept, "known": reported.known}


def _token(token: Token) -> Fields:
    return {"appToken": token.token, "expiresIn": token.seconds}


ANSWERS: Mapping[str, Callable[[Any], Fields]] = {
    "getAppToken": _token,
    "registerHealthCard": _enrolled,
    "registerBatchHealthCard": _batch,
    "getHealthCardByHealthCode": lambda verified: {"card": _verified(verified)},
    "getHealthCardByQRCode": lambda verified: {"card": _verified(verified)},
    "getHealthCardByHealthCardId": _found,
    "verifyQRCode": _verified,
    "getDynamicQRCode": _drawn,
    "bindCardRelation": _linked,
    "reportHISData": _reported,
    "updateHealthCardId": _renewed,
}
"""The fields of each service's answer."""
