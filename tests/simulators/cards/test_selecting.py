"""SELECT on the simulated card: by identifier from each place, and by name (APP11 4.1 to 4.5)."""

from __future__ import annotations

import pytest

from simulators.cards.user_card import UserCard
from tests.simulators.cards.dialogue import ask

MF, DDF1, DF01, DF02, DF03 = "00A40000023F00", "00A4000002DDF1", "00A4000002DF01", "00A4000002DF02", "00A4000002DF03"
EF05, EF06, EE01 = "00A4000002EF05", "00A4000002EF06", "00A4000002EE01"
PLACES = [(), (DDF1,), (DDF1, DF01), (DDF1, DF02), (DDF1, DF03), (DDF1, DF03, EE01)]


def by_name(name: str) -> str:
    """SELECT by DF name."""
    return f"00A40400{len(name) // 2:02X}{name}"


@pytest.mark.parametrize("place", PLACES, ids=len)
def test_the_master_file_is_reached_from_everywhere(card: UserCard, place: tuple[str, ...]) -> None:
    assert ask(card, MF, *place, MF) == "9000"
    assert (card.directory, card.file) == ("", None)


@pytest.mark.parametrize(
    ("path", "reached"),
    [
        ((DDF1, DF01), "DDF1/DF01"),
        ((DDF1, DF01, DDF1), "DDF1"),
        ((DDF1, DF01, DF02), "DDF1/DF02"),
        ((DDF1, DF02, DF02), "DDF1/DF02"),
        ((DDF1, DDF1), "DDF1"),
    ],
)
def test_children_parents_siblings_and_itself_are_reached(card: UserCard, path: tuple[str, ...], reached: str) -> None:
    assert ask(card, *path) == "9000"
    assert card.directory == reached


def test_an_application_is_not_reached_past_its_environment(card: UserCard) -> None:
    assert ask(card, DF01) == "6A82"
    assert card.directory == ""


def test_a_file_is_reached_only_from_its_own_directory(card: UserCard) -> None:
    assert ask(card, EF05) == "6A82"
    assert ask(card, DDF1, EE01) == "6A82"
    assert ask(card, DF02, EE01) == "6A82"
    assert ask(card, DF03, EE01) == "9000"
    assert card.file is not None
    assert card.file.path == "DDF1/DF03/EE01"


def test_the_same_identifier_means_another_file_in_another_directory(card: UserCard) -> None:
    reached = []
    for directory in (DDF1, DF01, DF02, DF03):
        ask(card, directory, EF05)
        assert card.file is not None
        reached.append(card.file.path)
    assert reached == ["DDF1/EF05", "DDF1/DF01/EF05", "DDF1/DF02/EF05", "DDF1/DF03/EF05"]


def test_a_failed_selection_leaves_the_selected_file(card: UserCard) -> None:
    ask(card, DDF1, EF05)
    assert ask(card, "00A40000027F7F") == "6A82"
    assert ask(card, "00B2390005") == "39034101009000"


def test_selecting_a_directory_takes_the_file_away(card: UserCard) -> None:
    assert ask(card, DDF1, EF05, DDF1, "00B2390005") == "6986"


@pytest.mark.parametrize(
    ("name", "reached"),
    [
        ("57532E5359532E4444463031", "DDF1"),
        ("57532E535953", "DDF1"),
        ("915600013200", "DDF1/DF01"),
        ("915600013201", "DDF1/DF02"),
        ("915600013202", "DDF1/DF03"),
        ("9156000132", "DDF1/DF01"),
    ],
)
@pytest.mark.parametrize("place", PLACES, ids=len)
def test_a_directory_is_selected_by_its_whole_or_shortened_name(
    card: UserCard, place: tuple[str, ...], name: str, reached: str
) -> None:
    assert ask(card, MF, *place, by_name(name)) == "9000"
    assert card.directory == reached


@pytest.mark.parametrize("name", ["91560001320300", "A000000333010101", "5753FF", "57532E5359532E444446303100"])
def test_an_unknown_name_is_not_found(card: UserCard, name: str) -> None:
    assert ask(card, DDF1, by_name(name)) == "6A82"
    assert card.directory == "DDF1"


def test_control_information_is_given_when_it_is_asked_for(card: UserCard) -> None:
    assert ask(card, "00A4040006915600013201" + "00") == "6F08" + "8406915600013201" + "9000"
    assert ask(card, "00A40000023F0000") == "6F009000"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00A40000", "6700"),
        ("00A4000001DF", "6700"),
        ("00A4000003DDF100", "6700"),
        ("00A4010002DDF1", "6A86"),
        ("00A4000402DDF1", "6A86"),
        ("00A404010657532E535953", "6A86"),
        ("00A40400", "6A82"),
        ("04A4000002DDF1", "6E00"),
        ("84A4000002DDF1", "6E00"),
        ("80A4000002DDF1", "6E00"),
    ],
)
def test_a_malformed_selection_is_refused(card: UserCard, command: str, answer: str) -> None:
    assert ask(card, command) == answer
    assert card.directory == ""
