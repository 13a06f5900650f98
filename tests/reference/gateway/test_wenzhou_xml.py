"""Wenzhou's XML: what is no call is malformed, entities and document types are never read, bounds hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.ecard.refusals import Refusal
from reference.gateway.profiles.wenzhou_xml import (
    document,
    read_call,
    read_fields,
    read_return,
    write_call,
    write_return,
)
from tests.reference.gateway.asking import Asking, asking_in
from tests.reference.gateway.wenzhou_requests import RIGHT, request, sealed

BOMB = (
    '<!DOCTYPE body [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'
    "<body><name>&c;</name></body>"
)
OUTSIDE = '<!DOCTYPE body [<!ENTITY file SYSTEM "file:///etc/hostname">]><body><name>&file;</name></body>'
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=60)
NAMES = st.text("abcdef_", min_size=1, max_size=8)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with asking_in(tmp_path_factory.mktemp("wenzhou"), "wenzhou") as asking:
        yield asking


BODIES = {
    "nothing": "",
    "no XML": "hello",
    "half an element": "<body><name>",
    "another root": "<header/>",
    "a nested field": "<body><name><first>甲</first></name></body>",
    "a field twice": "<body><name>甲</name><name>乙</name></body>",
    "an entity that grows": BOMB,
    "an entity from a file": OUTSIDE,
    "an entity that is not declared": "<body><name>&file;</name></body>",
    "a document type": '<!DOCTYPE body SYSTEM "body.dtd"><body/>',
    "many levels": "<body>" + "<a>" * 500 + "</a>" * 500 + "</body>",
    "a null": "<body><name>&#0;</name></body>",
}


@pytest.mark.parametrize("case", BODIES)
def test_a_body_that_is_none_is_malformed(city: Asking, case: str) -> None:
    assert city.refused(sealed(city, "12002", BODIES[case])) == "request.malformed"


def test_a_text_that_is_too_long_is_too_large(city: Asking) -> None:
    assert city.refused(sealed(city, "12002", f"<body><name>{'a' * 70_000}</name></body>")) == "request.too-large"


RIGHT_CALL = write_call("<header/>", "<body/>").decode()
CALLS = {
    "nothing": b"",
    "no XML": b"hello",
    "JSON": b"{}",
    "another envelope": b"<Envelope><Body><doService/></Body></Envelope>",
    "no operation": RIGHT_CALL.replace("doService", "dropTables").encode(),
    "one parameter": RIGHT_CALL.replace("<BodyInParm>&lt;body/&gt;</BodyInParm>", "").encode(),
    "a parameter twice": RIGHT_CALL.replace("<BodyInParm>", "<BodyInParm/><BodyInParm>").encode(),
    "elements in a parameter": RIGHT_CALL.replace("&lt;body/&gt;", "<body/>").encode(),
    "a document type": RIGHT_CALL.replace("?>", "?><!DOCTYPE soap>", 1).encode(),
    "bytes that are no text": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("case", CALLS)
def test_a_call_that_is_none_is_malformed(city: Asking, case: str) -> None:
    assert city.refused(CALLS[case]) == "request.malformed"


def test_the_call_is_read_whatever_the_namespace_of_its_operation(city: Asking) -> None:
    call = request(city, "12002", RIGHT["12002"]).replace(b"urn:wenzhou:health-card-service", b"http://tempuri.org/")
    assert city.refused(call) == "account.unregistered"


@pytest.mark.parametrize("encoding", ["gb2312", "utf-16", "UTF-8"])
def test_a_text_has_the_encoding_of_its_message_whatever_it_declares(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><body><name>测试甲</name></body>'
    assert read_fields(text, "body") == {"name": "测试甲"}


@settings(deadline=None)
@given(header=TEXTS, body=TEXTS)
def test_what_is_written_as_a_call_is_read_as_one(header: str, body: str) -> None:
    assert read_call(write_call(header, body)) == (header, body)


@settings(deadline=None)
@given(fields=st.dictionaries(NAMES, TEXTS, max_size=8))
def test_the_fields_of_a_document_come_back(fields: dict[str, str]) -> None:
    assert read_fields(document("body", dict(fields)), "body") == fields


@settings(deadline=None)
@given(result=st.dictionaries(NAMES, TEXTS, max_size=3), message=st.dictionaries(NAMES, TEXTS, min_size=1, max_size=8))
def test_an_answer_comes_back(result: dict[str, str], message: dict[str, str]) -> None:
    assert read_return(write_return(document("body", {"result": result, "msg": message}))) == (result, message)


@settings(deadline=None)
@given(message=st.binary(max_size=200))
def test_bytes_of_any_kind_are_refused_and_never_fail_otherwise(message: bytes) -> None:
    with pytest.raises(Refusal):
        read_call(message)
