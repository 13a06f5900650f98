"""Every case of a corpus expects what the reference answers, and the database holds what registration leaves."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from load.cases import KINDS, Case, check_outcomes
from load.corpus import Mix, UnreadableCards, cases_of, read_cards
from load.corpus.filling import NotEmpty, fill
from load.corpus.issuing import shuffled
from load.corpus.residents import SPACE, STEP, resident
from reference.ecard.id_numbers import citizen_number
from reference.ecard.ids import check_ecard_id, dispersal_factor, index_id, user_key
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import ApplyCode, Caller, Query, Verify, Who
from reference.keys.key_file import demo_keys
from reference.qr.use_log import ACCEPTED
from reference.qr.verification import verify_group
from reference.store.account_tables import accounts
from reference.store.code_tables import codes
from reference.store.consistency import inconsistencies
from tests.load.corpus.conftest import CARDS, Corpus
from tests.platform import NOON_MS, ask

EVERY_KIND = Mix(**dict.fromkeys(KINDS, 1.0))
READERS = {name: Caller(profile=name, app=f"demo-{name}") for name in ("sichuan", "qinghai")}


def outcomes(corpus: Corpus, cases: list[Case], profile: str) -> list[str]:
    """What the reference says of each, in groups as they come."""
    told = []
    for start in range(0, len(cases), 64):
        requests = [(READERS[profile], Verify(text=case.text, step=case.step)) for case in cases[start : start + 64]]
        answers = verify_group(corpus.platform, requests)
        told += [answer.id if isinstance(answer, Refusal) else ACCEPTED for answer in answers]
    return told


@pytest.mark.parametrize("profile", list(READERS))
def test_every_case_expects_what_the_reference_answers(corpus: Corpus, profile: str) -> None:
    store = corpus.platform.store
    cases = list(
        cases_of(corpus.cards, store, 900, NOON_MS, mix=EVERY_KIND, seed=len(profile), rate=50, profile=profile)
    )
    told = outcomes(corpus, cases, profile)
    wrong = [(case, answer) for case, answer in zip(cases, told, strict=True) if answer not in case.expected]
    assert wrong == []
    assert {case.kind for case in cases} == set(KINDS)
    winners = Counter(case.code_key for case, answer in zip(cases, told, strict=True) if answer == ACCEPTED)
    del winners[0]
    assert set(winners) == {case.code_key for case in cases if case.code_key}
    assert set(winners.values()) == {1}


def test_every_outcome_of_a_case_is_one_that_platforms_give(corpus: Corpus) -> None:
    cases = list(cases_of(corpus.cards, corpus.platform.store, 200, NOON_MS, mix=EVERY_KIND, seed=9))
    assert len(cases) >= 200
    for case in cases:
        check_outcomes(case)


def test_a_filled_database_has_no_half_states(corpus: Corpus) -> None:
    list(cases_of(corpus.cards, corpus.platform.store, 300, NOON_MS, mix=EVERY_KIND, seed=3))
    with corpus.platform.store.read() as connection:
        assert inconsistencies(connection) == []


def test_every_code_knows_where_the_account_of_its_card_lies(corpus: Corpus) -> None:
    list(cases_of(corpus.cards, corpus.platform.store, 300, NOON_MS, mix=EVERY_KIND, seed=4))
    there = (accounts.c.account_id == codes.c.account_id) & (accounts.c.ecard_id == codes.c.ecard_id)
    with corpus.platform.store.read() as connection:
        issued = connection.execute(select(func.count()).select_from(codes)).scalar_one()
        found = connection.execute(select(func.count()).select_from(codes.join(accounts, there))).scalar_one()
    assert found == issued > 300


def test_the_platform_finds_a_resident_and_gives_him_a_new_code(corpus: Corpus) -> None:
    who = Who(id_type="01", id_number=resident(5).id_number)
    found = ask(corpus.platform, Query(who=who), msgspec.Struct)
    assert corpus.cards.card_id(5) in repr(msgspec.to_builtins(found))
    code = ask(corpus.platform, ApplyCode(who=who, kind="dynamic", refresh=True), msgspec.Struct)
    assert outcomes(corpus, [Case("dynamic", msgspec.to_builtins(code)["text"], frozenset({ACCEPTED}))], "qinghai") == [
        ACCEPTED
    ]


def test_a_database_that_holds_accounts_is_not_filled_again(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(NotEmpty):
        fill(corpus.platform.store, tmp_path / "cards", 100, NOON_MS, processes=1)


def test_the_card_ids_of_the_file_are_those_of_the_residents(corpus: Corpus) -> None:
    cards = read_cards(corpus.path)
    security = demo_keys().current().security
    assert security is not None
    assert len(cards) == CARDS
    for number in (0, 1, CARDS - 1):
        person = resident(number)
        factor = dispersal_factor(index_id("01", person.id_number, person.name))
        assert check_ecard_id(cards.card_id(number), user_key(security, factor), "01", person.id_number)


def test_a_file_that_is_cut_short_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_bytes(corpus.path.read_bytes()[:-1])
    with pytest.raises(UnreadableCards, match="cut short"):
        read_cards(short)
    short.write_bytes(b"something else")
    with pytest.raises(UnreadableCards, match="no corpus"):
        read_cards(short)


@given(st.integers(0, SPACE - 1), st.integers(0, 1000))
def test_every_resident_has_a_right_citizen_number_of_the_test_province(number: int, seed: int) -> None:
    person = resident(number, seed)
    read = citizen_number(person.id_number)
    assert (read.province, read.birthday, read.sex) == ("99", person.birthday, person.sex)
    assert 2 <= len(person.name) <= 3


def test_no_two_residents_share_a_number() -> None:
    assert SPACE % STEP != 0
    numbers = {resident(number).id_number for number in range(20_000)}
    assert len(numbers) == 20_000
    assert resident(0) == resident(0) != resident(0, seed=2)
    with pytest.raises(ValueError, match="none of them"):
        resident(SPACE)


@given(st.integers(0, 60), st.integers(0, 20), st.integers())
def test_shuffling_keeps_all_cases(count: int, window: int, seed: int) -> None:
    cases = [Case("dynamic", str(number), frozenset({ACCEPTED})) for number in range(count)]
    mixed = list(shuffled(cases, window, random.Random(seed)))
    assert Counter(case.text for case in mixed) == Counter(case.text for case in cases)
    # A case may come late, but never earlier than the window allows.
    assert all(place >= int(case.text) - window for place, case in enumerate(mixed))
