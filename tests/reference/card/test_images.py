"""Whole files and card images: values there and back, wrong shapes, and the file on disk."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.card.elements import UnfitValue
from reference.card.image_file import BrokenImage, load_image, save_image
from reference.card.images import (
    CardData,
    Content,
    UnfitContent,
    blank_content,
    content_fault,
    file_content,
    file_values,
    readings,
)
from reference.standard import load
from simulators.cards.demo import demo_image
from simulators.cards.image import without_keys
from tests.reference.card.drawn_values import drawn_values

PROFILES = ("national-2012", "field-2013")
NATIONAL = load("national-2012")
ISSUER, PHOTO, ALLERGIES, INDEX = "DDF1/EF05", "DDF1/EF07", "DDF1/DF02/EF07", "DDF1/DF03/EF05"
INPATIENT, OUTPATIENT = "DDF1/DF03/EE01", "DDF1/DF03/ED01"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("path", NATIONAL.files)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(min_value=0))
def test_the_values_of_a_file_go_there_and_back(profile: str, path: str, seed: int) -> None:
    standard = load(profile)
    file = standard.files[path]
    values = drawn_values(Random(seed), standard, file)
    content = file_content(standard, file, values)
    assert content_fault(standard, file, content) is None
    assert file_values(standard, file, content) == values


@pytest.mark.parametrize("path", NATIONAL.files)
def test_the_demo_card_and_a_blank_file_are_values_and_back_the_same_bytes(path: str) -> None:
    file = NATIONAL.files[path]
    for content in (blank_content(NATIONAL, file), demo_image(NATIONAL).files[path]):
        assert file_content(NATIONAL, file, file_values(NATIONAL, file, content)) == content


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_on_the_demo_card_is_faulty(profile: str) -> None:
    standard = load(profile)
    for path, content in demo_image(standard).files.items():
        found = [one for several in readings(standard, standard.files[path], content) for one in several]
        assert [one.element.id for one in found if one.fault is not None] == []


def test_the_visit_files_have_all_their_items() -> None:
    image = demo_image(NATIONAL)
    [stay] = file_values(NATIONAL, NATIONAL.files[INPATIENT], image.files[INPATIENT])
    [visit] = file_values(NATIONAL, NATIONAL.files[OUTPATIENT], image.files[OUTPATIENT])
    assert (len(stay), len(visit)) == (149, 172)
    assert isinstance(stay["signature"], bytes)
    assert len(stay["signature"]) == 64
    assert len(image.files[INPATIENT].binary) == 1893
    assert len(image.files[OUTPATIENT].binary) == 3267


def demo() -> CardData:
    """The demo card's data under the national profile."""
    return without_keys(demo_image(NATIONAL), NATIONAL)


def test_what_a_set_leaves_out_states_nothing() -> None:
    file = NATIONAL.files["DDF1/DF01/EF05"]
    [found] = file_values(NATIONAL, file, file_content(NATIONAL, file, [{"address-1": "示范路1号"}]))
    assert {id: value for id, value in found.items() if value is not None} == {"address-1": "示范路1号"}


def test_a_blank_index_says_that_there_is_no_visit() -> None:
    assert blank_content(NATIONAL, NATIONAL.files[INDEX]).records == [b"\xff"] * 3
    assert blank_content(NATIONAL, NATIONAL.files[ALLERGIES]).records == []


@pytest.mark.parametrize(
    ("path", "values", "says"),
    [
        (ISSUER, [{"colour": "red"}], "DDF1/EF05: it has no element colour."),
        (ISSUER, [], "DDF1/EF05: 0 sets of values instead of one"),
        (ALLERGIES, [{}] * 4, "DDF1/DF02/EF07: 4 records instead of 3"),
        (INDEX, [{"flag": "FF"}] * 2, "DDF1/DF03/EF05: 2 records instead of 3"),
    ],
)
def test_values_that_are_not_the_file_s_are_refused(path: str, values: list[dict[str, str]], says: str) -> None:
    with pytest.raises(UnfitContent) as refusal:
        file_content(NATIONAL, NATIONAL.files[path], values)
    assert str(refusal.value) == says
    assert refusal.value.text.zh != says


@pytest.mark.parametrize(
    ("path", "content", "says"),
    [
        (PHOTO, Content(binary=bytes(3073)), "3073 bytes instead of 3074"),
        (PHOTO, Content(records=[b"1"]), "it holds records, but the file is binary"),
        (INDEX, Content(binary=b"1"), "it is binary, but the file holds records"),
        (INDEX, Content(records=[b"\xff"] * 4), "4 records instead of 3"),
        (INDEX, Content(records=[b"\xff", b"\xff\xff", b"\xff"]), "record 2 has 2 bytes instead of 1"),
        ("DDF1/DF02/EF06", Content(records=[b"\x39\x01\x00"]), "record 1 begins with 3901 instead of"),
    ],
)
def test_a_content_of_another_shape_is_no_content_of_the_file(path: str, content: Content, says: str) -> None:
    fault = content_fault(NATIONAL, NATIONAL.files[path], content)
    assert fault is not None
    assert says in fault.en
    with pytest.raises(UnfitContent):
        readings(NATIONAL, NATIONAL.files[path], content)


def test_a_faulty_element_stops_the_values_but_not_the_readings() -> None:
    file = NATIONAL.files["DDF1/DF02/EF08"]
    content = Content(records=[b"BCG".ljust(20, b"\x00") + bytes.fromhex("20130230")])
    [[vaccine, date]] = readings(NATIONAL, file, content)
    assert (vaccine.value, vaccine.fault, date.value, date.raw.hex()) == ("BCG", None, None, "20130230")
    assert date.fault is not None
    assert not date.blank
    with pytest.raises(UnfitValue, match="DDF1/DF02/EF08 vaccination-date: 20130230 is not a date"):
        file_values(NATIONAL, file, content)


# -- on disk -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
def test_an_image_is_saved_and_loaded_the_same(tmp_path: Path, profile: str) -> None:
    standard = load(profile)
    data = without_keys(demo_image(standard), standard)
    save_image(data, tmp_path / "card.json")
    assert load_image(tmp_path / "card.json") == data
    assert data.profile == profile


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(min_value=0))
def test_any_card_is_saved_and_loaded_the_same(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    random = Random(seed)
    contents = {
        path: file_content(NATIONAL, file, drawn_values(random, NATIONAL, file))
        for path, file in NATIONAL.files.items()
        if random.random() < 0.9
    }
    data = CardData(profile="national-2012", historical=random.randbytes(13), files=contents)
    path = tmp_path_factory.mktemp("images") / "card.json"
    save_image(data, path)
    assert load_image(path) == data


def test_no_key_is_ever_saved(tmp_path: Path) -> None:
    save_image(demo(), tmp_path / "card.json")
    written = (tmp_path / "card.json").read_text()
    keys = demo_image(NATIONAL).keys
    assert keys
    assert all(key.secret_value.hex().upper() not in written.upper() for key in keys.values())
    assert list(json.loads(written)) == ["format", "version", "profile", "historical", "files"]


def test_saved_data_stay_as_they_were_when_the_card_lives_on() -> None:
    image = demo_image(NATIONAL)
    data = without_keys(image, NATIONAL)
    image.files[INDEX].records[0] = b"\xff"
    assert data.files[INDEX].records[0] == b"\x00"


def spoilt(change: dict[str, Any]) -> bytes:
    """The demo image with some fields, or some of its files, replaced; None takes one out."""
    stored = {
        "format": "healthcard-card-image",
        "version": 1,
        "profile": "national-2012",
        "historical": "00" * 13,
        "files": {"DDF1/DF02/EF06": {"records": ["380100"]}},
    } | change
    return msgspec.json.encode({name: value for name, value in stored.items() if value is not None})


@pytest.mark.parametrize(
    ("document", "en", "zh"),
    [
        (b"", "this is not JSON", "不是有效的 JSON"),
        (b"\xff\xfe", "this is not JSON", "不是有效的 JSON"),
        (b"[]", "this is not a card image", "这不是卡映像"),
        (b"{}", "this is not a card image", "这不是卡映像"),
        (spoilt({"format": "photo"}), "its format is photo", "其格式为 photo"),
        (spoilt({"version": 2}), "its version is 2; this program reads version 1", "其版本为 2"),
        (spoilt({"keys": {}}), "unknown field `keys`", "取值不符"),
        (spoilt({"files": None}), "missing required field `files`", "取值不符"),
        (spoilt({"profile": "mars-2099"}), "names the profile mars-2099", "方案 mars-2099 不存在"),
        (spoilt({"profile": "../profiles/national-2012"}), "which is not known", "不存在"),
        (spoilt({"historical": "00"}), "1 historical bytes instead of 13", "历史字节为 1 字节"),
        (spoilt({"historical": "0"}), "$.historical", "取值不符"),
        (spoilt({"files": {"DDF1/EF09": {"records": []}}}), "has no file DDF1/EF09", "没有文件 DDF1/EF09"),
        (spoilt({"files": {"DDF1/EF07": {"binary": "00"}}}), "1 bytes instead of 3074", "应为 3074 字节"),
        (spoilt({"files": {"DDF1/EF07": {"binary": "xx"}}}), "$.files", "取值不符"),
        (spoilt({"files": {"DDF1/EF07": {}}}), "either records or binary", "只能有其一"),
        (spoilt({"files": {"DDF1/DF03/EF05": {"records": ["FF"]}}}), "1 records instead of 3", "应为 3 条"),
        (spoilt({"files": {"DDF1/DF02/EF06": {"records": ["3801"]}}}), "record 1 has 2 bytes instead of 3", "第 1 条"),
        (spoilt({"files": {"DDF1/DF02/EF06": {"records": ["370100"]}}}), "instead of tag and length 3801", "3801"),
    ],
)
def test_a_broken_image_is_refused_in_both_languages(tmp_path: Path, document: bytes, en: str, zh: str) -> None:
    path = tmp_path / "card.json"
    path.write_bytes(document)
    with pytest.raises(BrokenImage) as refusal:
        load_image(path)
    assert str(path) in refusal.value.text.en
    assert en in refusal.value.text.en
    assert zh in refusal.value.text.zh
    assert refusal.value.remedy.en


def test_a_missing_image_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenImage, match="cannot be read"):
        load_image(tmp_path / "none.json")
    with pytest.raises(BrokenImage, match="cannot be read"):
        load_image(tmp_path)


def test_an_image_with_some_files_alone_is_loaded_in_the_order_of_the_card(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    files = {INDEX: {"records": ["FF", "FF", "FF"]}, "DDF1/DF02/EF06": {"records": ["380100"]}}
    path.write_bytes(spoilt({"files": files}))
    assert list(load_image(path).files) == ["DDF1/DF02/EF06", INDEX]


def test_an_image_is_read_under_another_profile_when_one_is_given(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_bytes(spoilt({"profile": "a-province"}))
    assert load_image(path, NATIONAL).profile == "a-province"
