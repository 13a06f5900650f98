"""Requests in the form of Tencent's platform, made field by field, so that each can be wrong in one way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from reference.ecard.verbs import Verb
from reference.gateway.profiles.tencent import SERVICE_PATH, TOKEN_PATH
from reference.gateway.profiles.tencent_client import TencentClient
from reference.gateway.profiles.tencent_signing import signature, signed_parts
from reference.gateway.profiles.tencent_verbs import IssueToken
from reference.gateway.wire import Request
from tests.platform import NOON_MS, citizen_number
from tests.reference.gateway.asking import Asking

CARD = "99CEAF7217DCFBA97402465CA54C7877980A3C1785B14EFAE41A1A2258206025"
PERSON = {"name": "测试甲", "idType": "01", "idNumber": citizen_number(1)}
USE = {
    "qrCodeText": f"{CARD}:1",
    "time": "2026-01-01 11:59:00",
    "hospitalCode": "510100001",
    "scene": "010101",
    "cardType": "11",
    "cardChannel": "0100",
}
RIGHT: Mapping[str, Mapping[str, Any]] = {
    "getAppToken": {"appId": "demo-tencent"},
    "registerHealthCard": PERSON,
    "registerBatchHealthCard": {"healthCardItems": [PERSON]},
    "getHealthCardByHealthCode": {"healthCode": f"{CARD}:1"},
    "getHealthCardByQRCode": {"qrCodeText": f"{CARD}:1"},
    "getHealthCardByHealthCardId": {"healthCardId": CARD},
    "verifyQRCode": {"qrCodeText": f"{CARD}:1", "medicalStep": "010101"},
    "getDynamicQRCode": {"healthCardId": CARD, "idType": "01", "idNumber": citizen_number(1), "codeType": "0"},
    "bindCardRelation": {"patid": "P1", "qrCodeText": f"{CARD}:1"},
    "reportHISData": USE,
    "updateHealthCardId": {
        "updateHealthCardIdItems": [{"healthCardId": CARD, "idType": "01", "idNumber": citizen_number(1)}]
    },
}
"""The fields of req that each service takes."""


def signed_in(asking: Asking) -> Asking:
    """The same, its client with an access token."""
    asking.ask(cast(Verb, IssueToken()))
    return asking


def path_of(service: str) -> str:
    return TOKEN_PATH if service == "getAppToken" else SERVICE_PATH + service


def message(asking: Asking, service: str, asked: Mapping[str, Any], /, **common: Any) -> dict[str, Any]:
    """A signed message; the fields of ``common`` replace what would be right, those that are None are left out."""
    known = asking.credentials
    assert isinstance(asking.client, TencentClient)
    head: dict[str, Any] = {
        "appToken": "" if service == "getAppToken" else asking.client.token,
        "requestId": f"R{next(asking.nonces):031d}",
        "hospitalId": known.institution,
        "timestamp": asking.clock.now_ms() // 1000,
        "channelNum": 0,
    }
    head = {name: value for name, value in (head | common).items() if value is not None}
    if "sign" not in common:
        head["sign"] = signature(signed_parts(head, asked), known.secret)
    return {"commonIn": head, "req": dict(asked)}


def request(asking: Asking, service: str, asked: Mapping[str, Any], /, **common: Any) -> Request:
    """The message, on its way."""
    return Request("POST", path_of(service), {}, json.dumps(message(asking, service, asked, **common)).encode())


def outcome(asking: Asking, sent: Request) -> str:
    """The id of the refusal that a request meets, or ``ok``; nothing is stored by a refusal."""
    before = asking.stored()
    answer = asking.send(sent)
    assert answer.outcome == "ok" or asking.stored() == before
    return answer.outcome


NOON_SECONDS = NOON_MS // 1000
