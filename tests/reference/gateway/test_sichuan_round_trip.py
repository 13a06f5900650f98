"""Sichuan's two sides: what the client writes the server understands, what the server answers the client tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    AddInstitution,
    Answer,
    ApplyCode,
    Cancel,
    Code,
    Institution,
    ListMembers,
    Person,
    Proof,
    Query,
    QueryInstitution,
    Register,
    Reported,
    ReportedUse,
    ReportUses,
    Update,
    UpdateInstitution,
    Verb,
    Verified,
    Verify,
    Who,
)
from reference.gateway.wire import UnreadableAnswer, UnsupportedVerb, WireRefusal
from reference.standard.ecard.refusals import refusals
from tests.platform import citizen
from tests.reference.gateway.any_messages import (
    CARDS,
    CLERKS,
    DATES,
    DIGITS,
    DOCUMENTS,
    IDS,
    IMAGES,
    NUMBERS,
    SECONDS,
    SOFT,
    TRUSTED,
    WORDS,
    accounts,
    codes,
    or_empty,
    verified,
)
from tests.reference.gateway.asking import Asking, asking_in
from tests.reference.gateway.sichuan_requests import CARD

ALL_SOFT = SOFT | {
    "telephone": or_empty(DIGITS),
    "employer": or_empty(WORDS),
    "marital_status": st.sampled_from(["", "10", "90"]),
}
PERSONS = st.builds(Person, id_type=st.just("01"), id_number=NUMBERS, name=WORDS, **ALL_SOFT)
ACCOUNTS = accounts().flatmap(
    lambda account: PERSONS.map(lambda person: msgspec.structs.replace(account, person=person))
)
PROOFS = CLERKS | TRUSTED | st.builds(Proof, way=st.just("online"), photo_face=IMAGES)
WAYS = st.sampled_from([Proof(way="online"), Proof(way="on-site"), Proof(way="trusted")])
USES = st.builds(
    ReportedUse,
    serial=WORDS,
    card=IDS,
    used_ms=SECONDS,
    terminal=or_empty(WORDS),
    channel=st.sampled_from(["", "01"]),
    step=st.sampled_from(["", "010101"]),
    department=st.sampled_from(["", "0300"]),
)
INSTITUTIONS = st.builds(
    Institution,
    code=WORDS,
    name=WORDS,
    kind=st.sampled_from(["", "1"]),
    level=st.sampled_from(["", "3"]),
    hierarchy=st.sampled_from(["", "2"]),
    address=or_empty(WORDS),
    access_method=st.sampled_from(["", "1"]),
    valid_until=or_empty(DATES),
    state=st.sampled_from(["in-service", "suspended"]),
)
CODES = codes(issued_ms=0) | codes(issued_ms=0).map(
    lambda code: msgspec.structs.replace(code, kind="static", expires_ms=None, colour=2)
)
VERBS = st.one_of(
    st.builds(Register, person=PERSONS, proof=PROOFS, mode=st.sampled_from(["", "3"])),
    st.builds(Update, who=CARDS, proof=st.none() | WAYS, name=or_empty(WORDS), id_number=or_empty(NUMBERS), **ALL_SOFT),
    st.builds(Cancel, who=CARDS, reason=st.sampled_from(["holder", "death", "duplicate", "fraud"])),
    st.builds(
        ApplyCode,
        who=CARDS,
        kind=st.sampled_from([None, "static", "dynamic"]),
        scene=st.sampled_from(["", "010101"]),
        payment=or_empty(WORDS),
        refresh=st.booleans(),
        again=st.booleans(),
    ),
    st.builds(
        Verify, text=IDS.map(lambda id: f"{id}:1::5101A0001"), step=st.sampled_from(["", "010101"]), request=WORDS
    ),
    st.builds(Query, who=CARDS | DOCUMENTS),
    st.builds(ReportUses, uses=st.lists(USES, min_size=1, max_size=5).map(tuple)),
    st.builds(AddInstitution, institution=INSTITUTIONS),
    st.builds(UpdateInstitution, institution=INSTITUTIONS),
    st.builds(QueryInstitution, code=WORDS),
)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with asking_in(tmp_path_factory.mktemp("sichuan"), "sichuan") as asking:
        yield asking


def through(province: Asking, verb: Verb, answer: Answer) -> Answer:
    """An answer to a verb, written by the server and read by the client."""
    exchange = province.profile.begin(province.received(province.write(verb)), province.counter)
    exchange.read()
    return province.client.read(verb, exchange.answer(answer).body)


@settings(max_examples=150, deadline=None)
@given(verb=VERBS)
def test_what_the_client_writes_the_server_understands(province: Asking, verb: Verb) -> None:
    call = province.call(verb)
    assert call.verb == verb
    assert (call.caller.app, call.caller.institution) == (province.credentials.app, province.credentials.institution)
    assert len(call.admission.mark) == 64


def test_a_verification_without_number_has_the_requests_own(province: Asking) -> None:
    verb = province.call(Verify(text=f"{CARD}:1::5101A0001")).verb
    assert isinstance(verb, Verify)
    assert len(verb.request) == 32


@settings(max_examples=40, deadline=None)
@given(account=ACCOUNTS, new=st.booleans(), known=st.lists(CODES, max_size=2))
def test_an_account_is_told_whole(province: Asking, account: Account, new: bool, known: list[Code]) -> None:
    made, who = msgspec.structs.replace(account, new=new), Who(ecard_id=account.ecard_id)
    for verb in (
        Register(person=citizen(), proof=Proof(way="trusted")),
        Update(who=who),
        Cancel(who=who),
    ):
        assert through(province, verb, made) == made
    found = AccountWithCodes(account=account, codes=tuple(known))
    assert through(province, Query(who=who), found) == found


@settings(max_examples=40, deadline=None)
@given(code=CODES, answer=verified(ACCOUNTS), institution=INSTITUTIONS, kept=st.integers(0, 500))
def test_every_other_answer_is_told_whole(
    province: Asking, code: Code, answer: Verified, institution: Institution, kept: int
) -> None:
    who = Who(ecard_id=CARD)
    told: list[tuple[Verb, Any]] = [
        (ApplyCode(who=who), code),
        (Verify(text=f"{CARD}:1::5101A0001"), answer),
        (QueryInstitution(code="1"), institution),
        (AddInstitution(institution=institution), institution),
        (ReportUses(uses=(ReportedUse(serial="1", card=CARD, used_ms=0),)), Reported(kept=kept, known=500 - kept)),
    ]
    for verb, given_answer in told:
        assert through(province, verb, given_answer) == given_answer


@pytest.mark.parametrize("refusal", sorted(refusals()))
def test_the_client_tells_every_refusal_apart(province: Asking, refusal: str) -> None:
    for verb, field in ((Query(who=Who(ecard_id=CARD)), "name"), (QueryInstitution(code="1"), "")):
        exchange = province.profile.begin(province.received(province.write(verb)), province.counter)
        exchange.read()
        with pytest.raises(WireRefusal) as refused:
            province.client.read(verb, exchange.refuse(Refusal(refusal, field)).body)
        assert refused.value.ids == {refusal}
        assert refused.value.code == "00"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"code":"10","message":""}', b'{"code":"10","message":"","biz_content":"QQ=="}']
)
def test_an_answer_in_another_form_is_unreadable(province: Asking, body: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        province.client.read(Query(who=Who(ecard_id=CARD)), body)


def test_an_answer_under_another_secret_is_unreadable(province: Asking) -> None:
    verb = QueryInstitution(code="1")
    exchange = province.profile.begin(province.received(province.write(verb)), province.counter)
    exchange.read()
    body = exchange.answer(Institution(code="1", name="x")).body
    with pytest.raises(UnreadableAnswer):
        province.as_client(secret=bytes(16)).read(verb, body)


def test_a_verb_without_service_is_not_written(province: Asking) -> None:
    with pytest.raises(UnsupportedVerb):
        province.write(ListMembers(who=Who(ecard_id=CARD)))
