"""Relations between requirements: patterns become ids, hold both ways, and never run in a circle."""

from __future__ import annotations

from reference.standard import load

CATALOGUE = load().requirements


def test_every_relation_leads_to_another_requirement() -> None:
    for row in CATALOGUE.values():
        for other in row.same_as + row.needs:
            assert other in CATALOGUE, f"{row.id} -> {other}"
            assert other != row.id


def test_two_requirements_that_state_one_behaviour_name_each_other() -> None:
    for row in CATALOGUE.values():
        for other in row.same_as:
            assert row.id in CATALOGUE[other].same_as
    assert "card.access.only-ef05-free" in CATALOGUE["card.df02.ef05.read-needs-rk1df02"].same_as


def test_a_pattern_stays_within_what_it_names() -> None:
    assert CATALOGUE["card.key.uk2df02.files"].same_as == (
        "card.df02.ef06.update-needs-uk2df02",
        "card.df02.key-separation",
    )


def test_no_requirement_needs_itself_in_a_circle() -> None:
    reached: dict[str, bool] = {}

    def reaches_a_circle(id: str) -> bool:
        if id not in reached:
            reached[id] = True
            reached[id] = any(reaches_a_circle(other) for other in CATALOGUE[id].needs)
        return reached[id]

    assert [id for id in CATALOGUE if reaches_a_circle(id)] == []


def test_what_cannot_be_tested_is_never_a_condition_of_what_can() -> None:
    for row in CATALOGUE.values():
        assert [other for other in row.needs if CATALOGUE[other].not_testable] == [], row.id
