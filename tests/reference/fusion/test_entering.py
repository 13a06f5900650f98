"""The entry: whose code, whose part, and what is shown apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from reference.ecard.verbs import (
    Account,
    AskAgain,
    Cancel,
    Entry,
    JoinFlow,
    OpenEntry,
    QueryEntry,
)
from reference.store.code_tables import uses
from reference.store.fusion_tables import fusion_entries, fusion_parts
from tests.platform import ask, citizen
from tests.reference.accounts.cards import actions, count, refused, who
from tests.reference.fusion.conftest import HOSPITAL, VOUCHER, Hospital


def outcomes(entry: Entry) -> dict[str, str]:
    return {part.part: part.outcome for part in entry.parts}


def test_one_shown_card_opens_care_insurance_drugs_and_payment(hospital: Hospital) -> None:
    hospital.owners["care"].data = ("R-1", "R-2")
    account = hospital.resident()
    entry = hospital.enter(hospital.code(account))
    assert (entry.index_id, entry.outcome, entry.entered_by) == (account.index_id, "ok", "ehc-national")
    assert set(outcomes(entry).values()) == {"ok"}
    assert {part.told["visit"] for part in entry.parts} == {"V-1"}
    joined = [(one.flow, one.part) for one in entry.joined]
    assert joined.count(("data", "care")) == 2
    assert sorted(part for flow, part in joined if flow == "business") == ["care", "drugs", "insurance", "payment"]
    assert {tuple(owner.asked) for owner in hospital.owners.values()} == {(entry.entry_id,)}
    assert actions(hospital.platform)[-2:] == ["fusion.open", "fusion.ask"]


def test_what_one_owner_refuses_and_another_does_not_answer_is_shown_apart(hospital: Hospital) -> None:
    account = hospital.resident()
    hospital.owners["insurance"].refused.add(account.person.id_number)
    hospital.owners["drugs"].available = False
    entry = hospital.enter(hospital.code(account))
    assert outcomes(entry) == {"care": "ok", "insurance": "refused", "drugs": "away", "payment": "ok"}
    assert entry.outcome == "partly"
    refused_part = next(part for part in entry.parts if part.part == "insurance")
    assert refused_part.message == "E01 not known to insurance"


def test_only_those_who_failed_are_asked_again(hospital: Hospital) -> None:
    hospital.owners["drugs"].available = False
    entry = hospital.entered()
    hospital.owners["drugs"].available = True
    again = ask(hospital.platform, AskAgain(entry_id=entry.entry_id), Entry, HOSPITAL)
    assert again.outcome == "ok"
    assert {part: len(owner.asked) for part, owner in hospital.owners.items()} == {
        "care": 1,
        "insurance": 1,
        "drugs": 2,
        "payment": 1,
    }


def test_an_owner_who_is_not_connected_fails_alone(hospital: Hospital) -> None:
    account = hospital.resident()
    hospital.platform = replace(hospital.platform, owners={"care": hospital.owners["care"]})
    entry = hospital.enter(hospital.code(account))
    assert outcomes(entry) == {
        "care": "ok",
        "insurance": "unconnected",
        "drugs": "unconnected",
        "payment": "unconnected",
    }


def test_an_insurance_voucher_opens_the_entry_of_its_holder(hospital: Hospital) -> None:
    account = hospital.resident()
    hospital.insurer.holders[VOUCHER] = account.person
    entry = hospital.enter(VOUCHER)
    assert (entry.index_id, entry.entered_by) == (account.index_id, "medical-insurance")
    assert count(hospital.platform, uses) == 0


def test_a_voucher_is_judged_by_its_owner(hospital: Hospital) -> None:
    account = hospital.resident()
    with refused("entry.owner-refused", "text"):
        hospital.enter(VOUCHER)
    hospital.insurer.holders[VOUCHER] = citizen(name="测试别名")
    with refused("account.identity-mismatch", "text"):
        hospital.enter(VOUCHER)
    hospital.insurer.holders[VOUCHER] = citizen(7)
    with refused("account.unregistered"):
        hospital.enter(VOUCHER)
    hospital.insurer.available = False
    with refused("entry.owner-away", "text"):
        hospital.enter(VOUCHER)
    hospital.platform = replace(hospital.platform, vouchers=None)
    with refused("entry.owner-away", "text"):
        hospital.enter(VOUCHER)
    assert account.state == "certified"
    assert count(hospital.platform, fusion_entries) == 0


@pytest.mark.parametrize("text", ["134567890123456789", "hello", "T0001"])
def test_a_code_of_payment_or_of_nobody_opens_nothing(hospital: Hospital, text: str) -> None:
    with refused("entry.no-person", "text"):
        hospital.enter(text)


def test_a_used_code_opens_no_second_entry_and_is_refused_by_its_own_reason(hospital: Hospital) -> None:
    text = hospital.code(hospital.resident())
    hospital.enter(text)
    with refused("code.consumed"):
        hospital.enter(text)
    assert count(hospital.platform, fusion_entries) == 1


def test_a_repeated_request_is_answered_with_the_entry_as_it_stands(hospital: Hospital) -> None:
    text = hospital.code(hospital.resident())
    first = hospital.enter(text, "R-1")
    again = hospital.enter(text, "R-1")
    assert again.entry_id == first.entry_id
    assert [len(owner.asked) for owner in hospital.owners.values()] == [1, 1, 1, 1]
    with refused("entry.conflict", "request"):
        hospital.enter(text, "R-1", visit="V-2")
    with refused("entry.conflict", "request"):
        hospital.enter(VOUCHER, "R-1")


def test_parts_that_a_crash_left_waiting_are_asked_later(hospital: Hospital) -> None:
    account = hospital.resident()

    def crash(question: object) -> object:
        raise KeyboardInterrupt

    hospital.owners["care"].ask = crash  # type: ignore[method-assign, assignment]
    text = hospital.code(account)
    with pytest.raises(KeyboardInterrupt):
        hospital.enter(text, "R-1")
    del hospital.owners["care"].ask
    left = hospital.enter(text, "R-1")
    assert set(outcomes(left).values()) == {"waiting"}
    assert ask(hospital.platform, AskAgain(entry_id=left.entry_id), Entry, HOSPITAL).outcome == "ok"


def test_numbers_of_business_and_data_are_joined_once(hospital: Hospital) -> None:
    entry = hospital.entered()
    order = JoinFlow(entry_id=entry.entry_id, part="drugs", flow="business", number="RX-77")
    report = JoinFlow(entry_id=entry.entry_id, part="care", flow="data", number="LAB-5")
    for verb in (order, order, report):
        after = ask(hospital.platform, verb, Entry, HOSPITAL)
    found = [(one.flow, one.part, one.number) for one in after.joined]
    assert found.count(("business", "drugs", "RX-77")) == 1
    assert ("data", "care", "LAB-5") in found
    assert ask(hospital.platform, QueryEntry(entry_id=entry.entry_id), Entry, HOSPITAL).joined == after.joined
    with refused("request.field-malformed", "number"):
        ask(hospital.platform, JoinFlow(entry_id=entry.entry_id, part="care", flow="data", number="x" * 65), Entry)
    with refused("request.empty-field", "number"):
        ask(hospital.platform, JoinFlow(entry_id=entry.entry_id, part="care", flow="data", number=""), Entry)


def test_an_entry_is_unknown_to_other_institutions(hospital: Hospital) -> None:
    entry = hospital.entered()
    with refused("entry.unknown", "entry_id"):
        ask(hospital.platform, QueryEntry(entry_id=entry.entry_id), Entry)
    with refused("entry.unknown", "entry_id"):
        ask(hospital.platform, AskAgain(entry_id=entry.entry_id), Entry)


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"text": ""}, "request.empty-field", "text"),
        ({"visit": ""}, "request.empty-field", "visit"),
        ({"request": ""}, "request.empty-field", "request"),
        ({"parts": ()}, "request.empty-field", "parts"),
        ({"visit": "x" * 65}, "request.field-malformed", "visit"),
        ({"request": "a\nb"}, "request.field-malformed", "request"),
    ],
)
def test_an_entry_out_of_form_is_refused(
    hospital: Hospital, fields: dict[str, object], reason: str, field: str
) -> None:
    given = {"text": VOUCHER, "visit": "V-1", "request": "R-1"} | fields
    with refused(reason, field):
        ask(hospital.platform, OpenEntry(**given), Entry, HOSPITAL)  # type: ignore[arg-type]


def test_a_cancelled_card_is_asked_for_no_more(hospital: Hospital) -> None:
    account = hospital.resident()
    hospital.owners["drugs"].available = False
    entry = hospital.enter(hospital.code(account))
    ask(hospital.platform, Cancel(who=who(account)), Account)
    with refused("account.cancelled"):
        ask(hospital.platform, AskAgain(entry_id=entry.entry_id), Entry, HOSPITAL)


def test_nothing_that_owners_tell_of_a_person_is_kept(hospital: Hospital) -> None:
    entry = hospital.entered()
    with hospital.platform.store.read() as connection:
        rows = connection.execute(select(fusion_parts)).mappings().all()
    assert {tuple(row) for row in rows} == {("entry_id", "part", "outcome", "number", "message", "asked_ms")}
    kept = ask(hospital.platform, QueryEntry(entry_id=entry.entry_id), Entry, HOSPITAL)
    assert [part.told for part in kept.parts] == [{}, {}, {}, {}]


def test_an_owner_whose_number_cannot_be_kept_has_not_answered(hospital: Hospital) -> None:
    hospital.owners["drugs"].data = ("x" * 65,)
    assert outcomes(hospital.entered())["drugs"] == "away"
