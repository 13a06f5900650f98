"""Challenges, external and internal authentication on the simulated card (APP11 5.2, 5.3)."""

from __future__ import annotations

import pytest

from reference.standard import load
from reference.standard.rows import Key
from reference.terminal.terminal import ORIGINAL, Terminal
from simulators.cards.user_card import UserCard
from tests.simulators.cards.dialogue import ask

DDF1 = "00A4000002DDF1"
PROVING = [key.id for key in load().keys.values() if key.reference is not None and key.id != "IRKDDF1"]


def key_named(terminal: Terminal, name: str) -> Key:
    """The key's row."""
    return terminal.standard.keys[name]


@pytest.mark.parametrize("name", PROVING)
def test_every_authentication_key_proves_itself_in_its_directory(terminal: Terminal, card: UserCard, name: str) -> None:
    terminal.select(key_named(terminal, name).directory)
    terminal.authenticate(name)
    assert card.authenticated == {name}


@pytest.mark.parametrize("name", PROVING)
def test_one_wrong_bit_gains_nothing(terminal: Terminal, card: UserCard, name: str) -> None:
    key = key_named(terminal, name)
    terminal.select(key.directory)
    data = bytearray(terminal.authentication_command_data(name, terminal.challenge()))
    data[7] ^= 0x01
    assert key.reference is not None
    answer = terminal.card.external_authenticate(key.reference, bytes(data))
    assert (f"{answer.sw:04X}", card.authenticated) == ("63CF", set())


def test_a_challenge_serves_one_authentication(terminal: Terminal) -> None:
    terminal.select("DDF1")
    data = terminal.authentication_command_data("RK1DDF1", terminal.challenge())
    assert terminal.card.external_authenticate(0x04, data).sw == 0x9000
    assert terminal.card.external_authenticate(0x04, data).sw == 0x6985


def test_a_wrong_proof_uses_the_challenge_up(terminal: Terminal) -> None:
    terminal.select("DDF1")
    data = terminal.authentication_command_data("RK1DDF1", terminal.challenge())
    assert terminal.card.external_authenticate(0x04, bytes(8) + data[8:]).sw == 0x63CF
    assert terminal.card.external_authenticate(0x04, data).sw == 0x6985


def test_a_newer_challenge_replaces_the_older(terminal: Terminal) -> None:
    terminal.select("DDF1")
    older = terminal.authentication_command_data("RK1DDF1", terminal.challenge())
    terminal.challenge()
    assert terminal.card.external_authenticate(0x04, older).sw == 0x63CF


def test_a_proof_without_a_challenge_is_refused(card: UserCard) -> None:
    assert ask(card, DDF1, "0082000411" + "00" * 16 + "01") == "6985"


def test_a_challenge_does_not_outlive_a_reset(terminal: Terminal, card: UserCard) -> None:
    terminal.select("DDF1")
    data = terminal.authentication_command_data("RK1DDF1", terminal.challenge())
    card.reset()
    terminal.select("DDF1")
    assert terminal.card.external_authenticate(0x04, data).sw == 0x6985


def test_another_directorys_key_of_the_same_reference_is_not_taken(terminal: Terminal) -> None:
    terminal.select("DDF1/DF02")
    assert terminal.try_external_authentication("RK1DF01", reference=0x84).sw == 0x63CF
    assert terminal.try_external_authentication("RK1DF02", reference=0x84).sw == 0x9000


def test_a_second_key_adds_its_right(terminal: Terminal, card: UserCard) -> None:
    terminal.select("DDF1/DF02")
    terminal.authenticate("RK1DF02")
    terminal.authenticate("UK1DF02")
    assert card.authenticated == {"RK1DF02", "UK1DF02"}


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("0082000410" + "00" * 16, "6700"),
        ("0082000412" + "00" * 18, "6700"),
        ("00820004", "6700"),
        ("0082000411" + "00" * 16 + "02", "6A88"),
        ("0082010411" + "00" * 16 + "01", "6A86"),
        ("0082008411" + "00" * 16 + "01", "6A88"),
        ("0082000011" + "00" * 16 + "01", "6A88"),
        ("8482000411" + "00" * 16 + "01", "6E00"),
        ("0088000010" + "00" * 16, "6700"),
        ("0088000011" + "00" * 16 + "02", "6A88"),
        ("0088010011" + "00" * 16 + "01", "6A86"),
        ("0088000411" + "00" * 16 + "01", "6A88"),
        ("0488000011" + "00" * 16 + "01", "6E00"),
    ],
)
def test_a_malformed_authentication_is_refused(card: UserCard, command: str, answer: str) -> None:
    assert ask(card, DDF1, "0084000008", command) == answer
    assert card.authenticated == set()


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("0084010008", "6A86"),
        ("0084000108", "6A86"),
        ("00840000", "6700"),
        ("0084000004", "6C08"),
        ("0084000010", "6C08"),
        ("0484000008", "6E00"),
    ],
)
def test_a_malformed_get_challenge_is_refused_and_gives_no_challenge(card: UserCard, command: str, answer: str) -> None:
    assert ask(card, DDF1, command) == answer
    assert card.challenge_given is None


def test_challenges_differ(card: UserCard) -> None:
    challenges = {ask(card, "0084000008") for _ in range(100)}
    assert len(challenges) == 100
    assert {len(challenge) for challenge in challenges} == {20}


def test_the_card_proves_itself_by_internal_authentication(terminal: Terminal) -> None:
    terminal.select("DDF1")
    answer, expected = terminal.internal_authentication(terminal.sam.challenge())
    assert (answer.sw, answer.data) == (0x9000, expected)
    other, _ = terminal.internal_authentication(terminal.sam.challenge())
    assert other.data != expected


@pytest.mark.parametrize("directory", ["", "DDF1/DF01", "DDF1/DF02", "DDF1/DF03"])
def test_internal_authentication_belongs_to_the_environment(terminal: Terminal, directory: str) -> None:
    terminal.select(directory)
    answer = terminal.card.internal_authenticate(0x00, bytes(8) + ORIGINAL + b"\x01")
    assert answer.sw == 0x6A88
