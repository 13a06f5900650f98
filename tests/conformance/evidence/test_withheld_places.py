"""Byte by byte: what of a command or an answer counts as personal, and what stands in its place."""

from __future__ import annotations

import msgspec
import pytest

from conformance.evidence.model import Exchange, Finding, TestResult, Verdict, Withheld
from conformance.evidence.personal_bytes import Place, Watch
from conformance.evidence.redaction import WITHHELD, Redaction, plain, struck
from reference.card.violations import WrongContent
from reference.crypto import engine
from reference.crypto.sm2 import hmac_with
from reference.languages import Text
from reference.standard import load

STANDARD = load()
SALT = bytes(range(32))
REDACTION = Redaction(STANDARD, SALT)
CHALLENGE_LENGTH = STANDARD.limit("challenge-length")
SELECT_EF05, RESET = ("card", "00A4000002EF05", "9000"), ("card", "", "3B8D8001")
VERSION = "0204312E3130"


def exchange(channel: str, sent: str, received: str) -> Exchange:
    kind = "apdu" if sent else "reset"
    return Exchange(channel=channel, kind=kind, sent=sent, received=received, at_us=0, took_us=1)  # type: ignore[arg-type]


def places(*seen: tuple[str, str, str]) -> list[list[Place]]:
    exchanges = [exchange(*each) for each in seen]
    watch = Watch(STANDARD, exchanges)
    return [watch.personal(each) for each in exchanges]


def last(*seen: tuple[str, str, str]) -> list[Place]:
    return places(*seen)[-1]


# -- the card's answers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "open_"), [(0, True), (1, True), (CHALLENGE_LENGTH, True), (CHALLENGE_LENGTH + 1, False)]
)
def test_an_open_command_may_answer_as_much_as_a_challenge(length: int, open_: bool) -> None:
    found = last(("card", "0084000008", "AB" * length + "9000"))
    assert found == ([] if open_ else [("received", 0, length)])


@pytest.mark.parametrize(
    ("data", "open_"),
    [
        ("6F0A" + "84" * 10, True),
        ("6F0B" + "84" * 10, False),
        ("6F09" + "84" * 10, False),
        ("620A" + "84" * 10, False),
        ("84" * 12, False),
    ],
)
def test_control_information_is_open_when_its_length_is_right(data: str, open_: bool) -> None:
    assert (last(("card", "00A4000002DDF1", data + "9000")) == []) is open_


def test_a_record_of_an_open_element_is_open_in_its_file_alone() -> None:
    read = ("card", "00B2020400", VERSION + "9000")
    assert last(SELECT_EF05, read) == []
    assert last(read) == [("received", 0, 6)]
    assert last(SELECT_EF05, RESET, read) == [("received", 0, 6)]
    for other in (
        ("card", "00A4000002EF05", "6A82"),
        ("card", "00A4000002EF06", "9000"),
        ("card", "00A4040002EF05", "9000"),
        ("card", "00B2000002EF05", "9000"),
        ("sam", "00A4000002EF05", "9000"),
    ):
        assert last(other, read) == [("received", 0, 6)], other
    assert last(("card", "00A4000002EF05", "6110"), read) == []
    assert last(("card", "00A4000002EF05", "6F02840090" + "00"), read) == []
    assert last(("card", "00A4000002EF0500", "9000"), read) == []
    assert last(SELECT_EF05, ("card", "00A4040002EF05", "9000"), read) == [("received", 0, 6)]
    assert last(SELECT_EF05, ("card", "00A4000002EF06", "6A82"), read) == []


@pytest.mark.parametrize(
    "data", [VERSION[:-2], VERSION + "00", "03" + VERSION[2:], "0205" + VERSION[4:], "0004312E3130"]
)
def test_a_record_that_is_not_quite_the_open_one_is_withheld(data: str) -> None:
    read = ("card", "00B2020400", data + "9000")
    assert last(SELECT_EF05, read) == [("received", 0, len(data) // 2)]


def test_what_get_response_fetches_is_as_open_as_the_command_before_it() -> None:
    fetch = ("card", "00C0000004", "ABABABAB9000")
    assert last(("card", "00A4000002DDF1", "6104"), fetch) == []
    assert last(("card", "00B2010400", "6104"), fetch) == [("received", 0, 4)]
    assert last(fetch) == [("received", 0, 4)]
    assert last(("card", "00A4000002DDF1", "6104"), fetch, fetch) == []
    assert last(("card", "00B2010400", "6104"), fetch, fetch) == [("received", 0, 4)]
    assert last(("sam", "0084000008", "6104"), fetch) == [("received", 0, 4)]
    assert last(("sam", "0084000008", "6104"), ("sam", "00C0000004", "ABABABAB9000")) == []


@pytest.mark.parametrize(("answer", "length"), [("", 0), ("41", 1), ("9000", 0), ("419000", 1)])
def test_an_answer_is_withheld_up_to_its_status_word(answer: str, length: int) -> None:
    found = last(("card", "00B2010400", answer))
    assert found == ([("received", 0, length)] if length else [])


# -- commands ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "length"),
    [
        ("00D6000002AABB", 2),
        ("00D6000002AABB00", 2),
        ("00D6000000", 0),
        ("00D60000", 0),
        ("00", 0),
        ("00D6000004AABB", 2),
        ("00D6000001AABB01", 3),
    ],
)
def test_of_a_command_its_data_are_withheld_and_never_its_header(sent: str, length: int) -> None:
    assert last(("card", sent, "9000")) == ([("sent", 5, length)] if length else [])


def test_both_sides_of_an_exchange_are_looked_at() -> None:
    assert last(("card", "04B2010401AA00", "4142439000")) == [("sent", 5, 1), ("received", 0, 3)]


def test_what_is_struck_out_already_and_resets_are_left_alone() -> None:
    watch = Watch(STANDARD, [])
    secret = Withheld(side="sent", at=5, length=1, why="secret")
    written = Exchange(
        channel="sam", kind="apdu", sent="0020000001**", received="9000", at_us=0, took_us=1, withheld=(secret,)
    )
    assert watch.personal(written) == watch.personal(exchange(*RESET)) == []
    assert Watch(STANDARD, [written]).proofs == []


# -- the SAM's enciphering ---------------------------------------------------------------------------------------

ORIGINAL = "1122334455667788"
AUTHENTICATE = ("card", "0082000411" + "AA" * 8 + ORIGINAL + "01", "9000")
INTERNAL = ("card", "0088000110" + ORIGINAL + "BB" * 8, "9000")


def cipher(data: str) -> tuple[str, str, str]:
    return "sam", f"80FA0000{len(data) // 2:02X}{data}", "EE" * 4 + "9000"


def sam_places(data: str, *card: tuple[str, str, str]) -> list[Place]:
    return places(cipher(data), *card)[0]


@pytest.mark.parametrize("proof", [AUTHENTICATE, INTERNAL])
def test_original_information_that_proves_a_key_is_open(proof: tuple[str, str, str]) -> None:
    assert sam_places(ORIGINAL + "00" * 8, proof) == []
    assert sam_places(ORIGINAL + "00" * 8, ("card", "00A4000002DDF1", "9000"), proof) == []


@pytest.mark.parametrize(
    ("data", "card"),
    [
        (ORIGINAL + "00" * 8, []),
        (ORIGINAL + "00" * 8, [("card", "00D6000008" + ORIGINAL, "9000")]),
        (ORIGINAL + "00" * 8, [("sam", AUTHENTICATE[1], "9000")]),
        (ORIGINAL + "00" * 7 + "01", [AUTHENTICATE]),
        (ORIGINAL + "01" + "00" * 7, [AUTHENTICATE]),
        ("1122334455667789" + "00" * 8, [AUTHENTICATE]),
        (ORIGINAL + "00" * 7, [AUTHENTICATE]),
    ],
)
def test_anything_else_that_the_sam_enciphers_is_withheld(data: str, card: list[tuple[str, str, str]]) -> None:
    assert sam_places(data, *card) == [("sent", 5, len(data) // 2), ("received", 0, 4)]


@pytest.mark.parametrize(
    ("data", "open_"),
    [
        ("00" * 16 + "84D2010004" + "80" + "00" * 10, True),
        ("AB" * 16 + "84D2010004" + "80" + "00" * 10, True),
        ("00" * 16 + "848001000480" + "00" * 10, True),
        ("00" * 16 + "84D2010004" + "80" + "00" * 9 + "01", False),
        ("00" * 16 + "84D201000441" + "80" + "00" * 9, False),
        ("00" * 16 + "84D20100" + "80" + "00" * 11, False),
        ("00" * 16 + "84D2010004" + "00" * 11, False),
        ("00" * 15 + "84D2010004" + "80" + "00" * 10, False),
        ("00" * 16 + "84D2010004" + "80" + "00" * 26, False),
    ],
)
def test_the_bare_header_of_a_command_may_be_sealed_openly(data: str, open_: bool) -> None:
    assert (sam_places(data) == []) is open_


def test_the_card_has_no_cipher_data() -> None:
    header = "00" * 16 + "84D2010004" + "80" + "00" * 10
    assert last(("card", "80FA000020" + header, "9000")) == [("sent", 5, 32)]


# -- what stands in their place ----------------------------------------------------------------------------------


def test_a_withheld_place_has_a_digest_over_salt_place_and_bytes() -> None:
    both = exchange("card", "04DC010402ABCD", "4142439000")
    first, shown = REDACTION.exchanges("a test", [exchange(*SELECT_EF05), both])
    assert first == exchange(*SELECT_EF05)
    assert (shown.sent, shown.received) == ("04DC010402****", "******9000")
    said = [b"a test\n1\nsent\n5\n" + b"\xab\xcd", b"a test\n1\nreceived\n0\nABC"]
    digests = [hmac_with(engine().sm3, SALT, each).hex() for each in said]
    assert shown.withheld == (
        Withheld(side="sent", at=5, length=2, why="personal", digest=digests[0]),
        Withheld(side="received", at=0, length=3, why="personal", digest=digests[1]),
    )
    assert (shown.channel, shown.kind, shown.took_us) == ("card", "apdu", 1)


@pytest.mark.parametrize(
    ("channel", "sent", "received", "expected"),
    [
        ("sam", "00200000027391", "9000", ("0020000002****", "9000", [("sent", 5, 2)])),
        ("sam", "00200000027391", "73919000", ("0020000002****", "****9000", [("sent", 5, 2), ("received", 0, 2)])),
        ("sam", "00200000027391", "73", ("0020000002****", "**", [("sent", 5, 2), ("received", 0, 1)])),
        ("sam", "0020000002", "9000", ("0020000002", "9000", [])),
        ("sam", "0084000008", "ABCD9000", ("0084000008", "ABCD9000", [])),
        ("sam", "005E000002AABB", "9000", ("005E000002****", "9000", [("sent", 5, 2)])),
        ("card", "005E000002AABB", "9000", ("005E000002AABB", "9000", [])),
        ("sam", "00A4000002ddf1", "abcd9000", ("00A4000002DDF1", "ABCD9000", [])),
        ("sam", "002000000273", "", ("002000000273"[:10] + "**", "", [("sent", 5, 1)])),
    ],
)
def test_a_pin_is_struck_out_on_both_sides(
    channel: str, sent: str, received: str, expected: tuple[str, str, list[Place]]
) -> None:
    written, answered, withheld = struck(STANDARD, channel, bytes.fromhex(sent), bytes.fromhex(received))
    assert (written, answered, [(row.side, row.at, row.length) for row in withheld]) == expected
    assert all((row.why, row.digest) == ("secret", "") for row in withheld)


def test_the_instruction_of_a_pin_is_secret_only_where_the_tables_say_so() -> None:
    chips = {row.chip for row in STANDARD.secret_commands if row.ins == 0x20}
    for channel in ("card", "sam"):
        written, _, _ = struck(STANDARD, channel, bytes.fromhex("00200000027391"), b"")
        assert ("**" in written) == (channel in chips)


def test_withheld_bytes_play_back_as_zeros() -> None:
    assert plain("0020**91****") == bytes.fromhex("002000910000")


def test_of_what_the_sample_was_made_with_only_open_values_are_shown() -> None:
    stated = {"DDF1/EF05": {"spec-version": "1.10", "card-number": "7"}, "DDF1/EF06": {"spec-version": "1"}}
    assert Redaction(STANDARD, SALT).expected(stated) == {
        "DDF1/EF05": {"spec-version": "1.10", "card-number": "*"},
        "DDF1/EF06": {"spec-version": "*"},
    }


# -- texts -------------------------------------------------------------------------------------------------------


def told(violation: str) -> Finding:
    return Finding(
        violation=violation,
        subject="DDF1/EF06",
        requirement="r",
        summary=Text("s", "s"),
        expected=Text("e", "e"),
        actual=Text("a", "a"),
        source="s",
        causes=(),
        remedy=Text("m", "m"),
        exchange=None,
    )


def shown(verdict: Verdict, *findings: Finding, reason: Text | None = None, quotes: bool = False) -> TestResult:
    read = REDACTION.exchanges("t", [exchange("card", "00B2010400", "419000")]) if quotes else ()
    return REDACTION.result(TestResult(test="t", verdict=verdict, findings=findings, reason=reason), read)


REASON = Text("why", "为何")


@pytest.mark.parametrize("quotes", [False, True])
@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_reason_is_withheld_where_it_may_quote_an_answer(verdict: Verdict, quotes: bool) -> None:
    result = shown(verdict, reason=REASON, quotes=quotes)
    quoting = verdict in (Verdict.BLOCKED, Verdict.FAILED, Verdict.WARNING)
    hidden = verdict is Verdict.ERROR or (quotes and quoting)
    assert result.reason == (WITHHELD if hidden else REASON)
    assert result.withheld == (hidden or quotes)
    assert shown(verdict, quotes=quotes).reason is None
    assert (result.verdict, result.test) == (verdict, "t")


@pytest.mark.parametrize(
    ("violation", "quotes", "hidden"),
    [
        ("WrongContent", False, {"expected", "actual"}),
        ("WrongContent", True, {"expected", "actual"}),
        ("ReadWithoutRight", False, set()),
        ("ReadWithoutRight", True, set()),
        ("UnusableAnswer", False, set()),
        ("UnusableAnswer", True, {"actual"}),
        ("Mystery", False, {"summary", "expected", "actual"}),
        ("content", False, {"summary", "expected", "actual"}),
        ("__all__", True, {"summary", "expected", "actual"}),
    ],
)
def test_the_texts_of_a_finding_are_withheld_where_their_templates_quote(
    violation: str, quotes: bool, hidden: set[str]
) -> None:
    result = shown(Verdict.FAILED, told(violation), quotes=quotes)
    (found,) = result.findings
    for name in ("summary", "expected", "actual", "remedy"):
        assert getattr(found, name) == (WITHHELD if name in hidden else getattr(told(violation), name)), name
    assert result.withheld == (bool(hidden) or quotes)
    whole = msgspec.structs.replace(found, summary=Text("s", "s"), expected=Text("e", "e"), actual=Text("a", "a"))
    assert whole == told(violation)


def test_a_summary_that_came_to_quote_would_be_withheld_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WrongContent, "summary", "It was {found}.")
    (found,) = shown(Verdict.FAILED, told("WrongContent")).findings
    assert found.summary == WITHHELD


def test_what_is_secret_does_not_make_a_result_personal() -> None:
    secret = Withheld(side="sent", at=5, length=1, why="secret")
    struck_out = Exchange(
        channel="sam", kind="apdu", sent="0020000001**", received="9000", at_us=0, took_us=1, withheld=(secret,)
    )
    result = TestResult(test="t", verdict=Verdict.BLOCKED, reason=REASON)
    assert REDACTION.result(result, [struck_out]) == result
