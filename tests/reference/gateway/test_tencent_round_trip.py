"""Both sides of Tencent's form: what the client writes the server understands, what the server answers is told."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    Answer,
    ApplyCode,
    Batch,
    BatchRow,
    Cancel,
    Code,
    LinkMedium,
    Media,
    Person,
    Prefabricate,
    Proof,
    Query,
    Register,
    Reported,
    ReportedUse,
    ReportUses,
    Verb,
    Verify,
    Who,
)
from reference.gateway.profiles.card_with_code import CardAndCode
from reference.gateway.profiles.tencent_signing import signature, signed_parts
from reference.gateway.profiles.tencent_verbs import (
    DrawCode,
    DrawnCode,
    Enrol,
    Holding,
    IssueToken,
    Renewed,
    RenewIds,
    Token,
)
from reference.gateway.wire import UnreadableAnswer, UnsupportedVerb, WireRefusal
from reference.standard.ecard.refusals import refusals
from tests.platform import NOON_MS, citizen
from tests.reference.gateway.any_messages import (
    CHILDREN,
    DIGITS,
    IDS,
    IMAGES,
    NUMBERS,
    SECONDS,
    SOFT,
    STATES,
    TRUSTED,
    WORDS,
    accounts,
    codes,
    or_empty,
    verified,
)
from tests.reference.gateway.asking import Asking, asking_in
from tests.reference.gateway.tencent_requests import CARD, signed_in

CARRIED = {name: SOFT[name] for name in ("sex", "birthday", "nation", "phone", "address")}
PERSONS = st.builds(Person, id_type=st.just("01"), id_number=NUMBERS, name=WORDS, telephone=or_empty(DIGITS), **CARRIED)
ACCOUNTS = accounts(colour=st.just(0)).flatmap(
    lambda account: PERSONS.map(lambda person: msgspec.structs.replace(account, person=person))
)
REGISTRATIONS = st.builds(Register, person=PERSONS, proof=TRUSTED, child=st.none() | CHILDREN)
HOLDINGS = st.builds(Holding, ecard_id=IDS, id_type=st.just("01"), id_number=NUMBERS)
KINDS = st.sampled_from(["static", "dynamic"])
BATCHES = st.lists(st.tuples(PERSONS, WORDS), min_size=1, max_size=15).map(
    lambda rows: Prefabricate(
        persons=tuple(person for person, _ in rows), source="hospital", media=tuple(number for _, number in rows)
    )
)
PLAIN_VERBS = st.one_of(
    st.just(IssueToken()),
    BATCHES,
    st.builds(Enrol, register=REGISTRATIONS, patient=or_empty(WORDS)),
    st.builds(Query, who=st.builds(Who, ecard_id=IDS)),
    st.builds(DrawCode, ecard_id=IDS, kind=KINDS, id_type=st.just("01"), id_number=NUMBERS),
    st.builds(
        LinkMedium,
        who=IDS.map(lambda id: Who(code=f"{id}:1")),
        medium=st.just("hospital"),
        issuer=st.just("510100001"),
        number=WORDS,
    ),
    st.builds(RenewIds, holdings=st.lists(HOLDINGS, min_size=1, max_size=15).map(tuple)),
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with asking_in(tmp_path_factory.mktemp("tencent"), "tencent") as asking:
        yield signed_in(asking)


def through(platform: Asking, verb: object, answer: object) -> Any:
    """An answer to a verb, written by the server and read by the client."""
    asked = cast(Verb, verb)
    exchange = platform.profile.begin(platform.received(platform.write(asked)), platform.counter)
    exchange.read()
    return platform.client.read(asked, exchange.answer(cast(Answer, answer)).body)


@settings(max_examples=60, deadline=None)
@given(verb=PLAIN_VERBS)
def test_what_the_client_writes_the_server_understands(platform: Asking, verb: Any) -> None:
    assert platform.call(verb).verb == verb


@settings(max_examples=25, deadline=None)
@given(register=REGISTRATIONS)
def test_a_registration_is_one_with_its_code(platform: Asking, register: Register) -> None:
    assert cast(object, platform.call(register).verb) == Enrol(register=register)


@settings(max_examples=25, deadline=None)
@given(id=IDS, kind=KINDS)
def test_an_application_for_a_code_is_one_for_a_drawn_code(platform: Asking, id: str, kind: Any) -> None:
    verb = platform.call(ApplyCode(who=Who(ecard_id=id), kind=kind)).verb
    assert cast(object, verb) == DrawCode(ecard_id=id, kind=kind)


@pytest.mark.parametrize("kinds", [("dynamic",), ("static",), ("dynamic", "static")])
def test_a_verification_tells_terminal_and_its_own_number(platform: Asking, kinds: Any) -> None:
    call = platform.call(Verify(text=f"{CARD}:1", step="010101", kinds=kinds))
    assert isinstance(call.verb, Verify)
    assert (call.verb.text, call.verb.step, call.verb.kinds) == (f"{CARD}:1", "010101", kinds)
    assert call.verb.request == call.admission.mark != ""
    assert (call.caller.terminal, call.caller.institution) == (platform.credentials.terminal, "510100001")


@settings(max_examples=25, deadline=None)
@given(id=IDS, moment=SECONDS, medium=st.sampled_from(["electronic", "physical"]), serial=WORDS)
def test_a_reported_use_is_told_whole_and_known_again(
    platform: Asking, id: str, moment: int, medium: Any, serial: str
) -> None:
    use = ReportedUse(
        serial=serial,
        card=id,
        used_ms=moment,
        medium=medium,
        channel="0100",
        step="0101011",
        department="0300",
        cost_type="0200",
    )
    first, second = (platform.call(ReportUses(uses=(use,))).verb for _ in range(2))
    assert first == second
    assert isinstance(first, ReportUses)
    assert len(first.uses[0].serial) == 64
    assert msgspec.structs.replace(first.uses[0], serial=serial) == use


@settings(max_examples=25, deadline=None)
@given(account=ACCOUNTS, text=st.none() | IDS.map(lambda id: f"{id}:1"))
def test_an_account_is_told_with_its_static_code(platform: Asking, account: Any, text: str | None) -> None:
    known = (Code(text=text, kind="static", ecard_id=account.ecard_id, issued_ms=0),) if text else ()
    answer = AccountWithCodes(account=account, codes=known)
    assert through(platform, Query(who=Who(ecard_id=account.ecard_id)), answer) == answer


@settings(max_examples=25, deadline=None)
@given(answer=verified(ACCOUNTS))
def test_an_accepted_code_is_told_whole(platform: Asking, answer: Any) -> None:
    assert through(platform, Verify(text=f"{CARD}:1"), answer) == answer


@settings(max_examples=25, deadline=None)
@given(code=codes(), image=IMAGES, colour=st.integers(0, 3))
def test_a_drawn_code_is_told_whole(platform: Asking, code: Code, image: bytes, colour: int) -> None:
    drawn = DrawnCode(code=msgspec.structs.replace(code, colour=colour), image=image)
    assert through(platform, DrawCode(ecard_id=code.ecard_id, kind="dynamic"), drawn) == drawn
    applied = through(platform, ApplyCode(who=Who(ecard_id=code.ecard_id), kind="dynamic"), drawn)
    assert applied == drawn.code


@settings(max_examples=25, deadline=None)
@given(register=REGISTRATIONS, index_id=IDS, ecard_id=IDS, state=STATES, new=st.booleans())
def test_a_registration_is_answered_with_the_ids(
    platform: Asking, register: Register, index_id: str, ecard_id: str, state: str, new: bool
) -> None:
    enrol = Enrol(register=register)
    (account,) = through(
        platform,
        RenewIds(holdings=(Holding(ecard_id=ecard_id, id_type="01", id_number="x"),)),
        Renewed(accounts=(_account(register.person, index_id, ecard_id),)),
    ).accounts
    assert (account.index_id, account.ecard_id) == (index_id, ecard_id)
    made = CardAndCode(
        account=msgspec.structs.replace(_account(register.person, index_id, ecard_id), state=state, new=new), code=None
    )
    assert through(platform, enrol, made) == made
    assert through(platform, register, made) == made.account


def _account(person: Person, index_id: str, ecard_id: str) -> Account:
    return Account(person=person, index_id=index_id, ecard_id=ecard_id, state="normal", registered_ms=0, updated_ms=0)


def test_the_other_answers_are_told(platform: Asking) -> None:
    token = Token(token="0" * 32, seconds=7200)
    kept = platform.client.token  # type: ignore[attr-defined]
    assert through(platform, IssueToken(), token) == token
    assert platform.client.token == token.token  # type: ignore[attr-defined]
    platform.client.token = kept  # type: ignore[attr-defined]
    rows = (BatchRow(row=0, state="pre-made", ecard_id=CARD), BatchRow(row=1, state="repair", problems=("a.b", "c.d")))
    batch = Batch(batch_id="B1", rows=rows)
    assert through(platform, Prefabricate(persons=(citizen(),), source="hospital"), batch) == batch
    use = ReportedUse(serial="1", card=CARD, used_ms=NOON_MS, step="010101", channel="0100")
    told = Reported(kept=1, known=0)
    assert through(platform, ReportUses(uses=(use,)), told) == told
    link = LinkMedium(who=Who(ecard_id=CARD), medium="hospital", issuer="510100001", number="P1")
    assert through(platform, link, Media(media=())) == Media(media=())


@pytest.mark.parametrize("refusal", sorted(refusals()))
def test_the_client_tells_every_refusal_apart(platform: Asking, refusal: str) -> None:
    verb = Query(who=Who(ecard_id=CARD))
    exchange = platform.profile.begin(platform.received(platform.write(verb)), platform.counter)
    with pytest.raises(WireRefusal) as refused:
        platform.client.read(verb, exchange.refuse(Refusal(refusal, "name")).body)
    assert refused.value.ids == {refusal}


UNSUPPORTED: list[Verb] = [
    Cancel(who=Who(ecard_id=CARD)),
    Query(who=Who(index_id=CARD)),
    Register(person=citizen(), proof=Proof(way="on-site")),
    Register(person=citizen(), proof=Proof(way="trusted"), strict=True),
    Register(person=citizen(employer="x"), proof=Proof(way="trusted")),
    Prefabricate(persons=(citizen(),), source="insurance"),
    ApplyCode(who=Who(id_type="01", id_number="1")),
    LinkMedium(who=Who(ecard_id=CARD), medium="insurance", issuer="1", number="1"),
    LinkMedium(who=Who(id_type="01", id_number="1"), medium="hospital", issuer="1", number="1"),
    ReportUses(uses=()),
]


@pytest.mark.parametrize("verb", UNSUPPORTED, ids=range(len(UNSUPPORTED)))
def test_what_the_form_cannot_say_the_client_does_not_write(platform: Asking, verb: Verb) -> None:
    with pytest.raises(UnsupportedVerb):
        platform.write(verb)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"commonOut":{"requestId":"1","resultCode":0,"errMsg":""},"rsp":{}}'],
    ids=range(4),
)
def test_an_answer_in_another_form_is_unreadable(platform: Asking, body: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        platform.client.read(Query(who=Who(ecard_id=CARD)), body)


def test_an_image_that_is_no_base64_is_unreadable(platform: Asking) -> None:
    body = b'{"commonOut":{"requestId":"1","resultCode":0,"errMsg":""},"rsp":{"qrCodeText":"x","codeType":"1",'
    body += b'"healthCardId":"x","color":0,"invalidTime":"","validSeconds":"","qrCodeImg":"*"}}'
    with pytest.raises(UnreadableAnswer):
        platform.client.read(cast(Verb, DrawCode(ecard_id=CARD, kind="static")), body)


def test_the_signature_is_the_one_of_the_source() -> None:
    common = {"appToken": "T", "requestId": "R", "channelNum": 0, "sign": "ignored", "relateAppId": "", "x": None}
    asked = {"name": "测试甲", "items": [{"b": "2", "a": 1, "c": None}]}
    parts = signed_parts(common, asked)
    text = "&".join(f"{name}={value}" for name, value in parts.items())
    assert text == 'appToken=T&channelNum=0&items=[{"a":1,"b":"2"}]&name=测试甲&requestId=R'
    made = base64.b64decode(signature(parts, b"\x00\xff"), validate=True)
    assert made == hashlib.sha256(f"{text}00ff".encode()).digest()
