"""Copies of the standard with rows replaced, as table mutants use them."""

from __future__ import annotations

import msgspec
import pytest

from reference.standard import Standard, load
from reference.standard.rows import Protection


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load()


def test_one_row_is_replaced_and_the_original_stays(standard: Standard) -> None:
    file = standard.files["DDF1/DF02/EF05"]
    free = standard.replacing(files={file.path: msgspec.structs.replace(file, read=None)})
    assert free.files[file.path].read is None
    assert standard.files[file.path].read == "RK1DF02"
    assert free.files.keys() == standard.files.keys()
    assert free.keys == standard.keys


def test_a_row_can_be_taken_out_and_another_added(standard: Standard) -> None:
    other = msgspec.structs.replace(standard.keys["UK3DF02"], id="UK4DF02", reference=0x88)
    changed = standard.replacing(keys={"UK2DF02": None, "UK4DF02": other}, sam_types={1: None})
    assert set(changed.keys) - set(standard.keys) == {"UK4DF02"}
    assert set(standard.keys) - set(changed.keys) == {"UK2DF02"}
    assert list(changed.sam_types) == [2, 3, 4, 5]


def test_replaced_elements_are_found_by_id_and_counted_as_records(standard: Standard) -> None:
    holder = tuple(
        msgspec.structs.replace(element, length=40) if element.id == "name" else element
        for element in standard.elements("DDF1/EF06")
        if element.id != "sex"
    )
    changed = standard.replacing(elements={"DDF1/EF06": holder})
    assert changed.element("DDF1/EF06", "name").length == 40
    assert changed.files["DDF1/EF06"].records == 4
    assert standard.element("DDF1/EF06", "name").length == 30


def test_a_copy_has_its_own_digest_and_the_same_change_the_same(standard: Standard) -> None:
    file = standard.files["DDF1/DF02/EF07"]
    plain = msgspec.structs.replace(file, protection=Protection.PLAIN)
    once, again = (standard.replacing(files={file.path: plain}) for _ in range(2))
    assert once.digest == again.digest
    assert once.digest != standard.digest
    assert once.digest != standard.replacing(files={file.path: None}).digest


def test_a_copy_of_a_copy_keeps_both_changes(standard: Standard) -> None:
    limit = standard.limits["wrong-mac-limit"]
    copy = standard.replacing(limits={limit.id: msgspec.structs.replace(limit, value=9)}).replacing(
        files={"DDF1/EF07": None}
    )
    assert copy.limit("wrong-mac-limit") == 9
    assert "DDF1/EF07" not in copy.files
    assert copy.profile == standard.profile
