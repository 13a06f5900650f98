"""Requests in Guangdong's form, made field by field, so that each can be wrong in one way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reference.gateway.profiles.guangdong import ENCIPHERED
from reference.gateway.profiles.guangdong_sealing import HEAD_SIGNED, conceal, sign
from tests.platform import citizen_number
from tests.reference.gateway.asking import Asking

CARD = "99CEAF7217DCFBA97402465CA54C7877980A3C1785B14EFAE41A1A2258206025"
PERSON = {"name": "测试甲", "idCardTypeCode": "01", "idCode": citizen_number(1)}
RIGHT: Mapping[str, Mapping[str, str]] = {
    "createVmcardQRcode": {**PERSON, "personnelType": "1", "appMode": "3"},
    "modifyVmcardInfo": {"erhcCardNo": CARD, "phone": "13900000000", "appMode": "3"},
    "getPersonInfo": {"erhcCardNo": CARD, "appMode": "3"},
    "queryIfHasRegistered": {"idCardTypeCode": "01", "idCode": citizen_number(1), "appMode": "3"},
    "getActiveQrCode": {"erhcCardNo": CARD, "appMode": "3"},
    "getPersonInfoByQrCode": {"qrCode": f"{CARD}:1", "medStepCode": "010101", "appMode": "3"},
    "activateVmcardQRcode": {**PERSON, "appMode": "3"},
}
"""The fields of a request that each method takes."""


def request(asking: Asking, method: str, body: Mapping[str, object], mode: str = "SM3", /, **head: object) -> bytes:
    """A signed request; fields that are None are left out, those of ``head`` replace what would be right."""
    known = asking.credentials
    secret = known.secret
    whole: dict[str, Any] = {"orgCode": known.institution, "appRecordNo": known.record_number, **body}
    sealed = {
        name: conceal(value, secret) if name in ENCIPHERED and isinstance(value, str) else value
        for name, value in whole.items()
        if value is not None
    }
    envelope: dict[str, Any] = {
        "method": method,
        "version": "V2.0.0",
        "appId": known.app,
        "nonceStr": str(next(asking.nonces)),
        "timestamp": conceal(str(asking.clock.now_ms() // 1000), secret),
        "signMode": mode,
        "encryptMode": "SM4/ECB/ZeroBytePadding",
        "body": sealed,
    }
    envelope |= head
    scalars = {name: value for name, value in sealed.items() if isinstance(value, str | int)}
    envelope.setdefault("headSign", sign({name: envelope.get(name, "") for name in HEAD_SIGNED}, secret, mode))
    envelope.setdefault("bodySign", sign(scalars, secret, mode))
    return json.dumps(envelope).encode()
