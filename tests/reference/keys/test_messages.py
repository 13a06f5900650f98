"""Messages of the crypto machine: the literal bytes of the facts, both ways, and everything that is no message."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.keys import fields
from reference.keys.fields import (
    MalformedMessage,
    TrailingBytes,
    UnknownCommand,
    UnknownHandle,
    WrongField,
    WrongLength,
)
from reference.keys.messages import (
    Answer,
    Request,
    announced,
    answer_body,
    framed,
    read_answer,
    read_request,
    request_body,
    request_message,
)
from reference.keys.tables import error_code, protocol
from tests.reference.keys.facts import CARDS, DECRYPT_TOKEN, DIGEST, ENCRYPT, ENCRYPTED, TOKENS, both_halves

BODY = ENCRYPT[2:]
FACTOR = both_halves(CARDS[1][0])
ASKED = Request("encrypt", CARDS[1][1], 1, (FACTOR,))
TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E))


def test_the_literal_frame_of_the_facts_is_written_and_read() -> None:
    assert request_message(ASKED) == ENCRYPT
    assert len(BODY) == 74
    assert read_request(BODY) == ASKED


def test_requests_without_factors_and_digests_have_their_literal_bytes() -> None:
    assert request_message(Request("decrypt", bytes.fromhex(TOKENS[0][1]), 1)) == DECRYPT_TOKEN
    assert request_message(Request("digest", b"abc")) == DIGEST


def test_device_and_heartbeat_have_their_literal_bytes() -> None:
    assert request_message(Request("device")) == b"\x00\x02NC"
    assert request_message(Request("heartbeat", sequence="0042")) == b"\x00\x06CR0042"
    shown = read_answer(b"ND0008D7B4FB629D0885H1.25.11M1.17.02", "device")
    assert (shown.check_value, shown.firmware) == ("08D7B4FB629D0885", "H1.25.11M1.17.02")
    assert read_answer(b"CS000123456789abcdef", "heartbeat").mark == "0123456789abcdef"


def test_the_answer_to_s3_begins_as_a_request_s4_and_is_read_as_an_answer() -> None:
    assert read_answer(ENCRYPTED[2:], "encrypt") == Answer("encrypt", data=bytes.fromhex(CARDS[1][2]))
    with pytest.raises(MalformedMessage):
        read_request(ENCRYPTED[2:])


def test_hexadecimal_digits_of_either_case_are_read() -> None:
    assert read_request(BODY.replace(b"A5B13880D0C652CF", b"a5b13880d0c652cf")) == ASKED
    assert read_answer(b"S400000a0123456789", "encrypt").data == b"0123456789"


MALFORMED: list[tuple[str, bytes, type[MalformedMessage]]] = [
    ("nothing", b"", UnknownCommand),
    ("half a code", b"S", UnknownCommand),
    ("an unknown code", b"S9" + BODY[2:], UnknownCommand),
    ("a code in lower case", b"s3" + BODY[2:], UnknownCommand),
    ("another mode", BODY.replace(b"S300", b"S301"), WrongField),
    ("another key type", BODY.replace(b"00A", b"00B"), WrongField),
    ("another letter before the key", BODY.replace(b"K0104", b"L0104"), UnknownHandle),
    ("the handle between two versions", BODY.replace(b"K0104", b"K0105"), UnknownHandle),
    ("the handle of version 0", BODY.replace(b"K0104", b"K0102"), UnknownHandle),
    ("a handle below all versions", BODY.replace(b"K0104", b"K0000"), UnknownHandle),
    ("letters in the handle's digits", BODY.replace(b"K0104", b"K01A4"), WrongField),
    ("a sign in the handle's digits", BODY.replace(b"K0104", b"K+104"), WrongField),
    ("no hexadecimal digits in the factor", BODY.replace(b"A5B1", b"G5B1"), WrongField),
    ("a space in the factor", BODY.replace(b"A5B1", b"A5 1"), WrongField),
    ("an underscore in the factor", BODY.replace(b"A5B1", b"A5_1"), WrongField),
    ("ten factors", BODY.replace(b"K010401", b"K010410"), WrongField),
    ("another padding mode", BODY.replace(b"3000020014", b"3000010014"), WrongField),
    ("a data length in no digits", BODY.replace(b"0014", b"00 4"), WrongField),
    ("a data length beyond the end", BODY.replace(b"0014", b"0015"), WrongLength),
    ("a data length before the end", BODY.replace(b"0014", b"0013"), TrailingBytes),
    ("the last byte missing", BODY[:-1], WrongLength),
    ("all but the code missing", BODY[:2], WrongLength),
    ("a byte too many", BODY + b"0", TrailingBytes),
    ("another digest algorithm", b"3C210003abc;00000000", WrongField),
    ("a digest length in hexadecimal", b"3C20000Aabcabcabca;00000000", WrongField),
    ("no semicolon behind the data", b"3C200003abc,00000000", WrongField),
    ("a user id behind the data", b"3C200003abc;00010000a", WrongField),
    ("a sequence too short", b"CR001", WrongLength),
    ("a sequence too long", b"CR00001", TrailingBytes),
    ("a sequence that cannot be printed", b"CR000\x00", WrongField),
    ("fields behind the device's code", b"NC00", TrailingBytes),
]


@pytest.mark.parametrize(("body", "mistake"), [row[1:] for row in MALFORMED], ids=[row[0] for row in MALFORMED])
def test_a_malformed_request_is_refused_for_its_own_reason(body: bytes, mistake: type[MalformedMessage]) -> None:
    with pytest.raises(MalformedMessage) as caught:
        read_request(body)
    assert type(caught.value) is mistake
    assert caught.value.text.zh != caught.value.text.en
    assert len(error_code(caught.value.error)) == 2


@pytest.mark.parametrize("end", range(2, len(BODY)))
def test_a_request_cut_anywhere_is_no_request(end: int) -> None:
    with pytest.raises(WrongLength):
        read_request(BODY[:end])


def test_a_mistake_is_told_with_its_place_and_without_the_data() -> None:
    with pytest.raises(WrongField, match="Byte 48") as caught:
        read_request(BODY.replace(b"300002", b"300001"))
    assert "02" in str(caught.value)
    assert "110100" not in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"", b"S", b"S5000000", b"S3000000", b"S40", b"S4-10000", b"S4000001", b"S400000000", b"S40000"]
)
def test_a_malformed_answer_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedMessage):
        read_answer(body, "encrypt")


def test_an_answer_with_an_error_needs_no_fields() -> None:
    refused = Answer("decrypt", error="23")
    assert answer_body(refused) == b"S523"
    assert read_answer(b"S523", "decrypt") == refused


@pytest.mark.parametrize("head", [b"\x00\x00", b"\x00\x01", b"\x40\x01", b"\xff\xff"])
def test_lengths_that_no_message_has_are_refused(head: bytes) -> None:
    with pytest.raises(WrongLength):
        announced(head)


def test_the_shortest_and_the_longest_length_are_taken() -> None:
    assert announced(b"\x00\x02") == 2
    assert announced(b"\x40\x00") == 16384
    assert framed(bytes(16384))[:2] == b"\x40\x00"
    with pytest.raises(WrongLength):
        framed(bytes(16385))


@pytest.mark.parametrize(
    ("request_", "mistake"),
    [
        (Request("encrypt", b"1", 0), UnknownHandle),
        (Request("encrypt", b"1", -1), UnknownHandle),
        (Request("encrypt", b"1", 4949), UnknownHandle),
        (Request("encrypt", b"1", 1, (bytes(15),)), WrongField),
        (Request("encrypt", b"1", 1, (bytes(16),) * 10), WrongField),
        (Request("encrypt", bytes(0x10000), 1), WrongLength),
        (Request("digest", bytes(10_000)), WrongLength),
        (Request("heartbeat", sequence="1"), WrongField),
        (Request("heartbeat", sequence="12\n4"), WrongField),
        (Request("heartbeat", sequence="12é4"), WrongField),
    ],
)
def test_values_that_fit_into_no_field_are_not_written(request_: Request, mistake: type[MalformedMessage]) -> None:
    with pytest.raises(mistake):
        request_body(request_)


def test_the_last_key_version_has_a_handle() -> None:
    assert b"K9998" in request_body(Request("encrypt", b"1", 4948))


@given(
    st.sampled_from(["encrypt", "decrypt"]),
    st.binary(max_size=200),
    st.integers(1, 4948),
    st.lists(st.binary(min_size=16, max_size=16), max_size=9).map(tuple),
)
def test_every_cipher_request_comes_back_as_it_was(
    command: str, data: bytes, version: int, factors: tuple[bytes, ...]
) -> None:
    asked = Request(command, data, version, factors)
    assert read_request(request_body(asked)) == asked


@given(st.binary(max_size=9999))
def test_every_digest_request_comes_back_as_it_was(data: bytes) -> None:
    assert read_request(request_body(Request("digest", data))) == Request("digest", data)


@given(st.binary(max_size=99), TEXT.filter(lambda text: len(text) >= 20))
def test_every_answer_comes_back_as_it_was(data: bytes, text: str) -> None:
    for answer in (
        Answer("digest", data=data),
        Answer("encrypt", data=data),
        Answer("decrypt", data=data),
        Answer("device", check_value=text[:16], firmware=text[16:]),
        Answer("heartbeat", mark=text[:16]),
    ):
        assert read_answer(answer_body(answer), answer.command) == answer


@given(st.binary(max_size=120), st.sampled_from([b"", b"S3", b"S4", b"3C", b"CR", b"NC", BODY[:16]]))
def test_any_bytes_are_a_request_or_malformed(rest: bytes, begin: bytes) -> None:
    asked: Request | None = None
    with contextlib.suppress(MalformedMessage):
        asked = read_request(begin + rest)
    assert asked is None or request_body(asked).upper() == (begin + rest).upper()


def test_every_row_of_the_table_has_a_basis_and_a_source() -> None:
    table = protocol()
    rows = [table.frame, table.sizes, *table.layout, *table.command, *table.error]
    assert all(row.basis in ("field", "decision") and row.source for row in rows)
    assert len({row.code for row in table.error}) == len(table.error)
    mistakes = [kind for kind in vars(fields).values() if isinstance(kind, type) and issubclass(kind, MalformedMessage)]
    assert {kind.error for kind in mistakes} <= {row.id for row in table.error}
