"""Flows of the reference terminal: with the demo card they work, with chips that are none they break cleanly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reference.card.violations import (
    AuthenticationRefused,
    ChallengeNotRandom,
    FileMissing,
    ReadRefused,
    UnusableAnswer,
    Violation,
    WrongCoding,
    WrongRecord,
    WrongResetAnswer,
)
from reference.ports import Chip, ProductUnreachable
from reference.standard import load
from reference.terminal.card_session import CardSession
from reference.terminal.sam_session import SamRefuses, SamSession
from reference.terminal.terminal import FlowBroken, Terminal
from simulators.cards import demo_card, demo_sam
from simulators.cards.hollow import (
    Always9000Card,
    EchoCard,
    FirstAnswerAgainCard,
    GenerousCard,
    NullCard,
    RandomCard,
    SilentCard,
)
from simulators.sources import SeededRandomness
from tests.reference.terminal.scripted import ListedChip

STANDARD = load()


def terminal_with(card: Chip, sam: Chip | None = None) -> Terminal:
    """A terminal, not yet started."""
    return Terminal(CardSession(card, STANDARD), SamSession(sam or demo_sam(5, STANDARD), STANDARD))


def broken(act: Callable[[], object]) -> Violation:
    """The violation that breaks the flow."""
    with pytest.raises(FlowBroken) as fault:
        act()
    assert str(fault.value) == str(fault.value.violation)
    return fault.value.violation


@pytest.fixture
def terminal() -> Terminal:
    """A terminal with demo card and SAM, started."""
    terminal = terminal_with(demo_card(STANDARD))
    terminal.start()
    return terminal


@pytest.mark.parametrize("interface", ["contactless", "contact-t0"])
def test_start_learns_both_factors(interface: str) -> None:
    terminal = terminal_with(demo_card(STANDARD, interface))
    terminal.start()
    assert terminal.card_factor.hex().upper() == "101512345678ABCD"
    assert terminal.province_factor == b"41000000"


@pytest.mark.parametrize(
    ("card", "violation"),
    [
        (NullCard(), FileMissing),
        (Always9000Card(), ReadRefused),
        (GenerousCard(), ReadRefused),
        (EchoCard(), WrongRecord),
        (FirstAnswerAgainCard(demo_card(STANDARD)), ReadRefused),
        (RandomCard(SeededRandomness(1)), FileMissing),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_start_breaks_on_a_hollow_card(card: Chip, violation: type[Violation]) -> None:
    assert type(broken(terminal_with(card).start)) is violation


def test_a_silent_card_is_unreachable_and_not_a_broken_rule() -> None:
    with pytest.raises(ProductUnreachable):
        terminal_with(SilentCard()).start()


def test_an_empty_answer_is_unusable() -> None:
    with pytest.raises(UnusableAnswer):
        terminal_with(ListedChip([""])).start()


@pytest.mark.parametrize(
    "answer", ["", "3B", "3B00", "3B6D0000", "3B6C000000816B0000101512345678AB", "FF6D000000816B0000101512345678ABCD"]
)
def test_start_breaks_on_an_answer_to_reset_without_thirteen_historical_bytes(answer: str) -> None:
    found = broken(terminal_with(ListedChip(["9000"], reset=answer)).start)
    assert isinstance(found, WrongResetAnswer)
    assert found.subject == bytes.fromhex(answer).hex(" ").upper()


@pytest.mark.parametrize(
    ("record", "violation"),
    [
        ("3903410100 9000", None),
        ("3903AF0100 9000", WrongCoding),
        ("3903FFFFFF 9000", WrongCoding),
        ("3803410100 9000", WrongRecord),
        ("3904410100 9000", WrongRecord),
        ("39034101 9000", ReadRefused),
        ("3903410100 6282", ReadRefused),
        ("6982", ReadRefused),
    ],
)
def test_start_needs_a_city_code_of_digits(record: str, violation: type[Violation] | None) -> None:
    terminal = terminal_with(ListedChip(["9000", "9000", "9000", record]))
    if violation is None:
        terminal.start()
        assert terminal.province_factor == b"41000000"
    else:
        found = broken(terminal.start)
        assert isinstance(found, violation)
        assert found.subject == "DDF1/EF05 57"


@pytest.mark.parametrize(
    "answer", ["9000", "01020304050607 9000", "010203040506070809 9000", "6D00", "0102030405060708 6283"]
)
def test_a_challenge_is_eight_bytes_with_9000(answer: str) -> None:
    assert isinstance(broken(terminal_with(ListedChip([answer])).challenge), ChallengeNotRandom)


def test_a_missing_file_breaks_the_flow_by_its_name(terminal: Terminal) -> None:
    terminal.card.chip = ListedChip(["9000", "9000", "6A82"])
    found = broken(lambda: terminal.select("DDF1/DF03"))
    assert isinstance(found, FileMissing)
    assert found.subject == "DDF1/DF03"
    terminal.card.chip = ListedChip(["6A82"])
    assert broken(lambda: terminal.select("")).subject == "MF"


def test_a_refused_authentication_breaks_the_flow_by_its_key(terminal: Terminal) -> None:
    terminal.select("DDF1/DF01")
    terminal.card_factor = bytes(8)
    found = broken(lambda: terminal.authenticate("RK1DF01"))
    assert isinstance(found, AuthenticationRefused)
    assert found.subject == "RK1DF01"
    assert "63CF" in str(found)


def test_every_key_authenticates_under_both_profiles() -> None:
    for profile in ("national-2012", "field-2013"):
        standard = load(profile)
        terminal = Terminal(CardSession(demo_card(standard), standard), SamSession(demo_sam(5, standard), standard))
        terminal.start()
        for file in standard.files.values():
            for key in filter(None, (file.read, file.update, file.erase)):
                terminal.select(file.path)
                terminal.authenticate(key)
        assert terminal.card.read_binary(0, 1).sw == 0x6982, profile


@pytest.mark.parametrize(("number", "key"), [(1, "UK1DF02"), (3, "UK2DF02"), (4, "RK1DDF1"), (2, "UK2DF03")])
def test_a_sam_without_the_key_refuses_before_the_card_is_asked_to_believe(number: int, key: str) -> None:
    card = demo_card(STANDARD)
    terminal = terminal_with(card, demo_sam(number, STANDARD))
    terminal.start()
    terminal.select(STANDARD.keys[key].directory)
    with pytest.raises(SamRefuses) as refusal:
        terminal.authenticate(key)
    assert refusal.value.purpose == f"DELIVERY SESSION KEY {key}"
    assert refusal.value.answer.sw == 0x6A88
    assert not card.authenticated


@pytest.mark.parametrize("sam", [NullCard(), ListedChip(["6A82"])], ids=["null", "no application"])
def test_a_sam_that_is_none_is_named(sam: Chip) -> None:
    with pytest.raises(SamRefuses, match="SELECT DF01"):
        terminal_with(demo_card(STANDARD), sam).start()


def test_the_sams_pin_is_verified_and_its_application_open_again() -> None:
    sam = SamSession(demo_sam(5, STANDARD), STANDARD)
    assert sam.verify_pin(bytes.fromhex("0000")).sw == 0x63C2
    assert sam.verify_pin(bytes.fromhex("1234")).sw == 0x9000
    assert len(sam.challenge()) == 8
    sam.deliver("RK1DDF1", bytes(8), bytes(8), bytes(8))
    assert len(sam.encipher(bytes(32))) == 32
    assert len(sam.mac(bytes(16))) == 4


def test_internal_authentication_tells_a_genuine_card_from_another(terminal: Terminal) -> None:
    terminal.select("DDF1")
    answer, genuine = terminal.internal_authentication(bytes(8))
    assert answer.data == genuine
    terminal.card_factor = bytes(8)
    answer, genuine = terminal.internal_authentication(bytes(8))
    assert answer.data != genuine


def test_a_secured_update_has_cipher_text_and_mac_in_whole(terminal: Terminal) -> None:
    terminal.select("DDF1/DF02/EF05")
    terminal.authenticate("UK1DF02")
    data = terminal.secured_data("DDF1/DF02", terminal.update_header(1, 4), bytes.fromhex("290104"))
    assert len(data) == 0x14
    assert terminal.update_header(1, 4) == bytes.fromhex("04DC0104")
    assert terminal.maintenance_key("DDF1/DF02") == "STKDF02"
