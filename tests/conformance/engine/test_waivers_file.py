"""A waivers file as it is read: what it gives, and each mistake in it, named with its row and the next step."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from conformance.engine.waivers import UnusableWaivers, read_waivers

ROW = """
[[waiver]]
id = "W-1"
kind = "waiver"
test = "read_rights.*"
reason = "Mask 2."
owner = "Vendor"
granted_by = "Lab 1"
link = "https://example.org/1"
expires = 2030-01-31
expected = "ReadWithoutRight"
"""


def without(field: str) -> str:
    """The row without one of its lines."""
    return "\n".join(line for line in ROW.splitlines() if not line.startswith(f"{field} ="))


def file_of(folder: Path, content: str | bytes) -> Path:
    path = folder / "waivers.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_row_gives_a_waiver_with_its_date(tmp_path: Path) -> None:
    (waiver,) = read_waivers(file_of(tmp_path, ROW))
    assert (waiver.id, waiver.test, waiver.expires) == ("W-1", "read_rights.*", datetime.date(2030, 1, 31))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "[[waiver]]"),
        ("waiver = 7", "[[waiver]]"),
        ("waiver = []", "[[waiver]]"),
        ("waiver = [7]", "row 1"),
        (ROW + "\n[other]\n", "something else"),
        ("waiver = [", "TOML"),
        (b"\xff\xfe", "TOML"),
        (without("id"), "row 1 (–)"),
        (without("reason"), "reason"),
        (without("owner"), "owner"),
        (without("link"), "link"),
        (without("expires"), "expires"),
        (without("expected"), "expected"),
        (without("kind"), "kind"),
        (without("granted_by"), "kind = expected-failure"),
        (without("test"), "one of both"),
        (ROW + 'requirement = "card.x"\n', "one of both"),
        (ROW + 'colour = "red"\n', "colour"),
        (ROW.replace('"Mask 2."', '" "'), "reason is empty"),
        (ROW.replace('"waiver"', '"expected-failure"'), "leave out granted_by"),
        (ROW.replace('"waiver"', '"pardon"'), "pardon"),
        (ROW.replace("2030-01-31", '"soon"'), "expires"),
        (ROW.replace("2030-01-31", "2030-02-31"), "TOML"),
        (ROW.replace("ReadWithoutRight", "ReadWithoutRights"), "as in ReadWithoutRight"),
        (ROW.replace("ReadWithoutRight", "Violation"), "no test finds"),
        (ROW + ROW, "row 2 (W-1): an earlier row has this id"),
    ],
)
def test_a_mistake_is_named_with_file_row_and_next_step(tmp_path: Path, content: str | bytes, says: str) -> None:
    with pytest.raises(UnusableWaivers) as raised:
        read_waivers(file_of(tmp_path, content))
    assert "waivers.toml" in raised.value.text.en
    assert says in raised.value.text.en
    assert raised.value.text.zh != raised.value.text.en


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableWaivers, match=r"no-such\.toml.*Check the path"):
        read_waivers(tmp_path / "no-such.toml")
