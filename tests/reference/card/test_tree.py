"""The file tree: what an identifier or a name means from each place (APP11 4.1 to 4.5)."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from reference.card.tree import parent, path_to, select_by_identifier, select_by_name
from reference.standard import load
from reference.standard.rows import File

STANDARD = load()
DIRECTORIES = list(STANDARD.directories)
EVERYTHING = [*STANDARD.directories, *STANDARD.files]


@pytest.mark.parametrize("path", EVERYTHING)
def test_the_path_to_everything_reaches_it(path: str) -> None:
    current, reached = "", None
    for fid in path_to(STANDARD, path):
        reached = select_by_identifier(STANDARD, current, fid)
        assert reached is not None
        current = reached.path if not isinstance(reached, File) else current
    assert reached is not None
    assert reached.path == path


@pytest.mark.parametrize("current", DIRECTORIES)
def test_the_master_file_is_reached_from_everywhere(current: str) -> None:
    assert select_by_identifier(STANDARD, current, "3F00") is STANDARD.directories[""]


@pytest.mark.parametrize("current", DIRECTORIES)
def test_files_are_reached_from_their_own_directory_alone(current: str) -> None:
    reached = {fid: select_by_identifier(STANDARD, current, fid) for fid in {f.fid for f in STANDARD.files.values()}}
    for fid, row in reached.items():
        assert row is STANDARD.files.get(f"{current}/{fid}")


@pytest.mark.parametrize(
    ("current", "fid", "path"),
    [
        ("", "DDF1", "DDF1"),
        ("", "DF01", None),
        ("DDF1", "DF03", "DDF1/DF03"),
        ("DDF1", "DDF1", "DDF1"),
        ("DDF1/DF01", "DF02", "DDF1/DF02"),
        ("DDF1/DF01", "DDF1", "DDF1"),
        ("DDF1/DF01", "DF01", "DDF1/DF01"),
        ("DDF1/DF01", "7F7F", None),
    ],
)
def test_children_parents_siblings_and_itself_are_near(current: str, fid: str, path: str | None) -> None:
    found = select_by_identifier(STANDARD, current, fid)
    assert (found.path if found else None) == path


def test_every_name_and_every_beginning_of_one_finds_its_directory() -> None:
    for directory in STANDARD.directories.values():
        name = bytes.fromhex(directory.name)
        if name:
            assert select_by_name(STANDARD, name) is directory
        for length in range(1, len(name)):
            found = select_by_name(STANDARD, name[:length])
            assert found is not None
            assert bytes.fromhex(found.name).startswith(name[:length])


@given(st.binary(max_size=16))
def test_a_name_finds_only_a_directory_that_begins_with_it(name: bytes) -> None:
    found = select_by_name(STANDARD, name)
    assert found is None or (name and bytes.fromhex(found.name).startswith(name))


def test_the_master_file_is_its_own_parent() -> None:
    assert [parent(path) for path in ("", "DDF1", "DDF1/DF01", "DDF1/DF01/EF05")] == ["", "", "DDF1", "DDF1/DF01"]
    assert path_to(STANDARD, "") == ("3F00",)
