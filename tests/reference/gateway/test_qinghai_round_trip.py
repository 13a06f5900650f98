"""Qinghai's two sides against each other: what the client writes the server reads as the same verb."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.ecard.moments import china_text
from reference.ecard.verbs import (
    ApplyCode,
    ApplyTemporary,
    BindMember,
    BindTemporary,
    Cancel,
    Child,
    CountCards,
    FindNewborn,
    ListMembers,
    PrintCode,
    Proof,
    Query,
    Register,
    ReportedUse,
    ReportUses,
    ServerTime,
    UnbindMember,
    Update,
    Verb,
    Verify,
    VerifyTemporary,
    Who,
)
from reference.gateway.profiles.qinghai_client import QinghaiClient
from reference.gateway.profiles.qinghai_services import serial_of
from reference.gateway.wire import UnsupportedVerb
from tests.platform import NOON_MS
from tests.reference.gateway.qinghai_counter import CARD, QinghaiCounter, open_counter
from tests.reference.gateway.qinghai_residents import (
    CLERKED,
    CLIENTS,
    NONCE,
    PHOTOGRAPHED,
    RESIDENT,
    SOMEBODY,
    TOKEN,
    births,
    children,
    citizens,
    documents,
    exchanged,
    hex64,
    numbers,
    on_site,
    online,
    persons,
    poorer,
    residents,
    seconds,
    words,
)


@st.composite
def physical_uses(draw: st.DrawFn) -> ReportUses:
    card, terminal = draw(st.text("0123456789", min_size=1, max_size=19)), draw(st.text("0123456789", min_size=1))[:20]
    moment = draw(seconds)
    holder = draw(persons(numbers.map(lambda number: ("01", number)), **poorer))
    use = ReportedUse(
        serial=serial_of(card, terminal, china_text(moment, "yyyy-MM-dd HH:mm:ss")),
        card=card,
        used_ms=moment,
        medium="physical",
        terminal=terminal,
        channel=draw(st.sampled_from(("01", "02", "99"))),
        step=draw(st.sampled_from(("", "010101", "0101011"))),
        city="630100",
        reset_number=draw(st.text("0123456789", min_size=1, max_size=16)),
        holder=holder,
    )
    return ReportUses(uses=(use,))


VERBS: dict[str, st.SearchStrategy[Any]] = {
    "online": st.builds(Register, person=persons(documents), proof=online, strict=st.just(True)),
    "on site": st.builds(Register, person=persons(documents), proof=on_site, strict=st.just(True)),
    "newborn": st.builds(
        Register,
        person=persons(births, **poorer),
        proof=st.just(Proof(way="trusted")),
        child=children,
        strict=st.just(True),
    ),
    "apply": st.builds(
        ApplyCode,
        who=residents,
        kind=st.sampled_from(("static", "dynamic")),
        payment=st.just("") | st.text("0123456789abcdef", min_size=1, max_size=128),
        refresh=st.booleans(),
        again=st.booleans(),
    ),
    "verify": st.builds(
        Verify,
        text=hex64.map(lambda card: f"{card}:1") | hex64.map(lambda card: f"{card}:0:{TOKEN}"),
        step=st.sampled_from(("", "010101", "0101054")),
        request=st.just(NONCE.hex()),
    ),
    "cancel": st.builds(Cancel, who=residents, code=hex64.map(lambda card: f"{card}:1")),
    "query": st.builds(Query, who=residents),
    "bind": st.builds(
        BindMember,
        who=citizens,
        member=persons(documents, **poorer),
        relation=st.sampled_from("12345678"),
        proof=online,
    ),
    "bind a newborn": st.builds(
        BindMember,
        who=citizens,
        member=persons(births, **poorer),
        relation=st.sampled_from("23"),
        proof=online,
        child=st.just(Child()),
    ),
    "unbind": st.builds(UnbindMember, who=citizens, member=residents),
    "report": physical_uses(),
    "members": st.builds(ListMembers, who=residents),
    "update": st.builds(
        Update,
        who=hex64.map(lambda card: Who(ecard_id=card)),
        sex=st.sampled_from(("", "1")),
        birthday=st.sampled_from(("", "19900101")),
        telephone=st.text("0123456789", max_size=11),
        address=st.just("") | words,
        change_number=words,
        change_ms=seconds.map(lambda moment: moment + 1000),
    ),
    "temporary": st.builds(
        ApplyTemporary, name=words, sex=st.sampled_from("0129"), age=st.integers(0, 150), clinic_ms=seconds
    ),
    "verify temporary": st.builds(VerifyTemporary, number=st.just("T0123456789ABCDEF")),
    "bind temporary": st.builds(
        BindTemporary,
        number=st.just("T0123456789ABCDEF"),
        who=residents | hex64.map(lambda card: Who(code=f"{card}:1")),
    ),
    "bind temporary by code and document": st.builds(
        BindTemporary,
        number=st.just("T0123456789ABCDEF"),
        who=hex64.map(lambda card: Who(code=f"{card}:1")),
        also=residents,
    ),
    "find newborns": st.builds(
        FindNewborn,
        guardian=residents | hex64.map(lambda card: Who(ecard_id=card)),
        birthday=st.sampled_from(("", "20260101")),
    ),
    "count": st.builds(CountCards, institution=words, first_date=st.just("20260101"), last_date=st.just("20260131")),
}


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QinghaiCounter]:
    with open_counter(tmp_path_factory.mktemp("qinghai")) as opened:
        yield opened


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
@pytest.mark.parametrize("verbs", VERBS.values(), ids=VERBS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_the_server_reads_the_verb_that_the_client_wrote(
    counter: QinghaiCounter, client: QinghaiClient, verbs: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    verb = data.draw(verbs)
    _, call = exchanged(counter, client, verb)
    assert call.verb == verb
    assert call.admission.mark == NONCE.hex()


def test_residents_data_do_not_stand_in_an_enciphered_message() -> None:
    client, plain = CLIENTS["an application"], CLIENTS["an application in plain text"]
    verb = Register(person=SOMEBODY, proof=CLERKED)
    for text in (SOMEBODY.name, SOMEBODY.id_number, SOMEBODY.telephone, SOMEBODY.address, CLERKED.clerk_name):
        assert text.encode() not in client.write(verb, NOON_MS, NONCE).body
        assert text.encode() in plain.write(verb, NOON_MS, NONCE).body


@pytest.mark.parametrize(
    "verb",
    [
        ServerTime(),
        PrintCode(who=RESIDENT, medium="label"),
        Register(person=SOMEBODY, proof=Proof(way="trusted")),
        ApplyCode(who=Who(ecard_id=CARD)),
        ListMembers(who=Who(ecard_id=CARD)),
        Cancel(who=RESIDENT),
        UnbindMember(who=RESIDENT, member=Who(ecard_id=CARD)),
        Update(who=Who(ecard_id=CARD), name="测试丙"),
        Update(who=RESIDENT, sex="1"),
        BindMember(who=RESIDENT, member=SOMEBODY, relation="1", proof=CLERKED),
        BindMember(who=RESIDENT, member=SOMEBODY, relation="1", proof=PHOTOGRAPHED, child=Child()),
        BindTemporary(number="T1", who=Who(ecard_id=CARD)),
        FindNewborn(guardian=Who(index_id=CARD)),
        ReportUses(uses=()),
        ReportUses(uses=(ReportedUse(serial="1", card=CARD, used_ms=0),)),
    ],
    ids=repr,
)
def test_what_the_interface_has_no_place_for_is_unsupported(verb: Verb) -> None:
    with pytest.raises(UnsupportedVerb):
        CLIENTS["an application"].write(verb, NOON_MS, NONCE)
