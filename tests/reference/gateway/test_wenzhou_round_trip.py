"""Wenzhou's both sides: what the client writes the server understands, what the server answers the client tells."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.access import apps, institutions
from reference.access.apps import AppOrder
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    AddInstitution,
    Answer,
    ApplyCode,
    ApplyTemporary,
    Cancel,
    Claim,
    Code,
    Institution,
    Proof,
    Query,
    Register,
    ServerTime,
    Temporary,
    Time,
    Update,
    Verb,
    Verified,
    Verify,
    VerifyTemporary,
    Who,
)
from reference.gateway.demo import OPERATOR
from reference.gateway.profiles.card_with_code import CardAndCode, CardWithCode
from reference.gateway.profiles.wenzhou_temporary import number_of, temporary_text
from reference.gateway.wire import UnreadableAnswer, UnsupportedVerb, WireRefusal
from reference.standard.ecard.refusals import refusals
from tests.platform import NOON_MS, citizen
from tests.reference.gateway.any_messages import (
    CARDS,
    CLERKS,
    DIGITS,
    DOCUMENTS,
    IDS,
    PERSONS,
    SECONDS,
    SOFT,
    TRUSTED,
    WORDS,
    accounts,
    codes,
    verified,
)
from tests.reference.gateway.asking import Asking, asking_in

INDEXES = st.builds(Who, index_id=IDS)
WHO = CARDS | DOCUMENTS | INDEXES
ACCOUNTS = accounts(new=st.booleans(), institution=st.just("510100001"))
CHANGES = st.builds(Update, who=WHO, **SOFT)
CORRECTIONS = st.builds(Update, who=WHO, **SOFT, name=WORDS, proof=CLERKS | TRUSTED)
TEMPORARIES = st.builds(
    Temporary,
    number=st.integers(0, 2**64 - 1).map(lambda number: f"T{number:016X}"),
    name=WORDS,
    sex=st.sampled_from("0129"),
    age=st.integers(0, 150),
    clinic_ms=SECONDS,
    expires_ms=SECONDS,
)
PLAIN_VERBS = st.one_of(
    st.just(ServerTime()),
    CHANGES,
    CORRECTIONS,
    st.builds(Cancel, who=WHO, code=st.just("") | IDS, reason=st.sampled_from(["holder", "death"])),
    st.builds(ApplyCode, who=WHO, kind=st.just("static"), again=st.just(True)),
    st.builds(ApplyCode, who=WHO, kind=st.just("dynamic"), refresh=st.just(True)),
    st.builds(Query, who=WHO),
    st.builds(ApplyTemporary, name=WORDS, sex=st.sampled_from("012"), age=st.integers(0, 150), clinic_ms=SECONDS),
)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with asking_in(tmp_path_factory.mktemp("wenzhou"), "wenzhou") as asking:
        yield asking


def through(city: Asking, verb: Verb, answer: object) -> Answer:
    """An answer to a verb, written by the server and read by the client."""
    exchange = city.profile.begin(city.received(city.write(verb)), city.counter)
    exchange.read()
    return city.client.read(verb, exchange.answer(answer).body)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(person=PERSONS, phone=DIGITS, proof=CLERKS | TRUSTED, mode=st.sampled_from("123456789"))
def test_a_card_is_asked_for_together_with_its_dynamic_code(
    city: Asking, person: object, phone: str, proof: Proof, mode: str
) -> None:
    whole = citizen(1, phone=phone) if not getattr(person, "phone", "") else person
    card = Register(person=whole, proof=proof, mode=mode)  # type: ignore[arg-type]
    understood = city.call(card).verb
    assert isinstance(understood, CardWithCode)
    assert understood.kind == "dynamic"
    assert isinstance(understood.card, Register)
    assert (understood.card.proof, understood.card.mode) == (proof, mode)
    assert understood.card.person.name == card.person.name
    assert understood.card.person.sex == (card.person.sex or "0")


@settings(max_examples=80, deadline=None)
@given(verb=PLAIN_VERBS)
def test_what_is_asked_is_what_is_understood(city: Asking, verb: Verb) -> None:
    assert city.call(verb).verb == verb


@settings(max_examples=30, deadline=None)
@given(text=IDS, step=st.sampled_from(["", "010101", "0101012"]))
def test_a_verification_brings_the_number_of_its_request(city: Asking, text: str, step: str) -> None:
    call = city.call(Verify(text=f"{text}:1", step=step))
    assert isinstance(call.verb, Verify)
    assert (call.verb.text, call.verb.step, len(call.verb.request)) == (f"{text}:1", step, 32)


@settings(max_examples=30, deadline=None)
@given(account=ACCOUNTS, code=codes())
def test_what_is_answered_is_what_is_told(city: Asking, account: Account, code: Code) -> None:
    who = Who(ecard_id=account.ecard_id)
    register = Register(person=citizen(phone="13900000000"), proof=Proof(way="trusted"))
    code = msgspec.structs.replace(code, ecard_id=account.ecard_id)
    for made in (CardAndCode(account=account, code=code), CardAndCode(account=account, code=None)):
        assert through(city, register, made) == account
    plain = msgspec.structs.replace(account, new=False)
    assert through(city, Update(who=who), plain) == plain
    assert through(city, Cancel(who=who), plain) == plain
    found = AccountWithCodes(account=plain)
    assert through(city, Query(who=who), found) == found
    assert through(city, ApplyCode(who=who), code) == code


@settings(max_examples=30, deadline=None)
@given(answer=verified(accounts(institution=st.just("510100001"))))
def test_an_accepted_code_is_told_whole(city: Asking, answer: Verified) -> None:
    assert through(city, Verify(text=f"{answer.account.ecard_id}:1"), answer) == answer


@settings(max_examples=30, deadline=None)
@given(now_ms=SECONDS)
def test_the_time_is_told(city: Asking, now_ms: int) -> None:
    assert through(city, ServerTime(), Time(now_ms=now_ms)) == Time(now_ms=now_ms)


@settings(max_examples=30, deadline=None)
@given(card=TEMPORARIES)
def test_the_code_of_a_temporary_card_names_it(city: Asking, card: Temporary) -> None:
    text = temporary_text(card)
    assert len(text) <= 130
    assert number_of(text) == card.number
    assert city.call(VerifyTemporary(number=text)).verb == VerifyTemporary(number=card.number)
    told = through(city, VerifyTemporary(number=text), card)
    assert isinstance(told, Temporary)
    assert (told.number, told.age, told.expires_ms) == (text, card.age, card.expires_ms)


@pytest.mark.parametrize("text", ["", "T0000000000000000", "A" * 64, "A" * 64 + ":1", "A" * 64 + ":0:" + "B" * 32])
def test_no_other_code_is_taken_for_a_temporary_one(text: str) -> None:
    assert number_of(text) is None


@pytest.mark.parametrize("id", list(refusals()))
def test_every_refusal_arrives_as_itself(city: Asking, id: str) -> None:
    verb = Verify(text="A" * 64 + ":1")
    exchange = city.profile.begin(city.received(city.write(verb)), city.counter)
    exchange.read()
    with pytest.raises(WireRefusal) as refused:
        city.client.read(verb, exchange.refuse(Refusal(id, "qrcode_info")).body)
    assert id in refused.value.ids
    assert refused.value.ids == {id} or refused.value.code == "-99999"


UNSUPPORTED: dict[str, Verb] = {
    "a claim": Claim(who=Who(ecard_id="A" * 64), name="测试甲", proof=Proof(way="trusted")),
    "a proof with photos": Register(person=citizen(), proof=Proof(way="online")),
    "a strict registration": Register(person=citizen(), proof=Proof(way="trusted"), strict=True),
    "a code with payment": ApplyCode(who=Who(ecard_id="A" * 64), payment="token"),
    "a query by code": Query(who=Who(code="A" * 64 + ":1")),
    "a change of document": Update(who=Who(ecard_id="A" * 64), id_type="03", id_number="E00000000"),
    "a change of name without proof": Update(who=Who(ecard_id="A" * 64), name="测试乙"),
}


@pytest.mark.parametrize("case", UNSUPPORTED)
def test_what_the_interface_has_not_is_not_asked(city: Asking, case: str) -> None:
    with pytest.raises(UnsupportedVerb):
        city.write(UNSUPPORTED[case])


@pytest.mark.parametrize("body", [b"", b"<a/>", b"{}"])
def test_what_is_no_answer_is_not_read(city: Asking, body: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        city.client.read(ServerTime(), body)


def test_a_temporary_card_holds_in_its_own_institution_alone(city: Asking) -> None:
    around = city.platform.surroundings
    elsewhere = Institution(code="510100002", name="演示市第二人民医院")
    institutions.add(around, OPERATOR, AddInstitution(institution=elsewhere))
    order = AppOrder("second", "second", "wenzhou", institution=elsewhere.code, scopes=frozenset({"*"}))
    secret = bytes.fromhex(apps.apply(around, order, OPERATOR.name))
    apps.change(around, "second", "approve", OPERATOR.name)
    card = city.ask(ApplyTemporary(name="无名氏", sex="1", age=40, clinic_ms=NOON_MS))
    assert isinstance(card, Temporary)
    other = city.as_client(app="second", secret=secret, institution=elsewhere.code)
    verb = VerifyTemporary(number=card.number)
    with pytest.raises(WireRefusal) as refused:
        other.read(verb, city.send(other.write(verb, city.clock.now_ms(), bytes(16))).body)
    assert refused.value.ids == {"temporary.elsewhere"}
