"""OpenAPI 3.1 documents of the JSON profiles, made of the tables that the server itself checks requests with.

Sichuan and Guangdong carry all services on one path and name them inside the message: their documents tell the shape of
each service's body beside the envelope. Served at ``/openapi/<profile>.json``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reference.gateway.openapi_schemas import Schema, code_schema, object_schema
from reference.gateway.profiles import (
    guangdong,
    guangdong_sealing_service,
    guangdong_services,
    sichuan,
    tencent,
    tencent_services,
)
from reference.gateway.profiles.sichuan_services import REQUESTS as SICHUAN
from reference.gateway.profiles.sichuan_services import SETTINGS as SICHUAN_SETTINGS
from reference.gateway.wire import WireProfile
from reference.standard.ecard import load_ecard

OPENAPI: Final = "3.1.0"
SCHEMAS: Final = "#/components/schemas/"
HELPER: Final = "helper."
"""Before the names of Guangdong's helpers among the schemas: they are no services of the platform."""

Parts = tuple[dict[str, Any], dict[str, Schema]]
"""Paths and schemas."""


def document(profile: str) -> dict[str, Any]:
    """The document of a profile. Raises KeyError for one without JSON."""
    paths, schemas = DESCRIBED[profile]()
    title = load_ecard().qr_profiles[profile].title
    return {
        "openapi": OPENAPI,
        "info": {"title": f"{title.zh} / {title.en}", "version": load_ecard().digest[:16]},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def routes(profiles: Iterable[WireProfile]) -> list[Route]:
    """The documents of those among the profiles that speak JSON."""
    return [
        Route(
            f"/openapi/{profile.id}.json", functools.partial(_serve, profile=profile.id), name=f"openapi {profile.id}"
        )
        for profile in profiles
        if profile.id in DESCRIBED
    ]


async def _serve(request: Request, profile: str) -> Response:
    return Response(_written(profile), media_type="application/json")


@functools.cache
def _written(profile: str) -> bytes:
    return msgspec.json.encode(document(profile))


def _sichuan() -> Parts:
    fields: Mapping[str, str] = SICHUAN_SETTINGS["same_fields"]
    schemas = {method: object_schema("sichuan", fields.get(method, method)) for method in SICHUAN}
    envelope = object_schema("sichuan", "*")
    envelope["additionalProperties"] = False
    envelope["properties"]["method"] = {"type": "string", "enum": list(SICHUAN)}
    envelope["properties"]["biz_content"] |= _sealed(schemas, "SM4/ECB/PKCS#7, Base64")
    schemas |= {"Envelope": envelope} | _answer_schemas(sichuan.Sealed)
    schemas["ReturnCode"] = code_schema("sichuan", SICHUAN, number=False)
    schemas["Sealed"]["properties"]["code"] = _ref("ReturnCode")
    return {sichuan.PATH: _post("sichuan", _ref("Envelope"), "Sealed")}, schemas


def _guangdong() -> Parts:
    methods, profile = guangdong_services.REQUESTS, guangdong_services.PROFILE
    schemas = {method: object_schema(profile, method, "body") for method in methods}
    for schema in schemas.values():
        for name in guangdong.ENCIPHERED & schema["properties"].keys():
            schema["properties"][name] = _enciphered(schema["properties"][name])
    envelope = object_schema(profile, "*")
    envelope["additionalProperties"] = False
    envelope["properties"]["method"] = {"type": "string", "enum": list(methods)}
    envelope["properties"]["body"] = {"anyOf": [_ref(method) for method in methods]}
    envelope["required"].append("body")
    helpers = guangdong_sealing_service.SERVICES
    schemas |= {HELPER + helper: object_schema(profile, helper) for helper in helpers}
    schemas |= {"Envelope": envelope} | _answer_schemas(guangdong.Sealed, guangdong_sealing_service.Result)
    schemas["ReturnCode"] = code_schema(profile, methods, number=True)
    schemas["Sealed"]["properties"]["returnCode"] = schemas["Result"]["properties"]["code"] = _ref("ReturnCode")
    paths = {guangdong.PATH: _post(profile, _ref("Envelope"), "Sealed")}
    for helper, path in zip(helpers, guangdong_sealing_service.PATHS, strict=True):
        paths[path] = _post(helper, _ref(HELPER + helper), "Result")
    return paths, schemas


def _tencent() -> Parts:
    profile = tencent_services.PROFILE
    services = tencent_services.REQUESTS
    schemas = {service: object_schema(profile, service) for service in services}
    head = object_schema(profile, "*")
    head["additionalProperties"] = False
    schemas |= {"CommonIn": head} | _answer_schemas(tencent.Told)
    schemas["ReturnCode"] = code_schema(profile, (*services, tencent.UNOFFERED), number=True)
    schemas["CommonOut"]["properties"]["resultCode"] = _ref("ReturnCode")
    paths = {}
    for service in services:
        path = tencent.TOKEN_PATH if service == tencent.TOKEN_SERVICE else tencent.SERVICE_PATH + service
        properties = {"commonIn": _ref("CommonIn"), "req": _ref(service)}
        paths[path] = _post(service, _whole(properties), "Told")
    for service in sorted(tencent_services.NOT_OFFERED):
        properties = {"commonIn": _ref("CommonIn"), "req": {"type": "object"}}
        # Told so that nobody looks for them in vain: they answer with a code of their own.
        paths[tencent.SERVICE_PATH + service] = _post(service, _whole(properties), "Told", deprecated=True)
    return paths, schemas


DESCRIBED: Final[Mapping[str, Callable[[], Parts]]] = {
    "sichuan": _sichuan,
    "guangdong": _guangdong,
    "tencent": _tencent,
}
"""The profiles that speak JSON, and how each is told."""


def _post(service: str, schema: Schema, answer: str, **more: bool) -> dict[str, Any]:
    """A path whose POST takes one message and answers another; refusals are answers too."""
    return {
        "post": {
            "operationId": service,
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
            "responses": {
                "200": {
                    "description": f"{service}: {answer}",
                    "content": {"application/json": {"schema": _ref(answer)}},
                }
            },
        }
        | more
    }


def _whole(properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _sealed(schemas: Iterable[str], cipher: str) -> Schema:
    """A text under a cipher; its plain form is one of these."""
    return {
        "description": cipher,
        "contentMediaType": "application/json",
        "contentSchema": {"anyOf": [_ref(name) for name in schemas]},
    }


def _enciphered(plain: Schema) -> Schema:
    """A field that travels under SM4, in hexadecimal: its rule holds for the plain text."""
    return {"type": "string", "pattern": "^[0-9A-F]*$", "contentMediaType": "text/plain", "contentSchema": plain}


def _ref(name: str) -> Schema:
    return {"$ref": SCHEMAS + name}


def _answer_schemas(*structs: type[msgspec.Struct]) -> dict[str, Schema]:
    """The answers' envelopes as the server writes them."""
    _, components = msgspec.json.schema_components(structs, ref_template=SCHEMAS + "{name}")
    return components
