"""The simulated police judges by its population file or by rule; the simulated bank by four elements and a code."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from reference.accounts.fields import checked
from reference.ecard.verbs import Person
from reference.serving import RealNameResult
from reference.standard.ecard import load_ecard
from simulators.partners import Resident, SimulatedBank, SimulatedPolice, read_population
from simulators.partners.bank import ONE_TIME_CODE
from simulators.partners.police import UnusablePopulation
from tests.platform import ONLINE, TRUSTED, citizen
from tests.reference.accounts.cards import refused

TODAY = "20260101"
CARD = "6222020000000000000"


def adult() -> Person:
    return checked(citizen(), TODAY, load_ecard())


def says(police: SimulatedPolice, person: Person) -> RealNameResult:
    return police.check().check(person, TRUSTED, TODAY)


def test_synthetic_citizens_are_who_they_say_and_others_are_unknown() -> None:
    police = SimulatedPolice()
    assert says(police, adult()) is RealNameResult.SAME
    assert says(police, msgspec.structs.replace(adult(), id_number="110100199001010011")) is RealNameResult.DIFFERENT


def test_the_population_file_decides_for_those_in_it(tmp_path: Path) -> None:
    file = tmp_path / "population.csv"
    file.write_text(
        f"id_type,id_number,name,deceased\n01,{adult().id_number},测试甲,0\n01,2,测试乙,1\n", encoding="utf-8"
    )
    residents = read_population(file)
    police = SimulatedPolice(residents)
    assert residents[1] == Resident("01", "2", "测试乙", deceased=True)
    assert says(police, adult()) is RealNameResult.SAME
    assert says(police, msgspec.structs.replace(adult(), name="测试丙")) is RealNameResult.DIFFERENT
    assert says(police, msgspec.structs.replace(adult(), id_number="2", name="测试乙")) is RealNameResult.DIFFERENT


def test_another_face_is_another_person() -> None:
    proof = msgspec.structs.replace(ONLINE, photo_face=ONLINE.photo_face + b"other")
    check = SimulatedPolice().check()
    assert check.check(adult(), ONLINE, TODAY) is RealNameResult.SAME
    assert check.check(adult(), proof, TODAY) is RealNameResult.DIFFERENT


def test_silent_police_is_told_so() -> None:
    police = SimulatedPolice()
    police.available = False
    with refused("person.real-name-unavailable"):
        says(police, adult())


@pytest.mark.parametrize("content", ["number,name\n", None])
def test_a_file_that_is_no_population_is_refused_by_name(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "population.csv"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(UnusablePopulation) as caught:
        read_population(file)
    assert "population.csv" in caught.value.text.en
    assert "人口文件" in caught.value.text.zh


def test_a_bank_card_is_verified_for_its_holder_alone() -> None:
    bank = SimulatedBank()
    token = bank.verify(adult(), "9999", CARD, "13800000000", ONE_TIME_CODE)
    assert bank.verify(adult(), "9999", CARD, "13800000000", ONE_TIME_CODE) == token
    assert CARD not in token
    with refused("bank.not-verified"):
        bank.verify(msgspec.structs.replace(adult(), name="测试乙"), "9999", CARD, "13800000000", ONE_TIME_CODE)


@pytest.mark.parametrize(("number", "code"), [(CARD, "000000"), (CARD[:-1] + "1", ONE_TIME_CODE)])
def test_a_wrong_code_or_number_is_not_verified(number: str, code: str) -> None:
    with refused("bank.not-verified"):
        SimulatedBank().verify(adult(), "9999", number, "13800000000", code)


def test_debts_are_opened_and_settled() -> None:
    bank = SimulatedBank()
    bank.open_debt("9999", "token")
    assert bank.has_open_debt("9999", "token")
    bank.settle_debt("9999", "token")
    assert not bank.has_open_debt("9999", "token")
    bank.available = False
    with refused("bank.unavailable"):
        bank.has_open_debt("9999", "token")
