"""The ledger of ids: every id of every table stands in it, none comes back after it was retired, no line is lost."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from reference.standard import StandardError, load, profiles
from reference.standard.loader import SHIPPED
from reference.standard.requirements.accounting import ledger as obligations
from reference.standard.requirements.ledger import LEDGER, Entry, State, grown, ids_of, read

ENTRIES = read()
FEWEST = 1365
"""Ids when the ledger was begun; it only ever grows."""
FIRST = datetime.date(2026, 11, 22)
ID = re.compile(r"[A-Za-z][a-z0-9-]*(\.[A-Za-z0-9-]+)+")


@pytest.mark.parametrize("profile", profiles())
def test_every_id_of_a_profiles_tables_stands_in_the_ledger_and_is_live(profile: str) -> None:
    standard = load(profile)
    ids = ids_of([standard])
    assert len(ids) > 1000
    assert sorted(ids - ENTRIES.keys()) == [], "run python -m reference.standard.requirements.ledger with today's date"
    assert [id for id in sorted(ids) if ENTRIES[id].state is State.RETIRED] == [], "an id must not be used again"


def test_every_live_id_stands_in_some_table() -> None:
    live = {id for id, entry in ENTRIES.items() if entry.state is State.LIVE}
    assert sorted(live - ids_of(map(load, profiles()))) == [], "mark what was taken out as retired"


def test_every_obligation_of_the_documents_has_its_id_in_the_ledger() -> None:
    assert set(obligations(load())) - ENTRIES.keys() == set()


def test_the_ledger_only_grows() -> None:
    assert len(ENTRIES) >= FEWEST
    assert min(entry.since for entry in ENTRIES.values()) == FIRST


def test_an_id_is_words_and_never_a_section_number() -> None:
    """Trap 16: section numbers used as ids."""
    assert [id for id in ENTRIES if not ID.fullmatch(id)] == []


def test_new_ids_are_added_in_order_and_nothing_else_is_touched() -> None:
    old = {"b.one": Entry("b.one", State.RETIRED, FIRST)}
    day = datetime.date(2027, 1, 2)
    after = grown(old, ["c.two", "b.one", "a.three"], day)
    assert list(after) == ["a.three", "b.one", "c.two"]
    assert after["b.one"] is old["b.one"]
    assert str(after["a.three"]) == "a.three live 2027-01-02"
    assert grown(after, [], day) == after


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("b.one live 2026-11-22\na.two live 2026-11-22\n", "a.two stands twice or out of order"),
        ("b.one live 2026-11-22\nb.one retired 2026-11-22\n", "b.one stands twice"),
        ("b.one alive 2026-11-22\n", "line 1.*live or retired"),
        ("b.one live 2026-13-22\n", "live or retired"),
        ("b.one live\n", "live or retired"),
        ("\n", "live or retired"),
    ],
)
def test_a_line_that_is_none_is_refused_with_its_number(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / LEDGER).parent.mkdir()
    (tmp_path / LEDGER).write_text(text, encoding="utf-8")
    with pytest.raises(StandardError, match=said) as fault:
        read(tmp_path)
    assert fault.value.args


def test_the_ledger_is_no_table_and_leaves_the_digest_of_the_tables_alone() -> None:
    assert (SHIPPED / LEDGER).suffix not in (".toml", ".csv")
