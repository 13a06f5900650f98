"""Audit of applications: four eyes, a reason for every refusal, and what an approval lets happen."""

from __future__ import annotations

import msgspec
import pytest

from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    Application,
    Applications,
    Audit,
    Batch,
    Cancel,
    Claim,
    PendingAudits,
    Prefabricate,
    Query,
    Register,
    Restore,
    Suspend,
    Who,
)
from reference.serving import RealNameResult, Surroundings
from reference.store.account_tables import applications
from tests.platform import AUDITOR, ONLINE, WINDOW, SettableClock, ToldRealNameCheck, ask, citizen
from tests.reference.accounts.cards import count, normal, refused, registered, who


@pytest.fixture
def undecided(real_name: ToldRealNameCheck) -> ToldRealNameCheck:
    real_name.says = RealNameResult.UNDECIDED
    return real_name


def pending(platform: Surroundings) -> tuple[Application, ...]:
    return ask(platform, PendingAudits(), Applications, AUDITOR).applications


def decided(platform: Surroundings, application: Application, *, approve: bool, reason: str = "") -> Account:
    verb = Audit(application_id=application.application_id, approve=approve, reason=reason)
    return ask(platform, verb, Account, AUDITOR)


def test_without_an_online_check_an_application_awaits_its_audit(
    platform: Surroundings, undecided: ToldRealNameCheck
) -> None:
    account = registered(platform)
    assert account.state == "awaiting-audit"
    [application] = pending(platform)
    assert (application.index_id, application.purpose, application.submitted_by) == (
        account.index_id,
        "register",
        WINDOW.name,
    )


def test_an_approved_application_is_certified(platform: Surroundings, undecided: ToldRealNameCheck) -> None:
    registered(platform)
    assert decided(platform, pending(platform)[0], approve=True).state == "certified"
    assert pending(platform) == ()


def test_a_refused_application_can_be_made_again(platform: Surroundings, undecided: ToldRealNameCheck) -> None:
    registered(platform)
    assert decided(platform, pending(platform)[0], approve=False, reason="照片不清").state == "audit-failed"
    assert registered(platform).state == "awaiting-audit"
    assert decided(platform, pending(platform)[0], approve=True).state == "certified"


def test_applying_again_while_waiting_makes_no_second_application(
    platform: Surroundings, undecided: ToldRealNameCheck
) -> None:
    registered(platform)
    assert registered(platform).state == "awaiting-audit"
    assert count(platform, applications) == 1


def test_a_refusal_needs_a_reason(platform: Surroundings, undecided: ToldRealNameCheck) -> None:
    registered(platform)
    with refused("request.empty-field", "reason"):
        decided(platform, pending(platform)[0], approve=False)


def test_nobody_decides_on_his_own_submission(platform: Surroundings, undecided: ToldRealNameCheck) -> None:
    clerk = msgspec.structs.replace(WINDOW, operator="clerk-7")
    ask(platform, Register(person=citizen(), proof=ONLINE), Account, clerk)
    own = Audit(application_id=pending(platform)[0].application_id, approve=True)
    with refused("account.self-audit"):
        ask(platform, own, Account, clerk)
    with refused("account.self-audit"):
        ask(platform, own, Account, msgspec.structs.replace(AUDITOR, operator="clerk-7"))
    assert ask(platform, own, Account, AUDITOR).state == "certified"


def test_an_application_is_decided_once(platform: Surroundings, undecided: ToldRealNameCheck) -> None:
    registered(platform)
    [application] = pending(platform)
    decided(platform, application, approve=True)
    with refused("account.already-decided", "application_id"):
        decided(platform, application, approve=False, reason="迟到")
    with refused("account.unknown-application", "application_id"):
        ask(platform, Audit(application_id="0" * 32, approve=True), Account, AUDITOR)


def test_applications_come_oldest_first_and_no_more_than_asked_for(
    platform: Surroundings, undecided: ToldRealNameCheck, clock: SettableClock
) -> None:
    for number in (3, 1, 2):
        registered(platform, citizen(number, f"测试{number}"))
        clock.advance(seconds=1)
    times = [application.submitted_ms for application in pending(platform)]
    assert times == sorted(times)
    assert len(ask(platform, PendingAudits(limit=2), Applications).applications) == 2
    with refused("request.field-malformed", "limit"):
        ask(platform, PendingAudits(limit=0), Applications)


@pytest.mark.parametrize(("end", "state"), [(Suspend, "normal"), (Cancel, "certified")])
def test_a_restoration_without_online_check_waits_for_its_audit(
    platform: Surroundings, real_name: ToldRealNameCheck, end: type[Cancel] | type[Suspend], state: str
) -> None:
    account = normal(platform)
    ended = ask(platform, end(who=who(account)), Account)
    real_name.says = RealNameResult.UNDECIDED
    assert ask(platform, Restore(who=who(account), proof=ONLINE), Account).state == ended.state
    assert decided(platform, pending(platform)[0], approve=True).state == state


def test_a_refused_restoration_leaves_the_card_as_it_is(platform: Surroundings, real_name: ToldRealNameCheck) -> None:
    account = registered(platform)
    ask(platform, Cancel(who=who(account)), Account)
    real_name.says = RealNameResult.UNDECIDED
    registered(platform)
    assert decided(platform, pending(platform)[0], approve=False, reason="不符").state == "cancelled"
    assert ask(platform, Query(who=who(account)), AccountWithCodes).account.state == "cancelled"


def test_a_claim_without_online_check_waits_for_its_audit(platform: Surroundings, undecided: ToldRealNameCheck) -> None:
    batch = ask(platform, Prefabricate(persons=(citizen(),), source="hospital"), Batch)
    [row] = batch.rows
    verb = Claim(who=Who(ecard_id=row.ecard_id), name="测试甲", proof=ONLINE)
    assert ask(platform, verb, Account).state == "premade"
    assert decided(platform, pending(platform)[0], approve=True).state == "normal"
