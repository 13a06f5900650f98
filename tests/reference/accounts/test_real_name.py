"""The route of a real-name check by way, document and age, and what the simulated partners say."""

from __future__ import annotations

import msgspec
import pytest

from reference.accounts.real_name import RoutedRealNameCheck, route_of
from reference.accounts.tables import facts
from reference.ecard.verbs import Person, Proof
from reference.serving import RealNameResult
from reference.standard.ecard import load_ecard
from simulators.partners import SimulatedPolice
from tests.platform import ON_SITE, ONLINE, TRUSTED, citizen
from tests.reference.accounts.cards import refused

TODAY = "20260101"


def aged(years: int, **fields: str) -> Person:
    return msgspec.structs.replace(citizen(), birthday=f"{2026 - years}0101", **fields)


@pytest.mark.parametrize(
    ("years", "asks"),
    [
        (0, "birth-certificates"),
        (16, "birth-certificates"),
        (17, "face"),
        (59, "face"),
        (60, "household"),
        (100, "household"),
    ],
)
def test_the_age_decides_who_is_asked_on_line(years: int, asks: str) -> None:
    route = route_of(aged(years), ONLINE, TODAY)
    assert route is not None
    assert route.asks == asks


@pytest.mark.parametrize(
    ("proof", "id_type", "asks"),
    [
        (ON_SITE, "01", "population"),
        (ON_SITE, "03", "clerk"),
        (ON_SITE, "08", "birth-certificates"),
        (TRUSTED, "01", "population"),
        (ONLINE, "02", "household"),
        (ONLINE, "99", "birth-certificates"),
    ],
)
def test_way_and_document_decide_who_is_asked(proof: Proof, id_type: str, asks: str) -> None:
    route = route_of(aged(10, id_type=id_type) if id_type == "99" else aged(30, id_type=id_type), proof, TODAY)
    assert route is not None
    assert route.asks == asks


@pytest.mark.parametrize("id_type", ["03", "04", "05", "06", "07"])
def test_documents_without_an_online_check_are_audited(id_type: str) -> None:
    check = SimulatedPolice().check()
    assert check.check(aged(30, id_type=id_type), ONLINE, TODAY) is RealNameResult.UNDECIDED


def test_a_partner_that_is_not_connected_decides_nothing() -> None:
    assert RoutedRealNameCheck({}).check(aged(30), ONLINE, TODAY) is RealNameResult.UNDECIDED


def test_the_clerk_is_the_check_for_other_documents() -> None:
    assert RoutedRealNameCheck({}).check(aged(30, id_type="03"), ON_SITE, TODAY) is RealNameResult.SAME


def test_the_face_check_needs_a_photo_of_the_face() -> None:
    with refused("person.image-missing", "photo_face"):
        SimulatedPolice().check().check(aged(30), Proof(way="online"), TODAY)


def test_without_a_birthday_routes_by_age_do_not_serve() -> None:
    assert route_of(msgspec.structs.replace(citizen(), birthday=""), ONLINE, TODAY) is None


def test_every_route_names_documents_that_there_are_and_photos_of_a_proof() -> None:
    for route in facts().route:
        assert set(route.id_types) <= set(load_ecard().id_types)
        assert set(route.photos) <= set(Proof.__struct_fields__)
