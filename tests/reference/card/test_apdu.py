"""Commands and responses: coding and decoding of the four cases (ISO/IEC 7816-4 5.1, 5.2)."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from reference.card.apdu import CommandApdu, MalformedApdu, ResponseApdu

BYTE = st.integers(0, 255)
COMMANDS = st.builds(CommandApdu, BYTE, BYTE, BYTE, BYTE, data=st.binary(max_size=255), le=st.none() | BYTE)


@given(COMMANDS)
def test_a_command_comes_back_as_it_was_sent(command: CommandApdu) -> None:
    assert CommandApdu.parse(command.encode()) == command


@given(st.binary(max_size=300))
def test_bytes_are_a_command_that_encodes_to_them_or_are_refused(raw: bytes) -> None:
    try:
        encoded = CommandApdu.parse(raw).encode()
    except MalformedApdu as malformed:
        fault = malformed
    else:
        assert encoded == raw
        return
    assert 0 <= fault.offset <= len(raw)
    assert fault.reason.zh != fault.reason.en


@given(st.binary(max_size=300), st.integers(0, 0xFFFF))
def test_a_response_comes_back_as_it_was_sent(data: bytes, sw: int) -> None:
    response = ResponseApdu(data, sw)
    assert ResponseApdu.parse(response.encode()) == response


@pytest.mark.parametrize(
    ("raw", "command"),
    [
        ("00A40000", CommandApdu(0x00, 0xA4, 0, 0)),
        ("0084000008", CommandApdu(0x00, 0x84, 0, 0, le=8)),
        ("00B2010400", CommandApdu(0x00, 0xB2, 1, 4, le=0)),
        ("00A4000002DDF1", CommandApdu(0x00, 0xA4, 0, 0, data=b"\xdd\xf1")),
        ("00A4000002DDF100", CommandApdu(0x00, 0xA4, 0, 0, data=b"\xdd\xf1", le=0)),
    ],
)
def test_the_four_cases(raw: str, command: CommandApdu) -> None:
    assert CommandApdu.parse(bytes.fromhex(raw)) == command
    assert command.encode() == bytes.fromhex(raw)
    assert command.header == bytes.fromhex(raw)[:4]


@pytest.mark.parametrize(
    ("raw", "offset"),
    [("", 0), ("00A400", 3), ("00A4000002DD", 4), ("00A4000002DDF10000", 4), ("00B2000000FFFF", 4)],
)
def test_lengths_that_do_not_add_up_are_named_with_their_place(raw: str, offset: int) -> None:
    with pytest.raises(MalformedApdu) as fault:
        CommandApdu.parse(bytes.fromhex(raw))
    assert fault.value.offset == offset
    assert f"offset {offset}" in str(fault.value)


@pytest.mark.parametrize("raw", [b"", b"\x90"])
def test_an_answer_without_its_status_word_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedApdu, match=f"only {len(raw)} came"):
        ResponseApdu.parse(raw)


@pytest.mark.parametrize(
    ("raw", "granted", "described"),
    [
        ("9000", True, "9000 without data"),
        ("AABB9000", True, "9000 with 2 bytes of data"),
        ("AA6982", True, "6982 with 1 bytes of data"),
        ("6982", False, "6982 without data"),
        ("6108", False, "6108 without data"),
    ],
)
def test_data_or_9000_is_what_was_granted(raw: str, granted: bool, described: str) -> None:
    answer = ResponseApdu.parse(bytes.fromhex(raw))
    assert answer.granted is granted
    assert answer.describe().en == described
