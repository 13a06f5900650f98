"""Gathering and opening: what the index finds, what the authorisation opens, and what is written down of it."""

from __future__ import annotations

from sqlalchemy import select

from reference.ecard.verbs import (
    Accesses,
    Account,
    Done,
    ListAccess,
    OpenRecord,
    RecordEntry,
    RegisterRecords,
    Reported,
    RevokeAccess,
    Update,
    WithdrawRecord,
)
from reference.index import merging
from reference.index.acts import Act
from reference.records.tables import facts, kinds, purposes
from reference.store.record_tables import record_openings
from tests.platform import ONLINE, ask, citizen
from tests.reference.accounts.cards import actions, refused, who
from tests.reference.records.conftest import CITY, TOWN, Region, doctor


def at_both(region: Region, account: Account) -> None:
    """Each hospital knows the resident under its own number and keeps a laboratory report of him."""
    for hospital, number, day in ((CITY, "C-1", "20251201"), (TOWN, "T-9", "20251202")):
        region.known_at(hospital, account.person, number)
        region.keep(hospital, number, dated=day)


def listed(region: Region, account: Account) -> Accesses:
    return ask(region.platform, ListAccess(who=who(account)), Accesses)


def test_records_of_all_keepers_are_gathered_through_the_index_once_authorised(region: Region) -> None:
    account = region.resident()
    at_both(region, account)
    before = region.gather(account)
    assert ([one.institution for one in before.records], before.closed) == ([TOWN], 1)
    region.grant(account)
    after = region.gather(account)
    assert [(one.institution, one.dated) for one in after.records] == [(TOWN, "20251202"), (CITY, "20251201")]
    assert (after.closed, after.more) == (0, False)


def test_an_authorised_record_is_fetched_from_its_keeper_and_written_down(region: Region) -> None:
    account = region.resident()
    at_both(region, account)
    granted = region.grant(account)
    opened = region.open(region.own_record(account, CITY, kinds=("laboratory",), last_date="20251201"))
    assert opened.content == f"report {region.keepers[CITY].fetched[-1]}".encode()
    (kept,) = listed(region, account).openings
    assert (kept.opening_id, kept.way, kept.outcome) == (opened.opening_id, "authorisation", "opened")
    assert (kept.institution, kept.operator) == (TOWN, "doctor-1")
    with region.platform.store.read() as connection:
        assert connection.scalar(select(record_openings.c.authorisation_id)) == granted.authorisation_id
    assert actions(region.platform)[-1] == "record.open"


def test_without_authorisation_nothing_is_fetched_and_the_attempt_is_shown_to_the_resident(region: Region) -> None:
    account = region.resident()
    at_both(region, account)
    record_id = region.own_record(account, CITY, last_date="20251201")
    with refused("authorisation.missing", "record_id"):
        region.open(record_id)
    assert region.keepers[CITY].fetched == []
    (kept,) = listed(region, account).openings
    assert (kept.institution, kept.way, kept.outcome) == (TOWN, "", "authorisation.missing")


def test_an_authorisation_opens_its_own_kinds_purpose_reader_and_time_alone(region: Region) -> None:
    account = region.resident()
    at_both(region, account)
    region.keep(CITY, "C-1", "prescription")
    region.grant(account)
    report = region.own_record(account, CITY, kinds=("laboratory",), last_date="20251201")
    prescription = region.own_record(account, CITY, kinds=("prescription",))
    assert region.open(report).found.kind == "laboratory"
    with refused("authorisation.missing"):
        region.open(prescription)
    with refused("authorisation.missing"):
        verb = OpenRecord(record_id=report, purpose="public-health")
        ask(region.platform, verb, Done, doctor())
    with refused("authorisation.missing"):
        region.open(report, doctor("510100099"))
    region.clock.advance(days=1)
    with refused("authorisation.missing"):
        region.open(report)


def test_a_revocation_while_the_keeper_answers_keeps_the_record_closed(region: Region) -> None:
    account = region.resident()
    at_both(region, account)
    granted = region.grant(account)
    report = region.own_record(account, CITY, last_date="20251201")
    fetch = region.keepers[CITY].fetch

    def slowly(locator: str) -> object:
        ask(region.platform, RevokeAccess(who=who(account), authorisation_id=granted.authorisation_id), Done)
        return fetch(locator)

    region.keepers[CITY].fetch = slowly  # type: ignore[method-assign, assignment]
    with refused("authorisation.missing"):
        region.open(report)
    assert listed(region, account).openings[0].outcome == "authorisation.missing"


def test_a_keeper_opens_its_own_records_without_authorisation(region: Region) -> None:
    account = region.resident()
    at_both(region, account)
    own = region.own_record(account, CITY, last_date="20251201")
    assert region.open(own, doctor(CITY)).found.institution == CITY
    assert listed(region, account).openings[0].way == "own"


def test_an_emergency_opens_with_a_named_doctor_and_a_reason_and_is_recorded(region: Region) -> None:
    account = region.resident()
    at_both(region, account)
    found = region.gather(account, emergency="unconscious after an accident")
    report = next(one for one in found.records if one.institution == CITY)
    assert region.open(report.record_id, emergency="unconscious after an accident").content
    openings = listed(region, account).openings
    assert {(one.way, one.outcome) for one in openings} == {("emergency", "gathered"), ("emergency", "opened")}
    with region.platform.store.read() as connection:
        assert set(connection.scalars(select(record_openings.c.reason))) == {"unconscious after an accident"}
    with refused("request.empty-field", "operator"):
        region.open(report.record_id, doctor(operator=""), emergency="unconscious")


def test_restricted_kinds_open_by_an_authorisation_that_names_them_alone(region: Region) -> None:
    account = region.resident()
    region.known_at(CITY, account.person, "C-1")
    region.keep(CITY, "C-1", "hiv")
    record_id = region.own_record(account, CITY)
    region.grant(account)
    with refused("authorisation.missing"):
        region.open(record_id, emergency="unconscious")
    assert region.gather(account, emergency="unconscious").closed == 1
    region.grant(account, kinds=("hiv",))
    assert region.open(record_id).found.kind == "hiv"


def test_a_silent_keeper_and_a_lost_record_are_told_apart_and_written_down(region: Region) -> None:
    account = region.resident()
    at_both(region, account)
    region.grant(account)
    report = region.own_record(account, CITY, last_date="20251201")
    region.keepers[CITY].available = False
    with refused("record.keeper-away"):
        region.open(report)
    region.keepers[CITY].available = True
    region.keepers[CITY].records.clear()
    with refused("record.unknown"):
        region.open(report)
    assert {one.outcome for one in listed(region, account).openings} == {"record.keeper-away", "record.unknown"}


def test_records_follow_a_merge_in_the_index_and_its_undoing(region: Region) -> None:
    account = region.resident()
    stranger = region.known_at(CITY, citizen(2, "测试甲甲"), "C-7")
    region.keep(CITY, "C-7")
    assert region.gather(account, doctor(CITY)).records == ()
    act = Act("clerk", region.clock.now_ms(), region.platform.identifier)
    with region.platform.store.begin() as connection:
        merge = merging.merge(connection, act, merged=stranger, survivor=account.index_id, reason="one person")
    assert len(region.gather(account, doctor(CITY)).records) == 1
    with region.platform.store.begin() as connection:
        merging.undo(connection, act, merge, "two persons")
    assert region.gather(account, doctor(CITY)).records == ()


def test_records_and_authorisations_follow_a_new_name(region: Region) -> None:
    account = region.resident()
    at_both(region, account)
    granted = region.grant(account)
    renamed = ask(region.platform, Update(who=who(account), name="测新甲", proof=ONLINE), Account)
    assert renamed.index_id != account.index_id
    assert len(region.gather(renamed).records) == 2
    assert listed(region, renamed).authorisations[0].authorisation_id == granted.authorisation_id


# --- the registry -----------------------------------------------------------------------------------------------------


def entry(**fields: str) -> RecordEntry:
    given = {"domain": CITY, "local_id": "C-1", "kind": "laboratory", "dated": "20251201", "locator": "L"} | fields
    return RecordEntry(**given)


def told(region: Region, *entries: RecordEntry) -> Reported:
    return ask(region.platform, RegisterRecords(entries=entries), Reported, doctor(CITY))


def test_a_locator_counts_once_and_is_put_right_when_told_again(region: Region) -> None:
    account = region.resident()
    region.known_at(CITY, account.person, "C-1")
    assert told(region, entry()) == Reported(kept=1, known=0)
    assert told(region, entry(kind="examination")) == Reported(kept=0, known=1)
    (found,) = region.gather(account, doctor(CITY)).records
    assert found.kind == "examination"


def test_a_batch_with_one_wrong_entry_is_kept_not_at_all(region: Region) -> None:
    account = region.resident()
    region.known_at(CITY, account.person, "C-1")
    for wrong, reason in (
        (entry(local_id="nobody", locator="M"), "record.unknown-patient"),
        (entry(domain=TOWN, locator="M"), "record.not-the-keeper"),
        (entry(kind="horoscope", locator="M"), "person.unknown-code"),
        (entry(dated="20260231", locator="M"), "request.field-malformed"),
        (entry(dated="20270101", locator="M"), "request.field-malformed"),
        (entry(locator=""), "request.empty-field"),
        (entry(locator="x" * 257), "request.field-too-long"),
        (entry(locator="a\nb"), "request.forbidden-character"),
    ):
        with refused(reason):
            told(region, entry(), wrong)
    assert region.gather(account, doctor(CITY)).records == ()


def test_too_many_entries_at_once_are_refused(region: Region) -> None:
    with refused("request.batch-too-large", "entries"):
        told(region, *(entry(locator=str(number)) for number in range(facts().limits.entries + 1)))


def test_a_record_may_be_registered_under_the_card(region: Region) -> None:
    account = region.resident()
    region.keep(CITY, account.ecard_id, domain="ecard")
    assert len(region.gather(account, doctor(CITY)).records) == 1


def test_a_withdrawn_record_is_neither_gathered_nor_opened(region: Region) -> None:
    account = region.resident()
    region.known_at(CITY, account.person, "C-1")
    locator = region.keep(CITY, "C-1")
    record_id = region.own_record(account, CITY)
    ask(region.platform, WithdrawRecord(locator=locator, reason="wrong patient"), Done, doctor(CITY))
    assert region.gather(account, doctor(CITY)).records == ()
    with refused("record.unknown"):
        region.open(record_id, doctor(CITY))
    with refused("record.unknown", "locator"):
        ask(region.platform, WithdrawRecord(locator=locator, reason="again"), Done, doctor(CITY))


def test_the_table_names_each_kind_and_purpose_in_both_languages() -> None:
    assert len(kinds()) == len(facts().kind)
    assert len(purposes()) == len(facts().purpose)
    assert all(row.title["en"] and row.title["zh"] and row.source for row in (*facts().kind, *facts().purpose))
    assert {kind for kind, row in kinds().items() if row.restricted} == {"mental-health", "hiv"}
