"""QR texts of every layout, both ways; and the reason for which a text is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.ecard import qr_text
from reference.ecard.qr_text import QrText, format_text, issued_text, parse, qr_layouts
from reference.standard.ecard import load_ecard
from reference.standard.errors import StandardError

CARD = "98FF9F2C05145CB9305E9D8A57E072BB51180CA49E5BE5E9D41BCE3A9A571928"
INDEX = "C3CABF018DF969CF18C51728CC07252FD99AFD85115862A8A7246D2C80607C87"
TOKEN = "33DAE0A8AE198B63068047189C693A98"
ALL = qr_layouts("all")

TEXTS = {
    f"{CARD}:1": QrText("national-static", "static", card_id=CARD),
    f"{CARD}:0:{TOKEN}": QrText("national-dynamic", "dynamic", card_id=CARD, token=TOKEN),
    f"{CARD}:1::5101A0001": QrText("sichuan-static", "static", card_id=CARD, issuer="5101A0001"),
    f"{CARD}:1:cGF5/=:5101A0001": QrText(
        "sichuan-static", "static", card_id=CARD, payment="cGF5/=", issuer="5101A0001"
    ),
    f"{CARD}:0:{TOKEN}:pay_1:5101A0001": QrText(
        "sichuan-dynamic", "dynamic", card_id=CARD, token=TOKEN, payment="pay_1", issuer="5101A0001"
    ),
    f"01:{CARD}:1": QrText("chengdu-static", "static", prefix="01", card_id=CARD),
    CARD: QrText("gansu-bare", "static", card_id=CARD),
    "T0000000001": QrText("qinghai-temporary", "temporary", temporary_number="T0000000001"),
    f"{INDEX}:T:20260101235959": QrText("wenzhou-temporary", "temporary", index_id=INDEX, deadline="20260101235959"),
}

HEX = st.sampled_from("0123456789ABCDEF")
CARDS = st.text(HEX, min_size=64, max_size=64)


@pytest.mark.parametrize(("text", "read"), TEXTS.items())
def test_every_layout_is_read_and_written(text: str, read: QrText) -> None:
    assert parse(text, ALL) == read
    assert format_text(read, ALL) == text


def test_the_texts_have_the_lengths_of_the_documents() -> None:
    national = qr_layouts()
    assert len(issued_text("static", national, card_id=CARD)) == 66
    assert len(issued_text("dynamic", national, card_id=CARD, token=TOKEN)) == 99


@given(CARDS, st.text(HEX, min_size=32, max_size=32), st.sampled_from(sorted(load_ecard().qr_profiles)))
def test_what_a_profile_issues_it_reads(card: str, token: str, profile: str) -> None:
    layouts = qr_layouts(profile)
    issuer = {"issuer": "5101A0001"} if profile == "sichuan" else {}
    dynamic = parse(issued_text("dynamic", layouts, card_id=card, token=token, **issuer), layouts)
    static = parse(issued_text("static", layouts, card_id=card, **issuer), layouts)
    assert (dynamic.kind, dynamic.card_id, dynamic.token) == ("dynamic", card, token)
    assert (static.kind, static.card_id, static.token) == ("static", card, "")


@given(st.text(max_size=120) | st.text(st.sampled_from("0123456789ABCDEFabcdef:T"), max_size=120))
def test_any_text_is_read_and_written_alike_or_refused(text: str) -> None:
    try:
        read = parse(text, ALL)
    except qr_text.QrTextRefused:
        return
    assert format_text(read, ALL) == text


@given(st.sampled_from(sorted(TEXTS)), st.data())
def test_one_character_less_never_reads_as_the_same_kind_of_card(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    shorter = text[:place] + text[place + 1 :]
    try:
        read = parse(shorter, ALL)
    except qr_text.QrTextRefused:
        return
    whole = TEXTS[text]
    assert read != whole
    assert read.card_id in ("", whole.card_id)


@pytest.mark.parametrize(
    ("text", "refused", "id"),
    [
        ("", qr_text.GarbledQrText, "code.garbled"),
        ("健康码", qr_text.GarbledQrText, "code.garbled"),
        (f"{CARD}:1\n", qr_text.GarbledQrText, "code.garbled"),
        (f" {CARD}:1", qr_text.GarbledQrText, "code.garbled"),
        ("A" * 501, qr_text.GarbledQrText, "code.garbled"),
        (f"{CARD}:1".lower(), qr_text.LowerCaseQrText, "code.garbled"),
        (f"{CARD}:0:{TOKEN.lower()}", qr_text.LowerCaseQrText, "code.garbled"),
        (f"{CARD[:48]}:1", qr_text.WrongCardIdLength, "code.garbled"),
        (f"{CARD}A:1", qr_text.WrongCardIdLength, "code.garbled"),
        (f"{CARD}:2", qr_text.WrongTypeFlag, "code.garbled"),
        (f"{CARD}:", qr_text.WrongTypeFlag, "code.garbled"),
        (f"{CARD}:0", qr_text.TokenMissing, "code.time-unreadable"),
        (f"{CARD}:0:", qr_text.TokenMissing, "code.time-unreadable"),
        (f"{CARD}:0:{TOKEN[:-1]}", qr_text.WrongTokenLength, "code.time-unreadable"),
        (f"{CARD}:0:{TOKEN}0", qr_text.WrongTokenLength, "code.time-unreadable"),
        (f"{CARD}:1::5101A0001", qr_text.LayoutNotAccepted, "code.foreign"),
        (f"01:{CARD}:1", qr_text.LayoutNotAccepted, "code.foreign"),
        (CARD, qr_text.LayoutNotAccepted, "code.foreign"),
        (f"{CARD}:1:", qr_text.UnknownLayout, "code.garbled"),
        (f"{CARD}:0:{'Z' * 32}", qr_text.UnknownLayout, "code.garbled"),
        ("https://example.org/", qr_text.UnknownLayout, "code.garbled"),
        ("T0000000001", qr_text.UnknownLayout, "code.garbled"),
    ],
)
def test_a_text_is_refused_for_its_own_reason(text: str, refused: type[qr_text.QrTextRefused], id: str) -> None:
    with pytest.raises(refused) as caught:
        parse(text, qr_layouts())
    assert type(caught.value) is refused
    assert caught.value.id == id
    assert CARD not in caught.value.explained().en


def test_a_temporary_number_has_at_most_20_characters() -> None:
    layouts = qr_layouts("qinghai")
    assert parse("T" * 20, layouts).kind == "temporary"
    with pytest.raises(qr_text.UnknownLayout):
        parse("T" * 21, layouts)


@pytest.mark.parametrize(
    "parts",
    [
        {"card_id": CARD},
        {"card_id": CARD, "token": ""},
        {"card_id": CARD.lower(), "token": TOKEN},
        {"card_id": CARD, "token": TOKEN, "issuer": "5101A0001"},
        {"card_id": CARD, "token": f"{TOKEN}:x"},
    ],
)
def test_parts_that_make_no_text_are_refused(parts: dict[str, str]) -> None:
    with pytest.raises(qr_text.UnwritableQrText):
        issued_text("dynamic", qr_layouts(), **parts)


def test_an_unknown_profile_kind_or_layout_is_named_with_what_there_is() -> None:
    with pytest.raises(StandardError, match=r"atlantis: there is no such profile\. Use one of: all, gansu"):
        qr_layouts("atlantis")
    with pytest.raises(StandardError, match=r"temporary: the profile issues no such code\. Use one of: dynamic"):
        issued_text("temporary", qr_layouts(), temporary_number="T1")
    with pytest.raises(StandardError, match="lost: there is no such layout"):
        format_text(QrText("lost", "static"), ALL)


def test_the_layouts_of_a_profile_are_made_ready_once() -> None:
    assert qr_layouts("sichuan") is qr_layouts("sichuan")
