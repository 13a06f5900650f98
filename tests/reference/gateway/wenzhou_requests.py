"""Requests in Wenzhou's form, made field by field, so that each can be wrong in one way."""

from __future__ import annotations

from collections.abc import Mapping

from reference.ecard.moments import china_text
from reference.gateway.profiles.wenzhou import SIGNATURE, signature_of
from reference.gateway.profiles.wenzhou_xml import document, write_call
from tests.platform import citizen_number
from tests.reference.gateway.asking import Asking

CARD = "99CEAF7217DCFBA97402465CA54C7877980A3C1785B14EFAE41A1A2258206025"
PERSON = {
    "name": "测试甲",
    "idcard_type": "01",
    "idcard_value": citizen_number(1),
    "tel": "13900000000",
    "sex": "1",
    "appmode": "3",
    "terminal_type": "99",
}
HOW = {"appmode": "3", "terminal_type": "99"}
RIGHT: Mapping[str, Mapping[str, str]] = {
    "11001": PERSON,
    "11002": {"erhc_cardno": CARD, "tel": "13900000001", **HOW},
    "11003": {"erhc_cardno": CARD, **HOW},
    "11004": {"erhc_cardno": CARD},
    "30004": {"erhc_cardno": CARD},
    "12001": {"qrcode_info": f"{CARD}:1", "med_stepcode": "010101"},
    "12002": {"idcard_type": "01", "idcard_value": citizen_number(1), "name": "测试甲"},
    "T0001": {"name": "无名氏", "sex": "1", "age": "40"},
}
"""The fields of a request that each trade takes."""


def request(asking: Asking, trade: str, fields: Mapping[str, str], /, **header: str) -> bytes:
    """A signed request; fields of ``header`` replace what would be right, empty ones are left out."""
    return sealed(asking, trade, document("body", dict(fields)), **header)


def sealed(asking: Asking, trade: str, body: str, /, **header: str) -> bytes:
    """As `request`, for any text of a body."""
    known = asking.credentials
    whole = {
        "organization_id": known.institution,
        "token": known.app,
        "tradecode": trade,
        "request_time": china_text(asking.clock.now_ms(), "yyyy-MM-dd HH:mm:ss"),
        "request_id": str(next(asking.nonces)),
        **header,
    }
    whole.setdefault(SIGNATURE, signature_of(whole, body, known.secret))
    return write_call(document("header", {name: value for name, value in whole.items() if value}), body)
