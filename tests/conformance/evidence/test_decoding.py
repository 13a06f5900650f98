"""Exchanges in words: names from the tables where something matches, plain bytes where nothing does."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.evidence.decoding import Decoded, decode, tables_for
from conformance.evidence.model import Exchange
from reference.standard import load

TABLES = load("national-2012")


def exchange(
    sent: str, received: str, channel: str = "card", kind: Literal["reset", "apdu", "lost"] = "apdu"
) -> Exchange:
    return Exchange(channel=channel, kind=kind, sent=sent, received=received, at_us=0, took_us=0)


def fields(decoded: Decoded) -> dict[str, str]:
    return {part.name.en: part.hex for part in (*decoded.sent, *decoded.received)}


def test_a_command_of_the_table_is_named_in_both_languages() -> None:
    decoded = decode(exchange("00B2010400", "6982"), TABLES)
    assert (decoded.title.en, decoded.title.zh) == ("READ RECORD", "读记录")
    assert fields(decoded) == {
        "class": "00",
        "instruction": "B2",
        "P1": "01",
        "P2": "04",
        "length wanted": "00",
        "status word": "6982",
    }


def test_a_status_word_is_explained_in_both_languages() -> None:
    meaning = decode(exchange("00B2010400", "6982"), TABLES).received[-1].meaning
    assert meaning == TABLES.status_words["security-status-not-satisfied"].title


def test_a_status_word_with_open_digits_is_found() -> None:
    assert decode(exchange("0084000008", "6110"), TABLES).received[-1].meaning == (
        TABLES.status_words["more-data"].title
    )


def test_what_a_select_names_is_said_where_one_row_alone_has_the_identifier() -> None:
    unique = decode(exchange("00A4000002DDF1", "9000"), TABLES)
    shared = decode(exchange("00A4000002EF05", "9000"), TABLES)
    assert unique.sent[-1].meaning == TABLES.directories["DDF1"].title
    assert shared.sent[-1].meaning is None


def test_the_same_bytes_mean_another_command_on_the_other_chip() -> None:
    sent = "80FA000010" + "00" * 16
    assert decode(exchange(sent, "9000", "sam"), TABLES).title == TABLES.commands["sam.cipher-data"].title
    assert "not in the tables" in decode(exchange(sent, "9000", "card"), TABLES).title.en


def test_a_reset_shows_the_answer_to_it() -> None:
    decoded = decode(exchange("", "3B8D80", kind="reset"), TABLES)
    assert decoded.title.zh == "复位"
    assert fields(decoded) == {"answer to reset": "3B8D80"}


def test_an_answer_that_never_came_is_said_to_be_missing() -> None:
    assert "no answer" in fields(decode(exchange("0084000008", "", kind="lost"), TABLES))


def test_without_tables_the_bytes_are_still_taken_apart() -> None:
    decoded = decode(exchange("04DC0104020102", "AABB9000"), None)
    assert decoded.title.en == "Command DC (not in the tables)"
    assert fields(decoded)["status word"] == "9000"


@pytest.mark.parametrize("profile", ["of-tomorrow", "../profiles/national-2012", "/etc/hosts.toml", ""])
def test_a_profile_that_this_version_does_not_ship_has_no_tables(profile: str) -> None:
    assert tables_for(profile) is None


@given(st.text(max_size=30) | st.binary(max_size=300).map(bytes.hex), st.binary(max_size=40).map(bytes.hex))
def test_no_bytes_at_all_make_decoding_fail(sent: str, received: str) -> None:
    assert decode(exchange(sent, received), TABLES).title.en
