"""Codes and recorded visits: what a sample's content does to the verdicts, shown on cards with other contents."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from conformance.adapters.real_cards import read_order
from conformance.engine.run import execute, make_plan, suite
from conformance.engine.stand import Stand, record_of
from conformance.evidence.model import Overall, TestResult, Verdict
from reference.standard import Standard, load, profiles
from simulators.cards.demo import DEMO_SEED, demo_image, demo_personalisation
from simulators.cards.user_card import UserCard
from simulators.sources import SeededRandomness
from tests.runs import demo_stand

NATIONAL = load()
INPATIENT, OUTPATIENT = "DDF1/DF03/EE01", "DDF1/DF03/ED01"
CODES, VISITS = "codes.", "recorded_visits."


def card_with(standard: Standard, *, visits: bool = True, bytes_at: Mapping[tuple[str, str], str] = {}) -> UserCard:
    """The demo card with other bytes in some elements (hexadecimal, by file and id), and with or without its visits."""
    image = demo_image(standard)
    for (path, id), written in bytes_at.items():
        element, new = standard.element(path, id), bytes.fromhex(written)
        content = image.files[path]
        if element.tag is None:
            content.binary = content.binary[: element.offset] + new + content.binary[element.offset + len(new) :]
        else:
            place = standard.elements(path).index(element)
            content.records[place] = content.records[place][:2] + new
    if not visits:
        for index in ("DDF1/DF03/EF05", "DDF1/DF03/EF06"):
            image.files[index].records = [b"\xff"] * standard.files[index].records
    return UserCard(standard, image, SeededRandomness(DEMO_SEED))


def judged(stand: Stand, *modules: str) -> dict[str, TestResult]:
    """The results of the tests of these modules."""
    ids = [test.id for test in make_plan(stand, suite("card")).tests]
    only = frozenset(id for id in ids if id.startswith(modules))
    _, results = execute(stand, suite("card"), only=only)
    return {result.test: result for result in results.tests if result.test in only}


def not_passed(results: Mapping[str, TestResult]) -> dict[str, list[tuple[str, str]]]:
    """The findings, violation and subject, of all tests that did not pass."""
    return {
        id: [(finding.violation, finding.subject) for finding in result.findings]
        for id, result in results.items()
        if result.verdict is not Verdict.PASSED
    }


def with_content(**options: object) -> Stand:
    """A stand whose card has other contents, without a personalisation to hold them against."""
    return msgspec.structs.replace(demo_stand(card=card_with(NATIONAL, **options)), expected={})  # type: ignore[arg-type]


def test_a_code_outside_its_table_is_a_warning_that_names_element_and_table() -> None:
    results = judged(with_content(bytes_at={("DDF1/EF06", "sex"): "05"}), CODES)
    (id,) = not_passed(results)
    assert id == "codes.a_code_is_one_of_its_table[DDF1/EF06:sex]"
    (finding,) = results[id].findings
    assert (results[id].verdict, finding.violation, finding.subject) == (
        Verdict.WARNING,
        "UnlistedCode",
        "DDF1/EF06:sex",
    )
    assert finding.requirement == "card.ddf1.ef06.sex.code"
    assert finding.actual.en == "05"
    assert "sex" in finding.expected.zh
    assert finding.summary.zh != finding.summary.en


def test_a_code_outside_its_table_is_found_in_a_recorded_visit() -> None:
    results = judged(with_content(bytes_at={(OUTPATIENT, "payment-mode"): "09"}), CODES)
    assert not_passed(results) == {
        f"codes.a_code_of_a_recorded_visit_is_one_of_its_table[{OUTPATIENT}:payment-mode]": [
            ("UnlistedCode", f"{OUTPATIENT}:payment-mode")
        ]
    }


def test_an_element_that_states_nothing_holds_no_wrong_code() -> None:
    assert not_passed(judged(with_content(bytes_at={("DDF1/EF08", "payment-mode-3"): "FF"}), CODES)) == {}


@pytest.mark.parametrize("profile", profiles())
def test_a_sample_without_a_visit_is_conformant_and_its_visits_are_inconclusive(profile: str) -> None:
    standard = load(profile)
    stand = demo_stand(standard, card=card_with(standard, visits=False))
    _, results = execute(msgspec.structs.replace(stand, expected={}), suite("card"))
    assert results.overall is Overall.CONFORMANT
    left_open = {result.test: result for result in results.tests if result.verdict is Verdict.INCONCLUSIVE}
    assert len(left_open) == 27 + 10
    for id, result in left_open.items():
        assert id.startswith((VISITS, "codes.a_code_of_a_recorded_visit"))
        assert result.reason is not None
        assert "no visit" in result.reason.en
        assert result.exchanges


@pytest.mark.parametrize(
    ("path", "id", "written", "tests"),
    [
        (INPATIENT, "discharge-date", "20121399", {"layout[ee]"}),
        (INPATIENT, "diagnosis-2.confirmed-date", "AAAAAAAA", {"layout[ee]", "step[ee-diagnosis]"}),
        (INPATIENT, "fee-8.amount", "0000AAAA01", {"layout[ee]", "step[ee-fee]"}),
        (OUTPATIENT, "symptom-2.onset-time", "20130114186100", {"layout[ed]", "step[ed-symptom]"}),
    ],
)
def test_bytes_that_mean_nothing_at_their_offset_are_named(path: str, id: str, written: str, tests: set[str]) -> None:
    found = not_passed(judged(with_content(bytes_at={(path, id): written}), VISITS))
    assert {_short(test) for test in found} == tests
    assert {finding for findings in found.values() for finding in findings} == {("WrongCoding", f"{path}:{id}")}


def _short(test: str) -> str:
    """``layout[ee]`` or ``step[ee-fee]``."""
    name, _, subject = test.partition("[")
    return ("layout[" if name.endswith("lays_it_out") else "step[") + subject


def test_groups_at_another_step_are_found_by_their_first_field_out_of_place() -> None:
    """Every repetition one byte late: what a writer does that counts a field too long."""
    first, last = NATIONAL.element(OUTPATIENT, "symptom-1.symptom"), NATIONAL.element(OUTPATIENT, "symptom-5.duration")
    data = demo_image(NATIONAL).files[OUTPATIENT].binary[first.offset : last.offset + last.length]
    late = (data[:125] + b"\x00" + data[125:])[: len(data)]
    found = not_passed(judged(with_content(bytes_at={(OUTPATIENT, first.id): late.hex()}), VISITS))
    assert found["recorded_visits.every_repetition_of_a_group_stands_at_its_step[ed-symptom]"][0][0] == "WrongCoding"


def test_a_group_that_states_nothing_proves_no_step() -> None:
    group = [e for e in NATIONAL.elements(INPATIENT) if e.id.startswith("transfusion-")]
    blank = {
        (INPATIENT, element.id): ("00" if element.type.value == "ans" else "FF") * element.length for element in group
    }
    results = judged(with_content(bytes_at=blank), VISITS)
    assert [id for id, result in results.items() if result.verdict is Verdict.INCONCLUSIVE] == [
        "recorded_visits.every_repetition_of_a_group_stands_at_its_step[ee-transfusion]"
    ]


@pytest.mark.parametrize(
    ("path", "id", "written"),
    [(INPATIENT, "total-fee", "357111"), ("DDF1/EF08", "payment-mode-2", "06")],
)
def test_another_value_than_the_personalisation_states_is_found(path: str, id: str, written: str) -> None:
    stand = demo_stand(card=card_with(NATIONAL, bytes_at={(path, id): written.ljust(2, "F")}))
    found = not_passed(judged(stand, VISITS, "elements."))
    assert ("WrongContent", f"{path}:{id}") in [finding for findings in found.values() for finding in findings]


def test_every_record_of_a_cyclic_file_is_held_against_the_personalisation() -> None:
    stand = demo_stand()
    third = record_of("DDF1/DF02/EF07", 3)
    assert stand.expected[third]["substance"] == "花粉"
    other = stand.expected | {third: {"substance": "牛奶"}}
    found = not_passed(judged(msgspec.structs.replace(stand, expected=other), "elements."))
    assert found == {
        "elements.an_untagged_element_stands_in_its_place[DDF1/DF02/EF07:substance]": [
            ("WrongContent", "DDF1/DF02/EF07:substance")
        ]
    }


def test_a_personalisation_file_lists_records_from_the_first(tmp_path_factory: pytest.TempPathFactory) -> None:
    order = tmp_path_factory.mktemp("order") / "order.toml"
    order.write_text('[values]\n[[records."DDF1/DF02/EF07"]]\nsubstance = "虾"\n', encoding="utf-8")
    assert read_order(order, NATIONAL) == {record_of("DDF1/DF02/EF07", 1): {"substance": "虾"}}
    assert demo_personalisation().records["DDF1/DF02/EF07"][0]["substance"] == "青霉素"
