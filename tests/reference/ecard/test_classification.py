"""A scanned text is routed to its owner."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.ecard.classification import Classification, CodeOwner, classify
from reference.ecard.qr_text import parse, qr_layouts

CARD = "98FF9F2C05145CB9305E9D8A57E072BB51180CA49E5BE5E9D41BCE3A9A571928"
TOKEN = "33DAE0A8AE198B63068047189C693A98"


@pytest.mark.parametrize(
    ("text", "owner", "form"),
    [
        (f"{CARD}:0:{TOKEN}", "ehc-national", "national-dynamic"),
        (f"{CARD}:1", "ehc-national", "national-static"),
        (f"{CARD}:1::5101A0001", "ehc-local", "sichuan-static"),
        (f"01:{CARD}:1", "ehc-local", "chengdu-static"),
        (CARD, "ehc-local", "gansu-bare"),
        (f"{CARD}:T:20260101235959", "ehc-local", "wenzhou-temporary"),
        ("T0000000001", "ehc-local", "temporary-number"),
        ("424" + "12345678901234567" + "99330000", "medical-insurance", "medical-insurance"),
        ("opc" + "12345678901234567" + "99330000", "medical-insurance", "medical-insurance-open-platform"),
        ("100000000000000000", "payment", "wechat-pay"),
        ("159999999999999999", "payment", "wechat-pay"),
        ("2500000000000000", "payment", "alipay"),
        ("300000000000000000000000", "payment", "alipay"),
        ("6212345678901234567", "payment", "unionpay"),
        ("160000000000000000", "unknown", ""),
        ("10000000000000000", "unknown", ""),
        ("240000000000000000", "unknown", ""),
        ("250000000000000", "unknown", ""),
        ("3000000000000000000000000", "unknown", ""),
        ("310000000000000000", "unknown", ""),
        ("621234567890123456", "unknown", ""),
        ("424" + "1" * 24, "unknown", ""),
        (f"{CARD}:0:{TOKEN}".lower(), "unknown", ""),
        (f"{CARD}:1 ", "unknown", ""),
        ("", "unknown", ""),
        ("11010020171225006X", "unknown", ""),
    ],
)
def test_a_text_belongs_to_its_owner(text: str, owner: str, form: str) -> None:
    assert classify(text) == Classification(CodeOwner(owner), form)


@given(st.text(st.sampled_from("0123456789ABCDEF:T"), max_size=110))
def test_what_is_classified_as_a_distinct_layout_reads_by_it(text: str) -> None:
    found = classify(text)
    if found.owner is CodeOwner.EHC_NATIONAL:
        assert parse(text, qr_layouts()).layout == found.form
    else:
        assert found.form not in ("national-dynamic", "national-static")
