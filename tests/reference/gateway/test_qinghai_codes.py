"""Qinghai's return codes: all that the text lists are in use, and none else; the client reads each as what it was."""

from __future__ import annotations

import itertools

import pytest

from reference.ecard.refusals import Refusal
from reference.gateway.profiles.qinghai_codes import code_of, outcomes_of, success_of
from reference.gateway.profiles.qinghai_services import REQUESTS
from reference.gateway.profiles.qinghai_xml import SETTINGS
from reference.standard.ecard.refusals import refusals

SPANS = ((1001, 1012), (2001, 2009), (3001, 3005), (4001, 4004), (5001, 5005), (6001, 6010), (7001, 7006))
MORE = ((8001, 8006), (9001, 9002), (11001, 11002), (12001, 12002), (13001, 13002))
LISTED = {str(code) for first, last in SPANS + MORE for code in range(first, last + 1)}
"""EC-QH, return codes."""

GOLDEN = [
    ("RHC_E0001", "account.already-registered", "6009"),
    ("RHC_E0001", "person.image-missing", "6004"),
    ("RHC_E0001", "person.image-malformed", "6006"),
    ("RHC_E0001", "person.check-digit", "6010"),
    ("RHC_E0001", "system.index", "6007"),
    ("RHC_E0001", "system.store", "6010"),
    ("RHC_E0002", "account.cancelled", "2001"),
    ("RHC_E0002", "account.unaudited", "2002"),
    ("RHC_E0002", "account.audit-failed", "2003"),
    ("RHC_E0002", "code.static-exists", "2004"),
    ("RHC_E0002", "code.time-unreadable", "2005"),
    ("RHC_E0002", "code.dynamic-still-valid", "2006"),
    ("RHC_E0002", "code.payment-unsupported", "2007"),
    ("RHC_E0002", "account.unregistered", "2008"),
    ("RHC_E0003", "code.garbled", "3001"),
    ("RHC_E0003", "code.consumed", "3001"),
    ("RHC_E0003", "account.unregistered", "3002"),
    ("RHC_E0003", "code.foreign", "3002"),
    ("RHC_E0003", "code.forged", "3003"),
    ("RHC_E0003", "code.grafted", "3003"),
    ("RHC_E0003", "account.cancelled", "3003"),
    ("RHC_E0003", "code.expired", "3004"),
    ("RHC_E0004", "account.identity-mismatch", "4001"),
    ("RHC_E0004", "account.cancelled", "4002"),
    ("RHC_E0004", "account.unaudited", "4002"),
    ("RHC_E0004", "account.unregistered", "4003"),
    ("RHC_E0005", "account.cancelled", "5001"),
    ("RHC_E0005", "account.unaudited", "5002"),
    ("RHC_E0005", "account.audit-failed", "5003"),
    ("RHC_E0006", "account.already-registered", "6009"),
    ("RHC_E0007", "family.own-account", "7003"),
    ("RHC_E0007", "family.already-bound", "7004"),
    ("RHC_E0007", "family.full", "7005"),
    ("RHC_E0008", "account.unregistered", "8003"),
    ("RHC_E0008", "family.member-unregistered", "8004"),
    ("RHC_E0008", "family.not-bound", "8005"),
    ("RHC_E0009", "account.unregistered", "9001"),
    ("RHC_E0011", "account.unregistered", "11001"),
    ("RHC_E0013", "temporary.unknown", "13001"),
    ("RHC_E0005", "request.replayed", "1011"),
    ("RHC_E0005", "system.failure", "1011"),
]
SUCCESS = [
    "6008",
    "2009",
    "3005",
    "4004",
    "5005",
    "6008",
    "7006",
    "8006",
    "9002",
    "5005",
    "11002",
    "12002",
    "13002",
    "7006",
    "5005",
    "6008",
    "5005",
]


@pytest.mark.parametrize(("service", "refusal", "code"), GOLDEN)
def test_a_refusal_has_the_code_of_the_text(service: str, refusal: str, code: str) -> None:
    assert code_of(service, Refusal(refusal)).code == code


@pytest.mark.parametrize(("service", "code"), list(zip(REQUESTS, SUCCESS, strict=True)))
def test_a_service_succeeds_with_its_own_code(service: str, code: str) -> None:
    assert success_of(service, certified=False).code == code


def test_a_query_alone_tells_that_there_is_no_code_yet() -> None:
    assert success_of("RHC_E0005", certified=True).code == "5004"
    assert success_of("RHC_E0001", certified=True).code == "6008"


def test_every_code_of_the_text_is_in_use_and_none_else() -> None:
    fields = [row["field"] for row in SETTINGS["field_code"]]
    used = {
        code_of(service, Refusal(id, field)).code
        for service, id, field in itertools.product((*REQUESTS, "unknown"), refusals(), ("", *fields))
    } | {success_of(service, certified=certified).code for service in REQUESTS for certified in (False, True)}
    assert used == LISTED


@pytest.mark.parametrize("service", REQUESTS)
def test_a_client_takes_each_refusal_for_what_it_was(service: str) -> None:
    for id, field in itertools.product(refusals(), ("", "bussinessCode", "self_id_type", "photo_face", "clinicTime")):
        code, words = code_of(service, Refusal(id, field))
        assert id in outcomes_of(service, code, words), (id, field, code)
        assert "ok" not in outcomes_of(service, code, words)


@pytest.mark.parametrize("service", REQUESTS)
def test_a_client_takes_success_for_success(service: str) -> None:
    for certified in (False, True):
        assert outcomes_of(service, *success_of(service, certified=certified)) == {"ok"}


def test_no_description_is_longer_than_the_text_allows() -> None:
    longest = max(len(code_of(service, Refusal(id, "x" * 32)).message) for service in REQUESTS for id in refusals())
    assert longest <= 100
