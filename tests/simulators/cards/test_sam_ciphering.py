"""CIPHER DATA in all its modes: one command or a series, what breaks a series off, and that the key stays inside."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.crypto import SM4, SecretKey
from reference.crypto.secure_messaging import cbc_mac
from reference.standard import load
from simulators.cards import demo_sam
from simulators.cards.sam import SamCard
from tests.simulators.cards.dialogue import ask

APPLICATION, MASTER = "00A4000002DF01", "00A40000023F00"
RANDOM = "0102030405060708"
DELIVERY = f"80DE473118101512345678ABCD3431303030303030{RANDOM}"
START = "0F" * 16
BLOCKS = [f"{number:02X}" * 16 for number in range(1, 9)]


def cipher(mode: str, data: str) -> str:
    """CIPHER DATA in a mode."""
    return f"80FA{mode}00{len(data) // 2:02X}{data}"


@pytest.fixture
def ready(sam: SamCard) -> SamCard:
    """A SAM with a session key."""
    assert ask(sam, APPLICATION, DELIVERY) == "9000"
    return sam


def key(sam: SamCard) -> SecretKey:
    """The session key inside."""
    assert sam.session is not None
    return sam.session


def mac(sam: SamCard, blocks: str) -> str:
    """The MAC wanted over blocks, from START."""
    return cbc_mac(key(sam), bytes.fromhex(blocks), bytes.fromhex(START))[:4].hex().upper()


def test_blocks_are_enciphered_in_a_series_as_in_one(ready: SamCard) -> None:
    whole = SM4.encrypt(key(ready).secret_value, bytes.fromhex("".join(BLOCKS[:4]))).hex().upper()
    parts = ""
    for mode, blocks in (("02", BLOCKS[:1]), ("02", BLOCKS[1:3]), ("00", BLOCKS[3:4])):
        announced = ask(ready, cipher(mode, "".join(blocks)))
        assert announced == f"61{16 * len(blocks):02X}"
        parts += ask(ready, f"00C00000{16 * len(blocks):02X}")[:-4]
    assert parts == whole


def test_a_mac_over_a_series_is_that_over_all_its_blocks(ready: SamCard) -> None:
    wanted = mac(ready, "".join(BLOCKS[:5]))
    assert ask(ready, cipher("05", START + "".join(BLOCKS[:5]))) == "6104"
    assert ask(ready, "00C0000004") == wanted + "9000"
    assert ask(ready, cipher("07", START + BLOCKS[0])) == "9000"
    assert ask(ready, cipher("03", "".join(BLOCKS[1:3]))) == "9000"
    assert ask(ready, cipher("03", BLOCKS[3])) == "9000"
    assert ask(ready, cipher("01", BLOCKS[4])) == "6104"
    assert ask(ready, "00C0000004") == wanted + "9000"


def test_nothing_of_a_series_is_given_out_before_its_end(ready: SamCard) -> None:
    assert ask(ready, cipher("07", START + BLOCKS[0])) == "9000"
    assert ask(ready, "00C0000004") == "6985"


@pytest.mark.parametrize("mode", ["01", "03"])
def test_a_series_has_a_beginning(ready: SamCard, mode: str) -> None:
    assert ask(ready, cipher(mode, BLOCKS[0])) == "6985"


@pytest.mark.parametrize("mode", ["01", "03"])
def test_a_finished_series_does_not_go_on(ready: SamCard, mode: str) -> None:
    ask(ready, cipher("07", START + BLOCKS[0]), cipher("01", BLOCKS[1]), "00C0000004")
    assert ask(ready, cipher(mode, BLOCKS[2])) == "6985"


@pytest.mark.parametrize(
    "between", [APPLICATION, DELIVERY, "0084000008", "00A4000002001C", "001A0000", "80FA0900" + "10" + BLOCKS[7]]
)
def test_another_command_breaks_a_mac_off_or_is_refused(ready: SamCard, between: str) -> None:
    ask(ready, cipher("07", START + BLOCKS[0]))
    refused_cipher = between.startswith("80FA")
    ask(ready, between)
    assert ask(ready, cipher("01", BLOCKS[1])) == ("6104" if refused_cipher else "6985")


@pytest.mark.parametrize(("begun", "other"), [("02", "05"), ("02", "07"), ("07", "00"), ("07", "02"), ("07", "07")])
def test_series_of_two_kinds_do_not_mix(ready: SamCard, begun: str, other: str) -> None:
    ask(ready, cipher(begun, START + BLOCKS[0]))
    assert ask(ready, cipher(other, START + BLOCKS[1])) == "6985"


@pytest.mark.parametrize("mode", ["05", "07"])
def test_a_mac_needs_its_start_value_and_a_block(ready: SamCard, mode: str) -> None:
    assert ask(ready, cipher(mode, START)) == "6700"


@pytest.mark.parametrize("mode", ["04", "06", "08", "FF"])
def test_other_modes_are_refused(ready: SamCard, mode: str) -> None:
    assert ask(ready, cipher(mode, BLOCKS[0] * 2)) == "6A86"


def test_the_session_key_ends_on_leaving_the_application(ready: SamCard) -> None:
    assert ask(ready, APPLICATION, cipher("00", BLOCKS[0])) == "6110"
    assert ask(ready, MASTER, APPLICATION, cipher("00", BLOCKS[0])) == "6901"


def test_a_key_without_levels_is_delivered_from_the_random_alone() -> None:
    standard = load()
    row = msgspec.structs.replace(standard.sam_keys["RK1DDF1"], levels=0)
    sam = demo_sam(5, standard.replacing(sam_keys={"RK1DDF1": row}))
    assert ask(sam, APPLICATION, f"80DE073108{RANDOM}") == "9000"
    assert ask(sam, f"80DE073110{RANDOM * 2}") == "6700"


COMMANDS = st.one_of(
    st.sampled_from([APPLICATION, MASTER, DELIVERY, "0084000008", "00C0000000", "00C0000010", "00200000021234"]),
    st.builds(
        lambda mode, count: cipher(mode, START + "".join(BLOCKS[:count])),
        st.sampled_from(["00", "01", "02", "03", "05", "07"]),
        st.integers(0, 8),
    ),
    st.builds(
        lambda fid, le: f"00A4000002{fid}" if le < 0 else f"00B00000{le:02X}",
        st.sampled_from(["0015", "0016", "001A", "001B", "001C"]),
        st.integers(-1, 255),
    ),
    st.builds(lambda mode: f"80F2{mode}0020" + "AB" * 32, st.sampled_from(["00", "02"])),
    st.just("80F4000020" + "CD" * 32),
    st.binary(min_size=1, max_size=12).map(bytes.hex),
)


@given(commands=st.lists(COMMANDS, max_size=12))
@settings(max_examples=80, deadline=None)
def test_no_key_stands_in_any_answer(commands: list[str]) -> None:
    sam = demo_sam(5)
    secrets = {held.secret_value for held in sam.memory.keys.values()} | {sam.memory.signing_key.secret_value}
    answers = b""
    for command in (APPLICATION, DELIVERY, *commands):
        answer = sam.transmit(bytes.fromhex(command))
        assert len(answer) >= 2
        answers += answer
        if sam.session is not None:
            secrets.add(sam.session.secret_value)
    assert not [secret for secret in secrets if secret in answers]
