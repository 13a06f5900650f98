"""Batch linkage: a plan that links, reviews, takes as new or sends to repair; and what carrying it out does."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest

from reference.index import counting, persons, reviews
from reference.index.errors import LinkageRefused
from reference.index.linkage import COLUMNS, Action, carry_out, plan, read_batch
from reference.index.linkage_model import residents
from reference.index.pairing import Pair, clusters
from reference.index.registering import register
from reference.index.tables import weights
from reference.store import Store
from tests.benchmarks import linkage as benchmark
from tests.reference.index.people import act, number, resident

HOME = {"phone": "13800138000", "address": "北京市东城区长安街1号2单元301室"}


def row(local_id: str, **particulars: str) -> dict[str, str]:
    """A row of a batch: the resident of the index, with other particulars."""
    known = {"id_type": "01", "id_number": number(), "name": "王小明", **HOME}
    return {"local_id": local_id} | known | particulars


BATCH = [
    row("same"),
    row("other name", name="王晓明"),
    row("wrong number", id_number=number()[:-1] + "X"),
    row("without number", id_number="", birthday="19900307"),
    row("stranger", name="李红", id_number=number("440106", "19720815", "022"), phone="", address=""),
    row("stranger again", name="李虹", id_number=number("440106", "19720815", "022"), phone="", address=""),
    row("unrelated", name="赵大勇", id_number=number("320102", "19551224", "031"), phone="13911112222", address=""),
]


def test_every_row_of_a_batch_has_its_action(store: Store) -> None:
    with store.begin() as connection:
        known = register(connection, act(), resident(**HOME), "clinic", "1").index_id
        planned = plan(connection, BATCH)
        assert counting.totals(connection).persons == 1
    rows = {found.local_id: found for found in planned.rows}
    assert {local_id: found.action for local_id, found in rows.items()} == {
        "same": Action.LINK,
        "other name": Action.REVIEW,
        "wrong number": Action.REPAIR,
        "without number": Action.REPAIR,
        "stranger": Action.REVIEW,
        "stranger again": Action.REVIEW,
        "unrelated": Action.NEW,
    }
    assert rows["same"].index_id == known
    assert known in {found.index_id for found in rows["other name"].candidates}
    assert known in {found.index_id for found in rows["wrong number"].candidates}
    assert known in {found.index_id for found in rows["without number"].candidates}
    assert rows["wrong number"].problem is not None
    assert [found.local_id for found in rows["stranger"].candidates] == ["stranger again"]
    assert ("stranger", "stranger again") in planned.clusters
    assert planned.counts()[Action.REPAIR] == 2
    assert not planned.trained


def test_a_plan_carried_out_registers_and_asks_but_merges_nobody(store: Store) -> None:
    with store.begin() as connection:
        known = register(connection, act(), resident(**HOME), "clinic", "1").index_id
        done = carry_out(connection, act("hospital"), "hospital", plan(connection, BATCH))
        totals = counting.totals(connection)
        waiting = reviews.queue(connection)
        person = persons.person(connection, known)
        carry_out(connection, act("hospital"), "hospital", plan(connection, BATCH))
        assert counting.totals(connection) == totals
    assert done == {Action.LINK: 1, Action.REVIEW: 3, Action.NEW: 1}
    assert totals.references == {"clinic": 1, "hospital": 5}
    assert totals.duplicates_found == 0
    assert [found.domain for found in person.references] == ["clinic", "hospital"]
    assert len(waiting) == 2


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        ([], "no rows"),
        ([row("1"), row("1")], "stand twice: '1'"),
        ([row("")], "missing or stand twice"),
    ],
)
def test_a_batch_that_cannot_be_linked_is_refused(store: Store, batch: list[dict[str, str]], words: str) -> None:
    with store.read() as connection, pytest.raises(LinkageRefused, match=words):
        plan(connection, batch)


def test_a_missing_library_is_named_with_the_extra(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)
    with store.read() as connection, pytest.raises(LinkageRefused, match=r"splink.*healthcard\[linkage\]"):
        plan(connection, BATCH)


def test_a_batch_is_read_from_a_csv_file(tmp_path: Path) -> None:
    file = tmp_path / "patients.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerow(row("1"))
    assert read_batch(file) == [{"sex": "", "birthday": "", **row("1")}]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"local_id,name\n1,x\n", r"patients\.csv lacks the columns id_type, id_number"),
        (b"\xff\xfe", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_batch_is_refused_by_name(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "patients.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(LinkageRefused, match=words):
        read_batch(file)


def test_the_model_of_residents_decides_every_level_that_has_a_weight() -> None:
    described = {(level.field, level.level) for levels in residents().levels.values() for level in levels}
    assert described | {(field, "different") for field, _ in described} == set(weights().agreements)


def test_clusters_hold_together_what_pairs_connect() -> None:
    pairs = [Pair("a", "b", 0.9), Pair("c", "d", 0.9), Pair("b", "e", 0.9), Pair("d", "c", 0.8)]
    assert clusters(pairs) == (("a", "b", "e"), ("c", "d"))


def test_febrl4_is_linked_within_the_bounds() -> None:
    figures = benchmark.febrl4()
    assert figures.precision >= 0.99
    assert figures.recall >= 0.97


def test_invented_chinese_residents_are_linked_within_the_bounds() -> None:
    figures = benchmark.invented_residents()
    assert figures.precision >= 0.99
    assert figures.recall >= 0.97
