"""Institutions are registered, changed, suspended; passwords sign in, and their check takes its time (P-ECARD-12)."""

from __future__ import annotations

import pytest

from reference.access import institutions, passwords
from reference.access.desk import KEPT_MS, Desk
from reference.ecard.verbs import AddInstitution, Institution, QueryInstitution, UpdateInstitution
from reference.serving import Surroundings
from tests.platform import WINDOW, SettableClock, ask
from tests.reference.access.refusing import actions, refused

HOSPITAL = Institution(code="510100777", name="测试医院", kind="1", level="3")
PASSWORD = "a password of the tests"


def registered(around: Surroundings, institution: Institution = HOSPITAL) -> Institution:
    """The institution, registered."""
    return ask(around, AddInstitution(institution=institution), Institution)


def with_state(around: Surroundings, state: str) -> Institution:
    """The institution after a wish for another state."""
    return ask(
        around, UpdateInstitution(institution=Institution(code=HOSPITAL.code, name="", state=state)), Institution
    )


def test_an_institution_is_registered_changed_suspended_and_closed(around: Surroundings) -> None:
    registered(around)
    renamed = Institution(code=HOSPITAL.code, name="新名医院", state="")
    assert ask(around, UpdateInstitution(institution=renamed), Institution).name == "新名医院"
    states = [with_state(around, state).state for state in ("suspended", "in-service", "closed")]
    assert states == ["suspended", "in-service", "closed"]
    assert ask(around, QueryInstitution(code=HOSPITAL.code), Institution).level == "3"
    assert actions(around) == ["institution.add", *["institution.change"] * 4]


def test_a_closed_institution_does_not_open_again(around: Surroundings) -> None:
    registered(around)
    with_state(around, "closed")
    assert refused(with_state, around, "in-service") == "registry.wrong-state"


def test_an_unknown_state_is_refused(around: Surroundings) -> None:
    registered(around)
    assert refused(with_state, around, "asleep") == "registry.wrong-state"


def test_a_registration_begins_in_service_whatever_it_says(around: Surroundings) -> None:
    wish = Institution(code="510100778", name="测试医院", state="closed")
    assert registered(around, wish).state == "in-service"


def test_an_institution_is_registered_once(around: Surroundings) -> None:
    registered(around)
    assert refused(registered, around) == "registry.already-registered"
    assert refused(ask, around, QueryInstitution(code="nobody"), Institution) == "registry.unknown"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"code": ""}, "request.empty-field"),
        ({"name": ""}, "request.empty-field"),
        ({"valid_until": "2026-1-1"}, "request.field-malformed"),
        ({"code": "1" * 37}, "request.field-too-long"),
        ({"address": "街" * 257}, "request.field-too-long"),
        ({"name": "医院\0"}, "request.forbidden-character"),
    ],
)
def test_an_institution_out_of_form_is_not_stored(around: Surroundings, fields: dict[str, str], reason: str) -> None:
    wrong = Institution(**{"code": "510100779", "name": "测试医院"} | fields)
    assert refused(registered, around, wrong) == reason
    assert actions(around) == []


def test_a_suspended_institution_is_refused_everywhere_within_a_second(
    around: Surroundings, desk: Desk, clock: SettableClock
) -> None:
    registered(around)
    assert desk.institution(HOSPITAL.code).code == HOSPITAL.code
    with_state(around, "suspended")
    clock.at_ms += KEPT_MS
    assert refused(desk.institution, HOSPITAL.code) == "request.institution-suspended"


def test_an_institution_is_let_in_through_its_last_day_in_china(
    around: Surroundings, desk: Desk, clock: SettableClock
) -> None:
    registered(around, Institution(code=HOSPITAL.code, name="测试医院", valid_until="20260101"))
    assert desk.institution(HOSPITAL.code).valid_until == "20260101"
    clock.advance(seconds=12 * 3600)
    assert refused(desk.institution, HOSPITAL.code) == "request.institution-suspended"


def test_an_unknown_institution_is_not_remembered(around: Surroundings, desk: Desk) -> None:
    assert refused(desk.institution, HOSPITAL.code) == "request.unknown-institution"
    registered(around)
    assert desk.institution(HOSPITAL.code).name == HOSPITAL.name


def test_only_the_right_password_signs_in(around: Surroundings, desk: Desk) -> None:
    registered(around)
    institutions.set_password(around, HOSPITAL.code, "his", PASSWORD, "clerk")
    desk.sign_in(HOSPITAL.code, "his", PASSWORD)
    for wrong in (("his", PASSWORD + "x"), ("his", ""), ("other", PASSWORD), ("", "")):
        assert refused(desk.sign_in, HOSPITAL.code, *wrong) == "request.wrong-password"
    assert refused(desk.sign_in, "nobody", "his", PASSWORD) == "request.wrong-password"


def test_without_a_password_nobody_signs_in(around: Surroundings, desk: Desk) -> None:
    registered(around)
    assert refused(desk.sign_in, HOSPITAL.code, "", "") == "request.wrong-password"
    assert refused(institutions.set_password, around, HOSPITAL.code, "his", "", "clerk") == "request.empty-field"


def test_a_new_password_voids_the_old_one_within_a_second(
    around: Surroundings, desk: Desk, clock: SettableClock
) -> None:
    registered(around)
    institutions.set_password(around, HOSPITAL.code, "his", PASSWORD, "clerk")
    desk.sign_in(HOSPITAL.code, "his", PASSWORD)
    institutions.set_password(around, HOSPITAL.code, "his", "another of the tests", "clerk")
    clock.at_ms += KEPT_MS
    assert refused(desk.sign_in, HOSPITAL.code, "his", PASSWORD) == "request.wrong-password"
    desk.sign_in(HOSPITAL.code, "his", "another of the tests")


def test_the_slow_digest_is_computed_for_unknown_names_too(
    around: Surroundings, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = []
    slow = passwords.password_digest

    def counting(password: str, salt: bytes, cost: int = passwords.FAST) -> bytes:
        computed.append(cost)
        return slow(password, salt, cost)

    registered(around)
    institutions.set_password(around, HOSPITAL.code, "his", PASSWORD, "clerk")
    monkeypatch.setattr(passwords, "password_digest", counting)
    for code, user in ((HOSPITAL.code, "his"), (HOSPITAL.code, "other"), ("nobody", "his")):
        refused(desk.sign_in, code, user, "wrong")
    assert computed == [passwords.FAST] * 3


def test_a_sign_in_that_was_seen_computes_nothing_for_a_while(
    around: Surroundings, desk: Desk, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(around)
    institutions.set_password(around, HOSPITAL.code, "his", PASSWORD, "clerk")
    desk.sign_in(HOSPITAL.code, "his", PASSWORD)
    computed = []

    def counting(password: str, salt: bytes, digest: bytes) -> bool:
        computed.append(password)
        return passwords.fits(password, salt, digest)

    monkeypatch.setattr(institutions, "fits", counting)
    desk.sign_in(HOSPITAL.code, "his", PASSWORD)
    assert computed == []
    clock.at_ms += KEPT_MS
    desk.sign_in(HOSPITAL.code, "his", PASSWORD)
    assert computed == [PASSWORD]


def test_neither_database_nor_audit_log_hold_the_password(around: Surroundings) -> None:
    registered(around)
    institutions.set_password(around, HOSPITAL.code, "his", PASSWORD, "clerk")
    with around.store.read() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM institutions").all())
        lines = str(connection.exec_driver_sql("SELECT * FROM audit_lines").all())
    assert PASSWORD not in kept + lines
    assert WINDOW.name in lines
