"""Guangdong's both sides: what the client writes the server understands, what the server answers the client tells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.access import apps
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    Answer,
    ApplyCode,
    Batch,
    BatchRow,
    Cancel,
    Claim,
    Code,
    Prefabricate,
    Proof,
    Query,
    Register,
    Update,
    Verb,
    Verified,
    Verify,
    Who,
)
from reference.gateway.profiles.card_with_code import CardAndCode, CardWithCode
from reference.gateway.wire import UnreadableAnswer, UnsupportedVerb, WireRefusal
from reference.standard.ecard.refusals import refusals
from tests.platform import citizen
from tests.reference.gateway.any_messages import (
    CARDS,
    CHILDREN,
    CLERKS,
    DIGITS,
    DOCUMENTS,
    IDS,
    IMAGES,
    PERSONS,
    SOFT,
    TRUSTED,
    WORDS,
    accounts,
    codes,
    verified,
)
from tests.reference.gateway.asking import Asking, asking_in

ONLINE = st.builds(Proof, way=st.just("online"), photo_front=IMAGES, photo_face=IMAGES)
PROOFS = ONLINE | CLERKS | TRUSTED
ACCOUNTS = accounts(new=st.booleans())
REGISTRATIONS = st.builds(
    Register, person=PERSONS, proof=PROOFS, child=st.none() | CHILDREN, mode=st.sampled_from("12356789")
)
CLAIMS = st.builds(Claim, who=CARDS | DOCUMENTS, name=WORDS, proof=PROOFS)
PLAIN_VERBS = st.one_of(
    st.builds(Prefabricate, persons=st.tuples(PERSONS), source=st.just("hospital")),
    st.builds(Update, who=CARDS, **SOFT, telephone=DIGITS, marital_status=st.sampled_from(["", "10", "90"])),
    st.builds(Query, who=CARDS | DOCUMENTS),
    st.builds(ApplyCode, who=CARDS | DOCUMENTS, kind=st.just("dynamic"), refresh=st.just(True)),
)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with asking_in(tmp_path_factory.mktemp("guangdong"), "guangdong") as asking:
        yield asking


def through(province: Asking, verb: Verb, answer: object) -> Answer:
    """An answer to a verb, written by the server and read by the client."""
    exchange = province.profile.begin(province.received(province.write(verb)), province.counter)
    exchange.read()
    return province.client.read(verb, exchange.answer(answer).body)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(card=REGISTRATIONS | CLAIMS)
def test_a_card_is_asked_for_together_with_its_code(province: Asking, card: Register | Claim) -> None:
    understood: object = province.call(card).verb
    assert understood == CardWithCode(card=card, kind="static")


@settings(max_examples=60, deadline=None)
@given(verb=PLAIN_VERBS)
def test_what_is_asked_is_what_is_understood(province: Asking, verb: Verb) -> None:
    assert province.call(verb).verb == verb


@settings(max_examples=30, deadline=None)
@given(text=IDS, step=st.sampled_from(["010101", "0101012", "000000"]))
def test_a_verification_brings_terminal_and_nonce(province: Asking, text: str, step: str) -> None:
    call = province.call(Verify(text=f"{text}:1", step=step))
    assert isinstance(call.verb, Verify)
    assert (call.verb.text, call.verb.step) == (f"{text}:1", step)
    assert call.verb.request == call.admission.mark != ""
    assert call.caller.terminal == province.credentials.terminal


@settings(max_examples=40, deadline=None)
@given(account=ACCOUNTS, code=codes())
def test_what_is_answered_is_what_is_told(province: Asking, account: Account, code: Code) -> None:
    who = Who(ecard_id=account.ecard_id)
    proof = Proof(way="trusted")
    register = Register(person=citizen(), proof=proof, mode="3")
    for made in (CardAndCode(account=account, code=code), CardAndCode(account=account, code=None)):
        assert through(province, register, made) == account
        assert through(province, Claim(who=who, name="测试甲", proof=proof), made) == account
    assert through(province, Update(who=who), account) == account
    found = AccountWithCodes(account=account)
    assert through(province, Query(who=who), found) == found
    assert through(province, ApplyCode(who=who), code) == code


@settings(max_examples=40, deadline=None)
@given(answer=verified(ACCOUNTS))
def test_an_accepted_code_is_told_whole(province: Asking, answer: Verified) -> None:
    assert through(province, Verify(text=f"{answer.account.ecard_id}:1"), answer) == answer


@pytest.mark.parametrize("problems", [(), ("person.name-differs", "account.cancelled")])
def test_a_card_made_in_advance_is_told_with_its_problems(province: Asking, problems: tuple[str, ...]) -> None:
    batch = Batch(batch_id="1" * 32, rows=(BatchRow(row=0, state="repair", problems=problems),))
    assert through(province, Prefabricate(persons=(citizen(),), source="hospital"), batch) == batch


@pytest.mark.parametrize("id", list(refusals()))
def test_every_refusal_arrives_as_itself(province: Asking, id: str) -> None:
    verb = Verify(text="A" * 64 + ":1")
    exchange = province.profile.begin(province.received(province.write(verb)), province.counter)
    exchange.read()
    with pytest.raises(WireRefusal) as refused:
        province.client.read(verb, exchange.refuse(Refusal(id, "qrCode")).body)
    assert id in refused.value.ids
    assert refused.value.ids == {id} or refused.value.code == "9999"


@pytest.mark.parametrize(
    ("scopes", "outcome"),
    [
        ("Register ApplyCode", "ok"),
        ("Register", "request.not-allowed"),
        ("ApplyCode", "request.not-allowed"),
        ("", "request.not-allowed"),
    ],
)
def test_a_card_with_its_code_needs_the_scopes_of_both(tmp_path: Path, scopes: str, outcome: str) -> None:
    with asking_in(tmp_path, "guangdong") as province:
        around, app = province.platform.surroundings, province.credentials.app
        granted = frozenset(scopes.split())
        apps.grant(around, app, "demo", scopes=granted, daily_quota=0, valid_until_ms=None)
        verb = Register(person=citizen(), proof=Proof(way="trusted"), mode="3")
        assert province.send(province.write(verb)).outcome == outcome


UNSUPPORTED: dict[str, Verb] = {
    "cancellation": Cancel(who=Who(ecard_id="A" * 64)),
    "a static code by itself": ApplyCode(who=Who(ecard_id="A" * 64), kind="static"),
    "a change of name": Update(who=Who(ecard_id="A" * 64), name="测试乙", proof=Proof(way="trusted")),
    "a change by document": Update(who=Who(id_type="01", id_number=citizen().id_number)),
    "a query by index id": Query(who=Who(index_id="A" * 64)),
    "a batch of two": Prefabricate(persons=(citizen(1), citizen(2)), source="hospital"),
    "a registration as made in advance": Register(person=citizen(), proof=Proof(way="trusted"), mode="4"),
}


@pytest.mark.parametrize("case", UNSUPPORTED)
def test_what_the_interface_has_not_is_not_asked(province: Asking, case: str) -> None:
    with pytest.raises(UnsupportedVerb):
        province.write(UNSUPPORTED[case])


def test_an_answer_changed_on_the_way_is_not_read(province: Asking) -> None:
    verb = Query(who=Who(ecard_id="A" * 64))
    exchange = province.profile.begin(province.received(province.write(verb)), province.counter)
    exchange.read()
    account = Account(
        person=citizen(), index_id="A" * 64, ecard_id="B" * 64, state="normal", registered_ms=0, updated_ms=0
    )
    sent = exchange.answer(AccountWithCodes(account=account))
    for body in (sent.body.replace(b"BBBB", b"BBBC"), b"{}", b"", msgspec.json.encode({"returnCode": 0})):
        with pytest.raises(UnreadableAnswer):
            province.client.read(verb, body)
