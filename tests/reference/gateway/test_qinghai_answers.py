"""Qinghai's answers: what the server writes the client reads; what is no answer it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.ecard.moments import moment_of
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    ApplyCode,
    ApplyTemporary,
    BindMember,
    BindTemporary,
    Cancel,
    Code,
    Count,
    CountCards,
    Done,
    FindNewborn,
    ListMembers,
    Member,
    Members,
    Query,
    Register,
    Reported,
    ReportedUse,
    ReportUses,
    Temporary,
    UnbindMember,
    Update,
    Verb,
    Verified,
    Verify,
    VerifyTemporary,
    Who,
)
from reference.gateway.profiles.qinghai_client import NOTHING_TOLD
from reference.gateway.wire import UnreadableAnswer, WireRefusal
from tests.platform import NOON_MS
from tests.reference.gateway.qinghai_counter import CARD, QinghaiCounter, open_counter
from tests.reference.gateway.qinghai_residents import (
    BORN,
    CLERKED,
    CLIENTS,
    GUARDED,
    PHOTOGRAPHED,
    RESIDENT,
    SOMEBODY,
    TOKEN,
    accounts,
    exchanged,
    hex64,
    holding,
    seconds,
    words,
)


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QinghaiCounter]:
    with open_counter(tmp_path_factory.mktemp("qinghai")) as opened:
        yield opened


def came_back(counter: QinghaiCounter, verb: Verb, answer: Any) -> Any:
    """What the client reads of an answer, asked as an application with enciphered fields."""
    client = CLIENTS["an application"]
    exchange, _ = exchanged(counter, client, verb)
    return client.read(verb, exchange.answer(answer).body)


@pytest.mark.parametrize(
    "verb",
    [
        Register(person=SOMEBODY, proof=PHOTOGRAPHED),
        Register(person=SOMEBODY, proof=CLERKED),
        Register(person=BORN, proof=CLERKED, child=GUARDED),
        BindMember(who=RESIDENT, member=SOMEBODY, relation="1", proof=PHOTOGRAPHED),
    ],
    ids=("online", "on site", "newborn", "member"),
)
@settings(max_examples=40, deadline=None)
@given(account=accounts)
def test_a_registered_account_comes_back(counter: QinghaiCounter, verb: Verb, account: Account) -> None:
    assert came_back(counter, verb, account) == account


@settings(max_examples=40, deadline=None)
@given(account=holding, kinds=st.sets(st.sampled_from(("static", "dynamic"))), card=hex64)
def test_a_query_comes_back_with_its_codes(
    counter: QinghaiCounter, account: Account, kinds: set[str], card: str
) -> None:
    texts = {"static": f"{card}:1", "dynamic": f"{card}:0:{TOKEN}"}
    codes = tuple(
        Code(text=texts[kind], kind=kind, ecard_id=card, issued_ms=0) for kind in ("static", "dynamic") if kind in kinds
    )
    found = AccountWithCodes(account=account, codes=codes)
    assert came_back(counter, Query(who=RESIDENT), found) == found


@settings(max_examples=40, deadline=None)
@given(account=holding, kind=st.sampled_from(("static", "dynamic")), expires=seconds)
def test_a_verification_comes_back(counter: QinghaiCounter, account: Account, kind: Any, expires: int) -> None:
    verified = Verified(account=account, kind=kind, expires_ms=expires if kind == "dynamic" else None)
    assert came_back(counter, Verify(text=f"{CARD}:1"), verified) == verified


@settings(max_examples=40, deadline=None)
@given(listed=st.lists(st.builds(Member, account=accounts, relation=st.sampled_from("12"), bound_ms=st.just(0))))
def test_members_and_newborns_come_back_in_their_order(counter: QinghaiCounter, listed: list[Member]) -> None:
    members = Members(members=tuple(listed))
    assert came_back(counter, ListMembers(who=RESIDENT), members) == members
    assert came_back(counter, FindNewborn(guardian=RESIDENT), members) == members


@settings(max_examples=40, deadline=None)
@given(name=words, age=st.integers(0, 150), clinic_ms=seconds)
def test_a_temporary_card_comes_back(counter: QinghaiCounter, name: str, age: int, clinic_ms: int) -> None:
    number = "T0123456789ABCDEF"
    card = Temporary(number=number, name=name, sex="1", age=age, clinic_ms=clinic_ms, expires_ms=0)
    applied = came_back(counter, ApplyTemporary(name=name, sex="1", age=age, clinic_ms=clinic_ms), card)
    assert applied.number == number
    assert came_back(counter, VerifyTemporary(number=number), card) == card


def test_a_code_comes_back_with_its_text(counter: QinghaiCounter) -> None:
    code = Code(text=f"{CARD}:0:{TOKEN}", kind="dynamic", ecard_id=CARD, issued_ms=0)
    issued = msgspec.structs.replace(code, issued_ms=NOON_MS, expires_ms=NOON_MS, uses_left=1, colour=1)
    assert came_back(counter, ApplyCode(who=RESIDENT, kind="dynamic"), issued) == code


def test_services_that_tell_nothing_are_answered_without_data(counter: QinghaiCounter) -> None:
    account = msgspec.structs.replace(NOTHING_TOLD, ecard_id=CARD, state="normal")
    assert came_back(counter, Cancel(who=RESIDENT, code=f"{CARD}:1"), account) == NOTHING_TOLD
    assert came_back(counter, Update(who=Who(ecard_id=CARD), sex="1"), account) == NOTHING_TOLD
    assert came_back(counter, BindTemporary(number="T1", who=RESIDENT), account) == NOTHING_TOLD
    assert came_back(counter, UnbindMember(who=RESIDENT, member=RESIDENT), Done()) == Done()


def test_a_count_comes_back(counter: QinghaiCounter) -> None:
    verb = CountCards(institution="510100001", first_date="20260101", last_date="20260102")
    assert came_back(counter, verb, Count(count=1234)) == Count(count=1234)


def test_a_report_that_was_taken_is_one_use(counter: QinghaiCounter) -> None:
    use = ReportedUse(
        serial="", card="6301", used_ms=moment_of("20260101120000"), medium="physical", terminal="1", channel="01",
        city="630100", reset_number="1", holder=SOMEBODY,
    )  # fmt: skip
    assert came_back(counter, ReportUses(uses=(use,)), Reported(kept=0, known=1)) == Reported(kept=1, known=0)


@pytest.mark.parametrize(
    ("state", "refusal", "code"),
    [
        ("cancelled", "account.cancelled", "5001"),
        ("awaiting-audit", "account.unaudited", "5002"),
        ("audit-failed", "account.audit-failed", "5003"),
        ("suspended", "account.suspended", "5002"),
    ],
)
def test_a_query_of_a_card_that_does_not_hold_is_refused(
    counter: QinghaiCounter, state: str, refusal: str, code: str
) -> None:
    exchange, _ = exchanged(counter, CLIENTS["an application"], Query(who=RESIDENT))
    account = msgspec.structs.replace(NOTHING_TOLD, state=state)
    with pytest.raises(Refusal) as refused:
        exchange.answer(AccountWithCodes(account=account))
    assert refused.value.id == refusal
    with pytest.raises(WireRefusal) as seen:
        CLIENTS["an application"].read(Query(who=RESIDENT), exchange.refuse(refused.value).body)
    assert (seen.value.code, seen.value.ids) == (code, frozenset({refusal}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<response/>",
        "<answer><result>success</result><desc/><resultCode>5005</resultCode></answer>",
        "<response><result>success</result><desc/><resultCode>1011</resultCode></response>",
        "<response><result>failure</result><desc/><resultCode>5005</resultCode></response>",
        "<response><result>success</result><desc/><resultCode>5005</resultCode></response>",
        "<response><result>success</result><desc/><resultCode>5005</resultCode><ehc_cardinfo>1</ehc_cardinfo></response>",
        "<response><result>success</result><desc/><resultCode>5005</resultCode>"
        "<ehc_cardinfo><name>plain</name><qr_code/></ehc_cardinfo></response>",
        "<response><result>success</result><desc/><resultCode>5005</resultCode>"
        "<ehc_cardinfo><qr_code>1</qr_code><qr_code>2</qr_code></ehc_cardinfo></response>",
        f"<response>{'<a>' * 20}1{'</a>' * 20}</response>",
    ],
)
def test_an_answer_of_another_form_is_unreadable(text: str) -> None:
    with pytest.raises(UnreadableAnswer):
        CLIENTS["an application"].read_text(Query(who=RESIDENT), text)


@settings(max_examples=40, deadline=None)
@given(body=st.binary(max_size=200))
def test_no_bytes_break_the_client(body: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        CLIENTS["an application"].read(Query(who=RESIDENT), body)
