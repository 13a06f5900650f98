"""What of an exchange is withheld: everything that is not known to be open, and PINs and keys before all else."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.engine.transcript import PlayedBackChip, RecordingChip, Transcript, is_recorded
from conformance.engine.transcript import Recording as Played
from conformance.evidence.decoding import decode
from conformance.evidence.model import Exchange, Finding, TestResult, Verdict
from conformance.evidence.redaction import MARK, WITHHELD, Redaction, struck
from reference.languages import Text, say
from reference.standard import load
from tests.runs import SteadyClock

STANDARD = load()
REDACTION = Redaction(STANDARD, bytes(32))
SELECT_EF05, SELECT_EF06 = ("00A4000002EF05", "9000"), ("00A4000002EF06", "9000")
VERSION, CARD_NUMBER = "0204312E3130", "0812" + "31" * 18
AUTHENTICATE = "0082000411" + "AA" * 8 + "1122334455667788" + "01"


def redacted(*pairs: tuple[str, str], channel: str = "card") -> tuple[Exchange, ...]:
    """Exchanges of a test, redacted: command and answer in hexadecimal."""
    exchanges = [
        Exchange(channel=channel, kind="apdu", sent=sent, received=received, at_us=0, took_us=1)
        for sent, received in pairs
    ]
    return REDACTION.exchanges("a test", exchanges)


def test_a_record_of_an_open_element_is_shown() -> None:
    read = redacted(SELECT_EF05, ("00B2020400", VERSION + "9000"))[-1]
    assert (read.received, read.withheld) == (VERSION + "9000", ())


@pytest.mark.parametrize(
    ("select", "record"),
    [
        (SELECT_EF05, CARD_NUMBER),
        (SELECT_EF06, VERSION),
        (SELECT_EF06, "0B1E" + "41" * 30),
        (SELECT_EF05, VERSION + "00"),
        (SELECT_EF05, VERSION[:-2]),
        (SELECT_EF05, "0205312E3130"),
        (("00A4000002EF05", "6A82"), VERSION),
        (("00A404000CEF05EF05EF05EF05EF05EF05", "9000"), VERSION),
    ],
)
def test_any_other_record_is_withheld_with_its_length(select: tuple[str, str], record: str) -> None:
    read = redacted(select, ("00B2020400", record + "9000"))[-1]
    assert read.received == MARK * (len(record) // 2) + "9000"
    (row,) = read.withheld
    assert (row.side, row.at, row.length, row.why) == ("received", 0, len(record) // 2, "personal")


def test_after_a_reset_no_file_is_selected() -> None:
    reset = Exchange(channel="card", kind="reset", sent="", received="3B8D8001", at_us=0, took_us=1)
    select, read = (
        Exchange(channel="card", kind="apdu", sent=sent, received=received, at_us=0, took_us=1)
        for sent, received in (SELECT_EF05, ("00B2020400", VERSION + "9000"))
    )
    shown = REDACTION.exchanges("a test", [select, reset, read])
    assert (shown[1], MARK in shown[2].received) == (reset, True)


@pytest.mark.parametrize("update", ["04DC010414", "00DC010414", "00D6000014", "04E2000014", "00FE000014"])
def test_what_a_command_writes_is_withheld_whatever_protects_it(update: str) -> None:
    (shown,) = redacted((update + "AB" * 20, "9000"))
    assert (shown.sent, shown.received) == (update + MARK * 20, "9000")


@pytest.mark.parametrize("malformed", ["04DC0104FFABABAB", "00D6000001ABABABAB", "00D60000000014ABAB"])
def test_of_a_command_with_a_wrong_length_no_more_than_the_header_is_shown(malformed: str) -> None:
    (shown,) = redacted((malformed, "6700"))
    assert shown.sent == malformed[:10] + MARK * ((len(malformed) - 10) // 2)


def test_content_in_the_answer_to_an_open_command_is_withheld() -> None:
    select, fci, challenge = redacted(
        ("00A4000002EF06", "41" * 30 + "9000"),
        ("00A4000002DDF1", "6F028400" + "9000"),
        ("0084000008", "AB" * 8 + "9000"),
    )
    assert select.received == MARK * 30 + "9000"
    assert (fci.withheld, challenge.withheld) == ((), ())


def test_a_single_byte_as_answer_is_withheld() -> None:
    assert redacted(("00B2010400", "41"))[0].received == MARK


def test_a_record_that_the_sam_enciphers_is_withheld_with_its_cipher_text() -> None:
    cipher, fetched = redacted(("80FA000010" + "AB" * 16, "6110"), ("00C0000010", "CD" * 16 + "9000"), channel="sam")
    assert (cipher.sent, fetched.received) == ("80FA000010" + MARK * 16, MARK * 16 + "9000")


def test_a_proof_of_a_key_and_the_mac_of_a_bare_header_are_shown() -> None:
    card = Exchange(channel="card", kind="apdu", sent=AUTHENTICATE, received="9000", at_us=0, took_us=1)
    proof = "80FA000010" + "1122334455667788" + "00" * 8
    header = "80FA050020" + "00" * 16 + "84D2010004" + "80" + "00" * 10
    with_data = "80FA050020" + "00" * 16 + "00D6000004" + "41" * 4 + "80" + "00" * 6
    sam = [
        Exchange(channel="sam", kind="apdu", sent=sent, received="EE" * 4 + "9000", at_us=0, took_us=1)
        for sent in (proof, header, with_data)
    ]
    shown = REDACTION.exchanges("a test", [*sam, card])
    assert [bool(exchange.withheld) for exchange in shown] == [False, False, True, False]
    assert REDACTION.exchanges("a test", sam)[0].withheld, "nothing shows that these are no record's bytes"


def test_equal_values_in_two_places_have_different_digests() -> None:
    shown = redacted(SELECT_EF06, ("00B2010400", "0C01019000"), ("00B2010400", "0C01019000"))
    first, second = (exchange.withheld[0].digest for exchange in shown[1:])
    assert (first != second, len(first)) == (True, 64)


def test_the_salt_decides_the_digest() -> None:
    exchange = Exchange(channel="card", kind="apdu", sent="00B2010400", received="0C01019000", at_us=0, took_us=1)
    digests = {
        Redaction(STANDARD, salt).exchanges("t", [exchange])[0].withheld[0].digest for salt in (b"a" * 32, b"b" * 32)
    }
    assert len(digests) == 2


@given(
    st.lists(st.tuples(st.binary(min_size=1, max_size=40), st.binary(max_size=40)), max_size=6),
    st.sampled_from(["card", "sam"]),
)
def test_redaction_never_fails_and_keeps_all_lengths(pairs: list[tuple[bytes, bytes]], channel: str) -> None:
    shown = redacted(*((sent.hex().upper(), received.hex().upper()) for sent, received in pairs), channel=channel)
    assert [(len(one.sent), len(one.received)) for one in shown] == [(2 * len(a), 2 * len(b)) for a, b in pairs]
    for one in shown:
        assert (one.sent + one.received).count(MARK) == sum(row.length for row in one.withheld)


# -- texts -----------------------------------------------------------------------------------------------------


def finding(violation: str, **texts: str) -> Finding:
    told = {name: Text(texts.get(name, "x"), texts.get(name, "x")) for name in ("summary", "expected", "actual")}
    return Finding(
        violation=violation,
        subject="DDF1/EF06",
        requirement="r",
        source="s",
        causes=(),
        remedy=say("Reset"),
        exchange=None,
        **told,
    )


def shown_of(verdict: Verdict, reason: Text | None = None, *findings: Finding, quotes: bool = False) -> TestResult:
    result = TestResult(test="t", verdict=verdict, reason=reason, findings=findings)
    return REDACTION.result(result, redacted(("00B2010400", "0C01019000")) if quotes else ())


def test_texts_that_quote_a_value_are_withheld_and_the_others_shown() -> None:
    (shown,) = shown_of(Verdict.FAILED, None, finding("WrongContent", summary="of the name")).findings
    assert (shown.summary.en, shown.expected, shown.actual) == ("of the name", WITHHELD, WITHHELD)


def test_a_violation_that_quotes_nothing_is_shown_whole() -> None:
    found = finding("ReadWithoutRight", actual="the card answered 9000 with 30 bytes of data")
    assert shown_of(Verdict.FAILED, None, found, quotes=True).findings == (found,)


def test_an_unknown_violation_is_withheld_whole() -> None:
    (shown,) = shown_of(Verdict.FAILED, None, finding("Mystery")).findings
    assert {shown.summary, shown.expected, shown.actual} == {WITHHELD}


def test_the_reason_of_an_error_is_withheld_since_it_may_quote_anything() -> None:
    assert shown_of(Verdict.ERROR, say("Reset")).reason == WITHHELD
    assert shown_of(Verdict.SKIPPED, say("Reset")).reason == say("Reset")
    assert shown_of(Verdict.BLOCKED, say("Reset"), quotes=True).reason == WITHHELD


def test_of_a_personal_value_no_more_is_shown_than_that_it_is_stated() -> None:
    stated = {
        "DDF1/EF05": {"spec-version": "1.10", "card-number": "123"},
        "DDF1/DF02/EF07 record 1": {"substance": "x"},
    }
    assert REDACTION.expected(stated) == {
        "DDF1/EF05": {"spec-version": "1.10", "card-number": "*"},
        "DDF1/DF02/EF07 record 1": {"substance": "*"},
    }


def test_a_withheld_exchange_is_still_shown_in_words() -> None:
    decoded = decode(redacted(("00B2010400", "0C01019000"))[0], STANDARD)
    data = decoded.received[0]
    assert (data.hex, data.meaning and data.meaning.en) == (MARK * 3, "withheld: real data, in the sealed part")


# -- PINs and keys ---------------------------------------------------------------------------------------------


class Parrot:
    """Answers with what it was asked."""

    def reset(self) -> bytes:
        return b"\x3b\x00"

    def transmit(self, command: bytes) -> bytes:
        return command + b"\x90\x00"


def test_a_pin_is_struck_out_while_it_is_recorded_and_where_the_answer_repeats_it() -> None:
    transcript = Transcript(SteadyClock())
    chip = RecordingChip(Parrot(), "sam", transcript, STANDARD)
    assert chip.transmit(bytes.fromhex("00200000027391")) == bytes.fromhex("002000000273919000")
    (exchange,) = transcript.exchanges
    assert (exchange.sent, exchange.received) == ("0020000002" + MARK * 2, MARK * 7 + "9000")
    assert [(row.why, row.digest) for row in exchange.withheld] == [("secret", ""), ("secret", "")]


def test_a_struck_exchange_plays_back_for_any_pin_of_its_length() -> None:
    sent, received, withheld = struck(STANDARD, "sam", bytes.fromhex("00200000027391"), b"\x90\x00")
    exchange = Exchange(channel="sam", kind="apdu", sent=sent, received=received, at_us=0, took_us=1, withheld=withheld)
    assert PlayedBackChip(Played([exchange]), "sam").transmit(bytes.fromhex("00200000021234")) == b"\x90\x00"
    assert not is_recorded(sent, bytes.fromhex("0020000003123456"))
    assert not is_recorded(sent, bytes.fromhex("00200001021234"))


def test_a_struck_exchange_stays_as_it_is_in_redaction() -> None:
    sent, received, withheld = struck(STANDARD, "sam", bytes.fromhex("00200000027391"), b"\x90\x00")
    exchange = Exchange(channel="sam", kind="apdu", sent=sent, received=received, at_us=0, took_us=1, withheld=withheld)
    assert REDACTION.exchanges("t", [exchange]) == (exchange,)
    decoded = decode(exchange, STANDARD)
    assert any(part.meaning is not None and "PIN" in part.meaning.en for part in decoded.sent[4:])


def test_an_exchange_without_anything_withheld_has_no_word_of_it() -> None:
    exchange = Exchange(channel="sam", kind="apdu", sent="00", received="9000", at_us=0, took_us=1)
    assert b"withheld" not in msgspec.json.encode(exchange)
