"""Files of key sets: what is taken, and every file that is refused, without a key in the message."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference.keys.key_file import UnusableKeyFile, demo_keys, read_key_file
from reference.keys.versions import State
from tests.reference.keys.facts import key

OWN = "A1" * 16
OTHER = "B2" * 16
GOOD = f'[[key]]\nversion = 1\nstate = "verify-only"\nsecurity = "{OWN}"\nprotection = "{OTHER}"\n'
PUBLISHED = "0123456789ABCDEFFEDCBA9876543210"


def written(folder: Path, content: str | bytes, mode: int = 0o600) -> Path:
    file = folder / "keys.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    file.chmod(mode)
    return file


def test_the_demo_keys_are_the_published_ones_and_say_so() -> None:
    current = demo_keys().current()
    assert current.number == 1
    assert current.demo
    assert current.security is not None
    assert current.security.secret_value.hex().upper() == PUBLISHED
    assert current.protection is not None
    assert current.protection.secret_value.hex() == "11223344556677888877665544332211"


def test_versions_and_states_come_from_the_file(tmp_path: Path) -> None:
    more = f'[[key]]\nversion = 2\nstate = "active"\nsecurity = "{OTHER.lower()}"\nprotection = "{OWN}"\n'
    gone = '[[key]]\nversion = 3\nstate = "destroyed"\n'
    keys = read_key_file(written(tmp_path, GOOD + more + gone))
    assert [row.state for row in keys.versions] == [State.VERIFY_ONLY, State.ACTIVE, State.DESTROYED]
    assert keys.current().security == key(0xB2)
    assert not keys.demo


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "no key file"),
        ("key = 1", "no key file"),
        ("[[key]", "no key file"),
        (b"\xff\xfe", "no key file"),
        ("[[key]]\nversion = 1\n", "no key file"),
        (GOOD.replace("verify-only", "old"), "no key file"),
        (GOOD.replace("version = 1", "version = 0"), "no key file"),
        (GOOD + "note = 1\n", "no key file"),
        (GOOD.replace(OWN, OWN[:-1]), "no key file"),
        (GOOD.replace(OWN, OWN[:-1] + "G"), "no key file"),
        (GOOD + GOOD, "same number"),
        (GOOD.replace("verify-only", "destroyed"), "destroyed and still has a key"),
        (GOOD.replace(f'security = "{OWN}"\n', ""), "needs a security key"),
        (GOOD.replace(OWN, PUBLISHED), "published sample key"),
        (GOOD.replace(OWN, PUBLISHED) + "demo = false\n", "published sample key"),
    ],
)
def test_a_file_that_is_no_key_file_is_refused_without_showing_a_key(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    file = written(tmp_path, content)
    with pytest.raises(UnusableKeyFile, match=reason) as caught:
        read_key_file(file)
    told = caught.value.text.en + caught.value.text.zh
    assert str(file) in told
    assert not any(shown[:8] in told for shown in (OWN, OTHER, PUBLISHED))


def test_published_keys_are_taken_when_they_are_marked(tmp_path: Path) -> None:
    keys = read_key_file(written(tmp_path, GOOD.replace(OWN, PUBLISHED) + "demo = true\n", 0o644))
    assert keys.demo


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_keys_that_others_may_touch_are_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(UnusableKeyFile, match="chmod 600"):
        read_key_file(written(tmp_path, GOOD, mode))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableKeyFile, match=r"missing\.toml: it cannot be read"):
        read_key_file(tmp_path / "missing.toml")
