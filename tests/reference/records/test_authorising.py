"""Authorisations: by whom, how shown, how long, and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from reference.ecard.verbs import (
    Accesses,
    Authorisation,
    Child,
    Done,
    GrantAccess,
    ListAccess,
    Person,
    Register,
    RevokeAccess,
    Suspend,
    Who,
)
from reference.ecard.verbs import Account as AccountTold
from tests.platform import ONLINE, ask, citizen, citizen_number
from tests.reference.accounts.cards import actions, refused, static_code, who
from tests.reference.records.conftest import CITY, HOUR_MS, TOWN, Region, doctor


def test_a_shown_code_authorises_for_the_visit(region: Region) -> None:
    account = region.resident()
    granted = region.grant(account)
    assert (granted.institution, granted.kinds, granted.way) == (TOWN, ("laboratory",), "code")
    assert granted.index_id == account.index_id
    assert actions(region.platform)[-1] == "record.grant"


def test_a_checked_name_authorises_for_longer_than_a_shown_code(region: Region) -> None:
    account = region.resident()
    assert region.grant(account, hours=24 * 366, proof=ONLINE).way == "real-name"
    with refused("authorisation.too-long", "until_ms"):
        region.grant(account, hours=25)
    with refused("authorisation.too-long", "until_ms"):
        region.grant(account, hours=24 * 366 + 1, proof=ONLINE)


def test_a_code_authorises_once(region: Region) -> None:
    account = region.resident()
    code = region.dynamic(account)
    region.grant(account, code=code)
    with refused("code.consumed"):
        region.grant(account, code=code)


def test_a_printed_code_authorises_nobody(region: Region) -> None:
    account = region.resident()
    with refused("code.kind-unsuited"):
        region.grant(account, code=static_code(region.platform, account).text)


def test_the_code_of_somebody_else_authorises_nothing(region: Region) -> None:
    one, other = region.resident(), region.resident(citizen(2, "测试乙"))
    with refused("account.identity-mismatch", "code"):
        region.grant(one, code=region.dynamic(other))
    assert ask(region.platform, ListAccess(who=who(one)), Accesses).authorisations == ()


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"kinds": ()}, "request.empty-field", "kinds"),
        ({"kinds": ("horoscope",)}, "person.unknown-code", "kinds"),
        ({"purpose": "curiosity"}, "person.unknown-code", "purpose"),
        ({"until_ms": 0}, "request.field-malformed", "until_ms"),
        ({"code": ""}, "request.empty-field", "proof"),
        ({"institution": "nobody"}, "registry.unknown", "code"),
    ],
)
def test_an_authorisation_out_of_form_is_refused(
    region: Region, fields: dict[str, Any], reason: str, field: str
) -> None:
    account = region.resident()
    with refused(reason, field):
        region.grant(account, **fields)
    assert "record.grant" not in actions(region.platform)


def test_a_suspended_card_authorises_nothing(region: Region) -> None:
    account = region.resident()
    static_code(region.platform, account)
    ask(region.platform, Suspend(who=who(account)), AccountTold)
    with refused("account.suspended"):
        region.grant(account, proof=ONLINE)


def test_a_revocation_holds_at_once_and_is_kept(region: Region) -> None:
    account = region.resident()
    granted = region.grant(account)
    ask(region.platform, RevokeAccess(who=who(account), authorisation_id=granted.authorisation_id), Done)
    (kept,) = ask(region.platform, ListAccess(who=who(account)), Accesses).authorisations
    assert kept.revoked_ms == region.clock.now_ms()
    with refused("authorisation.unknown", "authorisation_id"):
        ask(region.platform, RevokeAccess(who=who(account), authorisation_id=granted.authorisation_id), Done)


def test_nobody_revokes_the_authorisation_of_somebody_else(region: Region) -> None:
    one, other = region.resident(), region.resident(citizen(2, "测试乙"))
    granted = region.grant(one)
    with refused("authorisation.unknown", "authorisation_id"):
        ask(region.platform, RevokeAccess(who=who(other), authorisation_id=granted.authorisation_id), Done)


def child_of(region: Region, guardian: AccountTold) -> AccountTold:
    parent = guardian.person
    child = Person(id_type="01", id_number=citizen_number(3, birthday="20200101"), name="测童")
    link = Child(guardian_id_type=parent.id_type, guardian_id_number=parent.id_number)
    return ask(region.platform, Register(person=child, proof=ONLINE, child=link), AccountTold)


def test_the_guardian_authorises_for_a_child(region: Region) -> None:
    guardian = region.resident()
    child = child_of(region, guardian)
    code = region.dynamic(guardian)
    granted = region.grant(child, guardian=who(guardian), code=code)
    assert (granted.index_id, granted.way) == (child.index_id, "guardian-code")


def test_a_child_and_a_stranger_do_not_authorise_for_the_child(region: Region) -> None:
    guardian, stranger = region.resident(), region.resident(citizen(2, "测试乙"))
    child = child_of(region, guardian)
    with refused("person.guardian-missing", "guardian"):
        region.grant(child)
    with refused("authorisation.not-guardian", "guardian"):
        region.grant(child, guardian=who(stranger), code=region.dynamic(stranger))


def test_nobody_is_the_guardian_of_an_adult(region: Region) -> None:
    one, other = region.resident(), region.resident(citizen(2, "测试乙"))
    with refused("authorisation.not-guardian", "guardian"):
        region.grant(one, guardian=who(other), code=region.dynamic(other))


def test_a_resident_names_the_hospital_whose_doctor_does_not_ask(region: Region) -> None:
    account = region.resident()
    verb = GrantAccess(
        who=Who(ecard_id=account.ecard_id),
        purpose="family-doctor",
        kinds=("chronic-disease", "laboratory", "laboratory"),
        until_ms=region.clock.now_ms() + HOUR_MS,
        institution=CITY,
        proof=ONLINE,
    )
    granted = ask(region.platform, verb, Authorisation, doctor(TOWN))
    assert (granted.institution, granted.kinds) == (CITY, ("chronic-disease", "laboratory"))
