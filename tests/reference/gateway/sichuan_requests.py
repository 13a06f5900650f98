"""Requests in Sichuan's form, made field by field, so that each can be wrong in one way."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from reference.crypto.block_texts import decipher, encipher
from reference.gateway.profiles.sichuan import Envelope, digest_of
from tests.platform import citizen_number
from tests.reference.gateway.asking import Asking

CARD = "99CEAF7217DCFBA97402465CA54C7877980A3C1785B14EFAE41A1A2258206025"
USE = {"use_no": "1", "ehealth_card_id": CARD, "use_time": "20260101115900", "medstepcode": "010101"}
PERSON = {"id_type": "01", "id_no": citizen_number(1), "name": "测试甲"}
RIGHT: Mapping[str, Mapping[str, Any]] = {
    "ehc.ehealthcard.register": {**PERSON, "rzfs": "3"},
    "ehc.ehealthcard.modify": {"ehealth_card_id": CARD, "cellphone": "13900000000"},
    "ehc.ehealthcard.close": {"ehealth_card_id": CARD},
    "ehc.ehealthcard.regquery": {"ehealth_card_id": CARD},
    "ehc.ehealthcode.generate": {"ehealth_card_id": CARD, "ewmbs": "0"},
    "ehc.ehealthcode.apply.ex": {"ehealth_card_id": CARD, "ewmbs": "0"},
    "ehc.ehealthcode.verify": {"ehealth_code": f"{CARD}:1::5101A0001", "medstepcode": "010101"},
    "ehc.ehealthcode.query": {"id_type": "01", "id_no": citizen_number(1)},
    "ehc.ehealthcode.usecarddate": {"data": [USE]},
    "ehc.org.addorg": {"orgcode": "510100002", "orgname": "第二人民医院"},
    "ehc.org.updateorg": {"orgcode": "510100009", "orgname": "第九人民医院"},
    "ehc.org.queryorg": {"orgcode": "510100009"},
}
"""The fields of a body that each method takes."""


def request(asking: Asking, method: str, content: Mapping[str, Any] | bytes, /, **head: Any) -> bytes:
    """A signed request over any body; the fields of ``head`` replace what would be right, unsigned what is digest.

    Each request is told apart by a number of its own in the body, as clients do with register_no and the like.
    """
    known, secret = asking.credentials, asking.credentials.secret
    if isinstance(content, bytes):
        plain = content
    else:
        filled = {name: value for name, value in content.items() if value is not None}
        plain = json.dumps({"test_no": next(asking.nonces), **filled}).encode()
    fields: dict[str, Any] = {
        "app_id": known.app,
        "method": method,
        "term_id": known.terminal,
        "version": "X.M.0.1",
        "timestamp": str(asking.clock.now_ms()),
        "digest_type": "SM3",
        "enc_type": "SM4",
        "biz_content": base64.b64encode(encipher(secret, plain)).decode(),
    } | head
    if "digest" not in head:
        texts = {name: value for name, value in fields.items() if name in Envelope.__struct_fields__}
        fields["digest"] = digest_of(Envelope(**texts), plain.decode(errors="replace"), secret.hex())
    return json.dumps({name: value for name, value in fields.items() if value is not None}).encode()


def opened(asking: Asking, body: bytes) -> dict[str, Any]:
    """The answer, its body deciphered."""
    told: dict[str, Any] = json.loads(body)
    if told.get("biz_content"):
        told["biz_content"] = json.loads(
            decipher(asking.credentials.secret, base64.b64decode(told["biz_content"], validate=True))
        )
    return told
