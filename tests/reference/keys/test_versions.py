"""Key versions: what each state may do, how versions roll over, and what no file or log ever shows."""

from __future__ import annotations

import pytest

from reference.keys.versions import NEXT, KeySet, KeySetMistake, KeyVersion, State
from reference.ports import CryptoMachineRefused
from tests.reference.keys.facts import aged_keys, key


def code_of(keys: KeySet, version: int, *, encrypt: bool) -> str:
    """The code with which a version is refused, or nothing."""
    try:
        keys.to_encrypt(version) if encrypt else keys.to_decrypt(version)
    except CryptoMachineRefused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize(
    ("version", "encrypts", "decrypts"),
    [(1, "23", "23"), (2, "24", "24"), (3, "22", ""), (4, "22", ""), (5, "", ""), (6, "21", "21"), (-1, "21", "21")],
)
def test_only_the_newest_active_version_encrypts_and_older_ones_decrypt(
    version: int, encrypts: str, decrypts: str
) -> None:
    assert code_of(aged_keys(), version, encrypt=True) == encrypts
    assert code_of(aged_keys(), version, encrypt=False) == decrypts


def test_without_a_number_the_newest_active_version_serves() -> None:
    assert aged_keys().to_encrypt().number == aged_keys().to_decrypt().number == aged_keys().current().number == 5


def test_without_an_active_version_nothing_is_current() -> None:
    keys = KeySet([KeyVersion(1, State.VERIFY_ONLY, key(1), key(2))])
    assert code_of(keys, 0, encrypt=True) == code_of(keys, 0, encrypt=False) == "25"
    assert code_of(keys, 1, encrypt=False) == ""


def test_a_roll_over_leaves_the_old_version_for_verification() -> None:
    keys = aged_keys().rolled_over(key(10), key(11))
    assert [(row.number, row.state) for row in keys.versions[2:]] == [
        (3, State.VERIFY_ONLY),
        (4, State.VERIFY_ONLY),
        (5, State.VERIFY_ONLY),
        (6, State.ACTIVE),
    ]
    assert keys.current().security == key(10)


def test_the_first_roll_over_makes_version_1() -> None:
    assert KeySet([]).rolled_over(key(1), key(2)).current().number == 1


@pytest.mark.parametrize(("number", "before"), [(1, "destroyed"), (2, "disabled"), (3, "verify-only"), (5, "active")])
@pytest.mark.parametrize("after", list(State))
def test_a_version_moves_only_to_later_states(number: int, before: str, after: State) -> None:
    if after in NEXT[State(before)]:
        moved = aged_keys().moved(number, after)
        assert moved.versions[number - 1].state is after
    else:
        with pytest.raises(KeySetMistake, match=f"{number} is {before} and cannot become {after}"):
            aged_keys().moved(number, after)


def test_destroying_takes_the_keys_out() -> None:
    destroyed = aged_keys().moved(3, State.DESTROYED).versions[2]
    assert (destroyed.security, destroyed.protection) == (None, None)


def test_an_unknown_version_cannot_be_moved() -> None:
    with pytest.raises(KeySetMistake, match="no key version 9"):
        aged_keys().moved(9, State.DISABLED)


@pytest.mark.parametrize(
    "versions",
    [
        [KeyVersion(1, State.ACTIVE, key(1), key(2)), KeyVersion(1, State.ACTIVE, key(3), key(4))],
        [KeyVersion(0, State.ACTIVE, key(1), key(2))],
        [KeyVersion(1, State.ACTIVE, key(1), None)],
        [KeyVersion(1, State.DISABLED, None, key(1))],
        [KeyVersion(1, State.DESTROYED, key(1), None)],
    ],
)
def test_versions_that_cannot_stand_together_are_refused(versions: list[KeyVersion]) -> None:
    with pytest.raises(KeySetMistake):
        KeySet(versions)


def test_the_check_value_tells_key_sets_apart_and_not_their_order() -> None:
    rows = aged_keys().versions
    assert KeySet(reversed(rows)).check_value() == aged_keys().check_value()
    assert KeySet(rows[2:]).check_value() == aged_keys().moved(2, State.DESTROYED).check_value()
    swapped = KeySet([KeyVersion(5, State.ACTIVE, key(9), key(8))])
    assert swapped.check_value() != KeySet([KeyVersion(5, State.ACTIVE, key(8), key(9))]).check_value()
    assert len(aged_keys().check_value()) == 16


def test_no_key_is_shown() -> None:
    shown = repr(aged_keys()) + repr(aged_keys().versions)
    assert "active" in shown
    assert not any(key(byte).secret_value.hex() in shown or repr(key(byte).secret_value) in shown for byte in range(10))
