"""Guangdong's helpers and its signing: for the caller's own secret alone, and the same as one computes oneself."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.ecard.refusals import Refusal
from reference.gateway.profiles.guangdong_sealing import conceal, conceal_all, is_signed, reveal, sign
from reference.gateway.wire import Request
from tests.reference.gateway.asking import Asking, asking_in

SECRET = bytes(range(16))
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80)
FIELDS = st.dictionaries(st.text("abcXYZ", min_size=1, max_size=6), TEXTS | st.integers(0, 99), max_size=6)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with asking_in(tmp_path_factory.mktemp("guangdong"), "guangdong") as asking:
        yield asking


def helped(province: Asking, service: str, **changes: object) -> tuple[str, dict[str, object]]:
    known = province.credentials
    mode = "SM3" if service == "sign" else "SM4/ECB/ZeroBytePadding"
    order = {"appId": known.app, "key": known.secret.hex().upper(), "mode": mode, **changes}
    sent = province.send(Request("POST", f"/api/{service}", {}, json.dumps(order).encode()))
    return sent.outcome, json.loads(sent.body)


@settings(deadline=None)
@given(text=TEXTS)
def test_a_concealed_text_is_revealed_again(text: str) -> None:
    assert reveal(conceal(text, SECRET), SECRET, "name") == text


@settings(deadline=None)
@given(values=st.dictionaries(st.text("abcXYZ", min_size=1, max_size=6), TEXTS, max_size=6))
def test_fields_concealed_together_are_those_concealed_one_by_one(values: dict[str, str]) -> None:
    names = frozenset(name for name in values if name.isupper())
    apart = {name: conceal(value, SECRET) if name in names else value for name, value in values.items()}
    assert conceal_all(values, names, SECRET) == apart


@settings(deadline=None)
@given(values=FIELDS, mode=st.sampled_from(["SM3", "MD5"]))
def test_a_signature_fits_its_fields_whatever_their_order_or_its_case(values: dict[str, str | int], mode: str) -> None:
    made = sign(values, SECRET, mode)
    assert is_signed(dict(reversed(list(values.items()))), SECRET, mode, made.upper())
    assert not is_signed({**values, "more": "1"}, SECRET, mode, made)
    assert not is_signed(values, bytes(16), mode, made)


def test_the_signature_is_the_digest_of_the_sorted_fields_and_the_secret() -> None:
    # SM3 and MD5 over "a=1&b=2&key=000102030405060708090a0b0c0d0e0f", computed with gmssl and md5sum.
    assert (
        sign({"b": "2", "a": 1, "c": ""}, SECRET, "SM3")
        == "019f6553650e8c08159bc64e580979a491d1b79922b99cb71c9b4559a11ec9d3"
    )
    assert sign({"b": "2", "a": 1, "c": ""}, SECRET, "MD5") == "ff067af7062e6f750bb143fa64f27671"


@pytest.mark.parametrize("wrong", ["A", "AB", "0" * 32 + "Z", 7, "FF" * 16])
def test_what_cannot_be_deciphered_names_its_field(wrong: object) -> None:
    with pytest.raises(Refusal) as refused:
        reveal(wrong, SECRET, "name")
    assert (refused.value.id, refused.value.field) == ("request.decryption-failed", "name")


def test_the_helpers_do_what_a_client_does_itself(province: Asking) -> None:
    secret = province.credentials.secret
    sealed = conceal("测试甲", secret)
    assert helped(province, "encrypt", params="测试甲")[1]["result"] == sealed
    assert helped(province, "deciphering", params=sealed) == ("ok", {"code": 0, "message": "成功", "result": "测试甲"})
    assert helped(province, "sign", body={"a": "1"})[1]["result"] == sign({"a": "1"}, secret, "SM3")


@pytest.mark.parametrize("service", ["encrypt", "deciphering", "sign"])
@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"key": "0" * 32}, "request.wrong-signature"),
        ({"key": "密" * 32}, "request.wrong-signature"),
        ({"key": ""}, "request.empty-field"),
        ({"appId": "demo-sichuan"}, "request.unknown-app"),
        ({"appId": ""}, "request.empty-field"),
        ({"mode": "DESede/ECB/ZeroBytePadding"}, "request.field-malformed"),
        ({"more": 1}, "request.malformed"),
        ({"body": {"a": {"b": 1}}}, "request.malformed"),
    ],
)
def test_the_helpers_serve_nobody_without_his_own_secret(
    province: Asking, service: str, changes: dict[str, object], refusal: str
) -> None:
    outcome, told = helped(province, service, **{"params": "00" * 16, "body": {"a": "1"}} | changes)
    assert (outcome, told["result"]) == (refusal, "")


def test_the_oracle_opens_nothing_of_another_application(province: Asking) -> None:
    others = conceal("测试乙", SECRET)
    outcome, told = helped(province, "deciphering", params=others)
    assert outcome == "request.decryption-failed" or told["result"] != "测试乙"


def test_the_helpers_can_be_closed(province: Asking) -> None:
    province.settings["helpers"] = "off"
    try:
        assert helped(province, "encrypt", params="测试甲")[0] == "request.not-allowed"
    finally:
        del province.settings["helpers"]
