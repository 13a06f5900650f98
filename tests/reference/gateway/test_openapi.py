"""The OpenAPI documents: well formed, complete over the tables, true of what clients send and servers answer."""

from __future__ import annotations

import asyncio
import base64
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from jsonschema import Draft202012Validator
from starlette.applications import Starlette

from reference.crypto.block_texts import decipher
from reference.ecard.verbs import ApplyCode, Proof, Query, Register, Verb, Verify, Who
from reference.gateway.fields import TABLE, services_of
from reference.gateway.openapi import DESCRIBED, HELPER, SCHEMAS, document, routes
from reference.gateway.profiles import ALL
from reference.gateway.profiles.guangdong_services import REQUESTS as GUANGDONG
from reference.gateway.profiles.sichuan_services import REQUESTS as SICHUAN
from reference.gateway.profiles.tencent_services import NOT_OFFERED
from reference.gateway.profiles.tencent_services import REQUESTS as TENCENT
from reference.gateway.profiles.tencent_verbs import IssueToken
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import Request
from reference.standard.ecard import load_ecard
from reference.standard.ecard.refusals import refusals
from tests.platform import citizen
from tests.reference.gateway.asking import Asking, asking_in

STRUCTURE = json.loads(Path(__file__).with_name("openapi_structure.json").read_text("utf-8"))
SERVICES: dict[str, list[str]] = {"sichuan": list(SICHUAN), "guangdong": list(GUANGDONG), "tencent": list(TENCENT)}
CARD = "99CEAF7217DCFBA97402465CA54C7877980A3C1785B14EFAE41A1A2258206025"

with TABLE.open(encoding="utf-8", newline="") as _table:
    ROWS = [row for row in csv.DictReader(_table) if row["profile"] in DESCRIBED]


@pytest.fixture(params=sorted(DESCRIBED))
def platform(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Asking]:
    with asking_in(tmp_path, request.param) as asking:
        yield asking


def validator(profile: str, schema: Any) -> Draft202012Validator:
    """A validator of a schema of a document, its references answered by the document."""
    return Draft202012Validator({**schema, "components": document(profile)["components"]})


def posted(profile: str, path: str) -> tuple[Any, Any]:
    """The schemas of request and answer at a path."""
    operation = document(profile)["paths"][path]["post"]
    asked = operation["requestBody"]["content"]["application/json"]["schema"]
    return asked, operation["responses"]["200"]["content"]["application/json"]["schema"]


def property_of(profile: str, service: str, field: str) -> Any:
    """The property for a row of the table; of a part the one inside it."""
    schemas = document(profile)["components"]["schemas"]
    if service == "*":
        return schemas["CommonIn" if profile == "tencent" else "Envelope"]["properties"][field]
    if service == "body":
        return schemas["getPersonInfo"]["properties"][field]
    if HELPER + service in schemas:
        return schemas[HELPER + service]["properties"][field]
    if service in schemas:
        return schemas[service]["properties"][field]
    name, _, part = service.rpartition(".")
    inner = schemas[name]["properties"][part]
    return inner.get("items", inner)["properties"][field]


@pytest.mark.parametrize("profile", DESCRIBED)
def test_a_document_is_well_formed(profile: str) -> None:
    made = document(profile)
    Draft202012Validator(STRUCTURE).validate(made)
    for schema in made["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    operations = [path["post"]["operationId"] for path in made["paths"].values()]
    assert len(set(operations)) == len(operations)


@pytest.mark.parametrize("profile", DESCRIBED)
def test_every_reference_leads_to_a_schema(profile: str) -> None:
    made = document(profile)
    written = json.dumps(made)
    for part in written.split('"$ref": "')[1:]:
        assert part.split('"')[0].removeprefix(SCHEMAS) in made["components"]["schemas"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['profile']}-{row['service']}-{row['field']}")
def test_every_row_of_the_table_stands_in_the_document(row: dict[str, str]) -> None:
    told = property_of(row["profile"], row["service"], row["field"])
    told = told.get("contentSchema", told) if told.get("contentMediaType") == "text/plain" else told
    kind, _, limit = row["kind"].partition(":")
    if kind == "list":
        assert told["maxItems"] == load_ecard().limit(limit)
    elif kind == "object":
        assert told["type"] == "object"
    elif (row["field"], row["service"]) != ("method", "*"):
        assert told["maxLength"] == int(row["length"])
        assert told.get("minLength", 0) == int(row["must"] == "M")


@pytest.mark.parametrize("profile", DESCRIBED)
def test_every_service_stands_in_the_document(profile: str) -> None:
    made = document(profile)
    assert set(SERVICES[profile]) <= set(made["components"]["schemas"])
    assert set(services_of(profile)) - {"body", "encrypt", "deciphering", "sign"} <= set(SERVICES[profile])
    if profile == "tencent":
        told = {path.rpartition("/")[2]: path_item["post"] for path, path_item in made["paths"].items()}
        assert set(told) == set(TENCENT) | NOT_OFFERED
        assert {name for name, post in told.items() if post.get("deprecated")} == NOT_OFFERED
    else:
        assert made["components"]["schemas"]["Envelope"]["properties"]["method"]["enum"] == SERVICES[profile]


@pytest.mark.parametrize("profile", DESCRIBED)
def test_every_return_code_stands_in_the_document(profile: str) -> None:
    told = {
        (str(one["const"]), one["title"]) for one in document(profile)["components"]["schemas"]["ReturnCode"]["anyOf"]
    }
    codes = return_codes(profile)
    for service in SERVICES[profile]:
        for outcome in ("ok", *refusals()):
            assert (codes.of(service, outcome).code, codes.words(service, outcome)) in told


VERBS: list[Verb] = [
    Register(person=citizen(phone="13900000000"), proof=Proof(way="trusted")),
    Query(who=Who(ecard_id=CARD)),
    ApplyCode(who=Who(ecard_id=CARD), kind="dynamic"),
    Verify(text=f"{CARD}:1", step="010101"),
]


def test_what_clients_send_and_servers_answer_is_valid(platform: Asking) -> None:
    profile = platform.profile.id
    verbs = [cast(Verb, IssueToken()), *VERBS] if profile == "tencent" else VERBS
    for verb in verbs:
        sent = platform.write(verb)
        asked, told = posted(profile, sent.path)
        message = json.loads(sent.body)
        validator(profile, asked).validate(message)
        answer = platform.send(sent)
        validator(profile, told).validate(json.loads(answer.body))
        if isinstance(verb, IssueToken):
            platform.client.read(verb, answer.body)


def test_the_sealed_body_of_sichuan_is_valid_for_its_method(tmp_path: Path) -> None:
    with asking_in(tmp_path, "sichuan") as asking:
        for verb in VERBS:
            message = json.loads(asking.write(verb).body)
            plain = json.loads(decipher(asking.credentials.secret, base64.b64decode(message["biz_content"])))
            filled = {name: value for name, value in plain.items() if value}
            validator("sichuan", {"$ref": SCHEMAS + message["method"]}).validate(filled)


@pytest.mark.parametrize(
    ("changes", "is_valid"),
    [({}, True), ({"qrCodeText": "x" * 257}, False), ({"qrCodeText": "<"}, False), ({"qrCodeType": "7"}, False)],
)
def test_a_document_refuses_what_the_server_refuses(changes: dict[str, str], is_valid: bool) -> None:
    asked = {"qrCodeText": f"{CARD}:1"} | changes
    assert validator("tencent", {"$ref": SCHEMAS + "verifyQRCode"}).is_valid(asked) is is_valid


def test_the_documents_are_served_for_the_json_profiles_alone() -> None:
    async def asked() -> dict[str, httpx.Response]:
        transport = httpx.ASGITransport(Starlette(routes=routes(ALL)))
        async with httpx.AsyncClient(transport=transport, base_url="http://platform") as http:
            return {profile.id: await http.get(f"/openapi/{profile.id}.json") for profile in ALL}

    answers = asyncio.run(asked())
    assert {profile for profile, answer in answers.items() if answer.status_code == 200} == set(DESCRIBED)
    for profile in DESCRIBED:
        assert answers[profile].headers["content-type"] == "application/json"
        assert answers[profile].json() == document(profile)


def test_a_request_without_body_is_not_valid() -> None:
    asked, _ = posted("tencent", Request("POST", next(iter(document("tencent")["paths"])), {}, b"").path)
    assert not validator("tencent", asked).is_valid({})
