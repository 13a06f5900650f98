"""The simulated SAM: what each type holds, its PIN, session keys that stay inside, and malformed commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference.crypto import SecretKey
from reference.crypto.derivation import diversify_levels, session_key
from reference.standard import Standard, load
from reference.standard.loader import SHIPPED
from reference.terminal.sam_session import SamSession
from simulators.cards import demo_sam
from simulators.cards.personalisation import demo_key
from simulators.cards.sam import SamCard
from tests.reference.terminal.scripted import ListedChip
from tests.simulators.cards.dialogue import ask

APPLICATION, MASTER = "00A4000002DF01", "00A40000023F00"
CARD, PROVINCE, RANDOM = "101512345678ABCD", "3431303030303030", "0102030405060708"
RK1DDF1 = f"80DE473118{CARD}{PROVINCE}{RANDOM}"
BLOCK = "11223344556677880000000000000000"
FIELD_P1P2 = {
    "STKDDF1": "2802",
    "STKDF01": "2803",
    "STKDF02": "4804",
    "STKDF03": "4805",
    "UK1DDF1": "272A",
    "UK1DF01": "272B",
    "UK1DF02": "472C",
    "UK2DF02": "472D",
    "UK3DF02": "472E",
    "UK1DF03": "472F",
    "UK2DF03": "2730",
    "RK1DDF1": "4731",
    "RK1DF01": "4732",
    "RK1DF02": "4733",
    "RK1DF03": "4734",
}
"""P1 and P2 of DELIVERY SESSION KEY as fielded."""
READ = {"RK1DDF1", "RK1DF01", "RK1DF02", "RK1DF03"}
HOSPITAL = READ | {"STKDF02", "STKDF03", "UK1DF02", "UK3DF02", "UK1DF03"}
HELD = {
    1: READ,
    2: HOSPITAL | {"UK2DF02"},
    3: HOSPITAL,
    4: {"STKDDF1", "STKDF01", "STKDF02", "STKDF03"},
    5: set(FIELD_P1P2),
}
"""Which of these keys a type of SAM holds (the five types by key content)."""


def delivery(p1p2: str) -> str:
    """DELIVERY SESSION KEY with as many factors as P1 says."""
    factors = CARD + PROVINCE if p1p2[0] == "4" else CARD
    return f"80DE{p1p2}{len(factors + RANDOM) // 2:02X}{factors}{RANDOM}"


def session(sam: SamCard) -> SecretKey:
    """The session key that the SAM holds inside."""
    assert sam.session is not None
    return sam.session


@pytest.mark.parametrize("key", FIELD_P1P2)
@pytest.mark.parametrize("number", HELD)
def test_a_type_delivers_its_keys_and_no_others(number: int, key: str) -> None:
    sam = demo_sam(number, load("field-2013"))
    answer = ask(sam, APPLICATION, delivery(FIELD_P1P2[key]))
    assert answer == ("9000" if key in HELD[number] else "6A88")
    assert (sam.session is not None) is (key in HELD[number])


@pytest.mark.parametrize("key", FIELD_P1P2)
def test_the_same_card_key_is_reached_by_one_level_and_by_two(key: str) -> None:
    expected = session_key(
        diversify_levels(demo_key(key), (bytes.fromhex(PROVINCE), bytes.fromhex(CARD))), bytes.fromhex(RANDOM)
    )
    fielded = demo_sam(5, load("field-2013"))
    ask(fielded, APPLICATION, delivery(FIELD_P1P2[key]))
    national = demo_sam(5, load("national-2012"))
    ask(national, APPLICATION, delivery("4" + FIELD_P1P2[key][1:]))
    assert session(fielded) == session(national) == expected


PROVINCE_FIRST = ("factor-order", "province-card-random", f"80DE472A18{PROVINCE}{CARD}{RANDOM}")
FIELDED_P1 = ("delivery-p1", "as-fielded", f"80DE272A18{CARD}{PROVINCE}{RANDOM}")


@pytest.mark.parametrize(("switch", "value", "sent"), [PROVINCE_FIRST, FIELDED_P1], ids=["order", "P1"])
def test_terminal_and_sam_follow_the_profile_and_reach_the_same_key(
    tmp_path: Path, switch: str, value: str, sent: str
) -> None:
    profile = tmp_path / "own.toml"
    usual = load().switch(switch)
    shipped = (SHIPPED / "profiles/national-2012.toml").read_text(encoding="utf-8")
    profile.write_text(shipped.replace(f'{switch} = "{usual}"', f'{switch} = "{value}"'), encoding="utf-8")
    own = load(profile)
    factors = (bytes.fromhex(CARD), bytes.fromhex(PROVINCE), bytes.fromhex(RANDOM))
    recorded = ListedChip(["9000"])
    SamSession(recorded, own).deliver("UK1DDF1", *factors)
    sam = demo_sam(5, own)
    ask(sam, APPLICATION)
    SamSession(sam, own).deliver("UK1DDF1", *factors)

    assert recorded.sent == [sent]
    usual_sam = demo_sam(5)
    ask(usual_sam, APPLICATION, f"80DE472A18{CARD}{PROVINCE}{RANDOM}")
    assert session(sam) == session(usual_sam)


def test_the_session_key_never_stands_in_an_answer(sam: SamCard) -> None:
    assert ask(sam, APPLICATION, RK1DDF1) == "9000"
    key = session(sam).secret_value.hex().upper()
    answers = [
        ask(sam, command)
        for command in (
            f"80FA000010{BLOCK}",
            "00C0000010",
            f"80FA050020{'00' * 16}{BLOCK}",
            "00C0000004",
            "00B0000010",
            "0084000008",
            "00C0000000",
        )
    ]
    assert not [answer for answer in answers if key in answer]
    assert key[:16] not in repr(sam.session)


@pytest.mark.parametrize("where", [(), (MASTER,), (APPLICATION, MASTER)])
def test_keys_are_delivered_in_the_application_alone(sam: SamCard, where: tuple[str, ...]) -> None:
    assert ask(sam, *where, RK1DDF1) == "6985"


def test_the_session_key_is_gone_after_a_reset(sam: SamCard) -> None:
    ask(sam, APPLICATION, RK1DDF1)
    sam.reset()
    assert ask(sam, APPLICATION, f"80FA000010{BLOCK}") == "6901"


def test_without_a_session_key_nothing_is_enciphered(sam: SamCard) -> None:
    assert ask(sam, APPLICATION, f"80FA000010{BLOCK}") == "6901"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (f"80DE473110{CARD}{RANDOM}", "6700"),
        (f"80DE473108{RANDOM}", "6700"),
        (f"80DE473120{CARD}{CARD}{PROVINCE}{RANDOM}", "6700"),
        ("80DE4731", "6700"),
        (f"80DE273118{CARD}{PROVINCE}{RANDOM}", "6A86"),
        (f"80DE483118{CARD}{PROVINCE}{RANDOM}", "6A86"),
        (f"80DE477718{CARD}{PROVINCE}{RANDOM}", "6A88"),
        (f"00DE473118{CARD}{PROVINCE}{RANDOM}", "6E00"),
        (f"80FA00000F{'00' * 15}", "6700"),
        ("80FA0000", "6700"),
        (f"80FA090010{BLOCK}", "6A86"),
        (f"80FA000110{BLOCK}", "6A86"),
        (f"80FA050010{BLOCK}", "6700"),
        (f"00FA000010{BLOCK}", "6E00"),
        ("00840000", "6700"),
        ("0084000010", "6700"),
        ("0084010008", "6A86"),
        ("00A4040002DF01", "6A86"),
        ("00A4000003DF0100", "6700"),
        ("00A4000002DF02", "6A82"),
        ("00A40000020015", "6A82"),
        ("00B0000001", "6986"),
        ("00C0000000", "6985"),
        ("0020000102" + "1234", "6A86"),
        ("80200000021234", "6E00"),
        ("001A0000", "6D00"),
        ("00A4", "6700"),
    ],
)
def test_a_malformed_command_is_refused(sam: SamCard, command: str, answer: str) -> None:
    assert ask(sam, APPLICATION, RK1DDF1, command) == answer


def test_enciphered_blocks_are_announced_and_fetched_once(sam: SamCard) -> None:
    assert ask(sam, APPLICATION, RK1DDF1, f"80FA000020{BLOCK * 2}") == "6120"
    assert ask(sam, "00C0000010") == "6C20"
    enciphered = ask(sam, "00C0000020")
    assert enciphered[:32] == enciphered[32:64]
    assert enciphered[64:] == "9000"
    assert ask(sam, "00C0000020") == "6985"


def test_announced_data_is_lost_with_the_next_command(sam: SamCard) -> None:
    ask(sam, APPLICATION, RK1DDF1, f"80FA000010{BLOCK}", APPLICATION)
    assert ask(sam, "00C0000010") == "6985"


def test_the_pin_has_three_tries_and_is_then_blocked_for_good(sam: SamCard) -> None:
    ask(sam, MASTER)
    assert [ask(sam, "00200000020000") for _ in range(4)] == ["63C2", "63C1", "63C0", "6983"]
    assert ask(sam, "00200000021234") == "6983"
    sam.reset()
    assert ask(sam, MASTER, "00200000021234") == "6983"


def test_a_right_pin_gives_the_tries_back(sam: SamCard) -> None:
    assert ask(sam, MASTER, "00200000020000", "00200000020000") == "63C1"
    assert (ask(sam, "00200000021234"), sam.pin_verified) == ("9000", True)
    assert ask(sam, "00200000020000") == "63C2"


def test_a_reset_keeps_the_tries_and_ends_the_pin_status(sam: SamCard) -> None:
    ask(sam, MASTER, "00200000021234")
    ask(sam, "00200000020000")
    sam.reset()
    assert (sam.pin_verified, ask(sam, MASTER, "00200000020000")) == (False, "63C1")


def test_the_files_are_as_long_as_their_tables_say(sam: SamCard, standard: Standard) -> None:
    for path, row in standard.sam_files.items():
        directory, _, fid = path.rpartition("/")
        ask(sam, f"00A4000002{directory or '3F00'}", f"00A4000002{fid}")
        answer = ask(sam, f"00B00000{row.size:02X}")
        assert len(answer) == 2 * row.size + 4
        assert ask(sam, f"00B000{row.size:02X}01") == "6B00"


def test_the_answer_to_reset_carries_thirteen_historical_bytes(sam: SamCard) -> None:
    answer = sam.reset()
    assert answer[:4].hex().upper() == "3B6D0000"
    assert len(answer) == 17
