"""Residents, clients and whole requests for the tests of Qinghai's two sides."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from reference.ecard.verbs import (
    Account,
    Child,
    Person,
    Proof,
    Verb,
    Who,
)
from reference.gateway.demo import demo_credentials
from reference.gateway.profiles.qinghai_client import QinghaiClient
from reference.gateway.wire import Call, Credentials
from tests.platform import NOON_MS, citizen_number
from tests.reference.gateway.qinghai_counter import MEMBER, NUMBER, PNG, QinghaiCounter

BY_APP = demo_credentials("qinghai")
BY_INSTITUTION = Credentials(
    institution=BY_APP.institution, user_name=BY_APP.user_name, password=BY_APP.password, terminal=BY_APP.terminal
)
CLIENTS = {
    "an application": QinghaiClient(BY_APP),
    "an application in plain text": QinghaiClient(BY_APP, enciphered=False),
    "an institution": QinghaiClient(BY_INSTITUTION),
}
NONCE = bytes(range(16))
SECOND = 1000
TOKEN = "92FD69141DFE1553A42251E2B0196148"

words = st.text(st.characters(categories=["Lo", "Lu", "Nd"], exclude_characters="&<>\"'"), min_size=1, max_size=20)
numbers = st.integers(1, 499).map(citizen_number)
seconds = st.integers(0, 4_000_000_000).map(lambda second: second * SECOND)
hex64 = st.text("0123456789ABCDEF", min_size=64, max_size=64)
documents = numbers.map(lambda number: ("01", number)) | st.just(("03", "E00000000"))
residents = documents.map(lambda document: Who(id_type=document[0], id_number=document[1]))
citizens = numbers.map(lambda number: Who(id_type="01", id_number=number))
images = st.binary(min_size=1, max_size=40).map(lambda rest: PNG + rest)
online = st.builds(Proof, way=st.just("online"), photo_front=images, photo_back=images, photo_face=images)
on_site = st.builds(Proof, way=st.just("on-site"), clerk_id_number=numbers, clerk_name=words)


def persons(documents: st.SearchStrategy[tuple[str, str]], **less: Any) -> st.SearchStrategy[Person]:
    fields: dict[str, Any] = {
        "name": words,
        "sex": st.sampled_from("0129"),
        "birthday": st.dates().map(lambda date: f"{date:%Y%m%d}".zfill(8)),
        "nation": st.sampled_from(("01", "30", "99")),
        "telephone": st.text("0123456789", min_size=5, max_size=11),
        "phone": st.text("0123456789", max_size=20),
        "address": words,
        "employer": st.just("") | words,
    } | less
    return documents.flatmap(
        lambda document: st.builds(Person, id_type=st.just(document[0]), id_number=st.just(document[1]), **fields)
    )


poorer = {"phone": st.just(""), "employer": st.just("")}
"""Where the wire has no place for them."""
births = st.sampled_from((("99", "A000000001"), ("08", "B000000002")))
children = st.builds(
    Child, guardian_id_type=st.sampled_from(("01", "03")), guardian_id_number=numbers, mother_name=st.just("") | words
) | st.builds(
    Child,
    guardian_id_type=st.just("01"),
    guardian_id_number=numbers,
    multiple_birth=st.just(True),
    birth_order=st.integers(1, 9),
)


accounts = st.builds(
    Account,
    person=persons(documents | births),
    index_id=hex64,
    ecard_id=hex64,
    state=st.sampled_from(("normal", "certified", "awaiting-audit", "audit-failed", "cancelled")),
    registered_ms=st.just(0),
    updated_ms=st.just(0),
)
holding = accounts.map(lambda account: msgspec.structs.replace(account, state="normal"))


PHOTOGRAPHED = Proof(way="online", photo_front=PNG, photo_back=PNG, photo_face=PNG)
CLERKED = Proof(way="on-site", clerk_id_number=MEMBER, clerk_name="经办人甲")
RESIDENT = Who(id_type="01", id_number=NUMBER)
SOMEBODY = Person(
    id_type="01",
    id_number=MEMBER,
    name="测试乙",
    sex="1",
    birthday="19900101",
    nation="01",
    telephone="13900000000",
    address="西宁",
)
BORN = msgspec.structs.replace(SOMEBODY, id_type="99", id_number="A000000001")
GUARDED = Child(guardian_id_type="01", guardian_id_number=NUMBER)


def exchanged(counter: QinghaiCounter, client: QinghaiClient, verb: Verb) -> Any:
    exchange = counter.exchange(client.write(verb, NOON_MS, NONCE).body)
    call = exchange.read()
    assert isinstance(call, Call)
    return exchange, call
