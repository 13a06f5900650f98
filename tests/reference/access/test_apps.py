"""Applications live from applying to revocation; secrets are kept sealed; a stop takes effect at once (P-ECARD-11)."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from reference.access import apps
from reference.access.apps import AppOrder
from reference.access.desk import KEPT_MS, Desk
from reference.access.lives import APP, next_state
from reference.ecard.refusals import Refusal
from reference.serving import Surroundings
from reference.store.access_tables import apps as table
from tests.platform import SettableClock
from tests.reference.access.refusing import actions, refused

ORDER = AppOrder("hospital-app", "医院应用", "sichuan", scopes=frozenset({"Verify", "Query"}), daily_quota=5)


def working(around: Surroundings, order: AppOrder = ORDER) -> bytes:
    """The secret of an application that was approved."""
    secret = bytes.fromhex(apps.apply(around, order, "clerk"))
    apps.change(around, order.app_id, "approve", "clerk")
    return secret


def test_an_application_lives_from_applying_to_revocation(around: Surroundings) -> None:
    apps.apply(around, ORDER, "clerk")
    events = ("test", "approve", "suspend", "resume", "revoke")
    states = [apps.change(around, ORDER.app_id, event, "clerk") for event in events]
    assert states == ["testing", "approved", "suspended", "approved", "revoked"]
    assert actions(around) == ["app.apply", *(f"app.{event}" for event in events)]


@pytest.mark.parametrize("event", ["resume", "suspend", "renounce"])
def test_an_event_that_the_state_does_not_allow_changes_nothing(around: Surroundings, event: str) -> None:
    apps.apply(around, ORDER, "clerk")
    assert refused(apps.change, around, ORDER.app_id, event, "clerk") == "registry.wrong-state"
    with around.store.read() as connection:
        found = apps.find(connection, ORDER.app_id)
    assert found is not None
    assert found.state == "applied"


def test_nothing_leads_out_of_revocation(around: Surroundings) -> None:
    working(around)
    apps.change(around, ORDER.app_id, "revoke", "clerk")
    for event in APP.events:
        assert refused(apps.change, around, ORDER.app_id, event, "clerk") == "registry.wrong-state"


def test_only_an_approved_application_is_let_in(around: Surroundings) -> None:
    apps.apply(around, ORDER, "clerk")
    assert refused(Desk(around).app, ORDER.app_id, "sichuan") == "request.app-suspended"
    apps.change(around, ORDER.app_id, "approve", "clerk")
    assert Desk(around).app(ORDER.app_id, "sichuan").app.scopes == {"Verify", "Query"}


def test_an_application_speaks_its_own_profile_alone(around: Surroundings, desk: Desk) -> None:
    working(around)
    assert refused(desk.app, ORDER.app_id, "qinghai") == "request.unknown-app"
    assert refused(desk.app, "nobody", "sichuan") == "request.unknown-app"


def test_an_expired_application_is_refused(around: Surroundings, desk: Desk, clock: SettableClock) -> None:
    working(around, replace(ORDER, valid_until_ms=clock.at_ms + 10_000))
    clock.advance(seconds=9)
    assert desk.app(ORDER.app_id, "sichuan").app.app_id == ORDER.app_id
    clock.advance(seconds=1)
    assert refused(desk.app, ORDER.app_id, "sichuan") == "request.app-expired"


def test_expiry_is_looked_at_even_while_the_look_up_is_kept(
    around: Surroundings, desk: Desk, clock: SettableClock
) -> None:
    working(around, replace(ORDER, valid_until_ms=clock.at_ms + KEPT_MS // 2))
    desk.app(ORDER.app_id, "sichuan")
    clock.at_ms += KEPT_MS // 2
    assert refused(desk.app, ORDER.app_id, "sichuan") == "request.app-expired"


@pytest.mark.parametrize("event", ["suspend", "revoke"])
def test_a_suspension_takes_effect_within_a_second(
    around: Surroundings, desk: Desk, clock: SettableClock, event: str
) -> None:
    working(around)
    desk.app(ORDER.app_id, "sichuan")
    apps.change(around, ORDER.app_id, event, "clerk")
    clock.at_ms += KEPT_MS
    assert KEPT_MS <= 1000
    assert refused(desk.app, ORDER.app_id, "sichuan") == "request.app-suspended"


def test_a_resumed_application_is_let_in_again(around: Surroundings, desk: Desk, clock: SettableClock) -> None:
    working(around)
    apps.change(around, ORDER.app_id, "suspend", "clerk")
    assert refused(desk.app, ORDER.app_id, "sichuan") == "request.app-suspended"
    apps.change(around, ORDER.app_id, "resume", "clerk")
    clock.at_ms += KEPT_MS
    assert desk.app(ORDER.app_id, "sichuan").app.state == "approved"


def test_the_desk_opens_the_secret_that_was_shown(around: Surroundings, desk: Desk) -> None:
    secret = working(around)
    assert desk.app(ORDER.app_id, "sichuan").secret == secret


def test_a_renewed_secret_voids_the_old_one(around: Surroundings, desk: Desk, clock: SettableClock) -> None:
    old = working(around)
    assert desk.app(ORDER.app_id, "sichuan").secret == old
    new = bytes.fromhex(apps.renew(around, ORDER.app_id, "clerk"))
    clock.at_ms += KEPT_MS
    assert new != old
    assert desk.app(ORDER.app_id, "sichuan").secret == new


def test_the_database_and_the_audit_log_hold_no_secret(around: Surroundings) -> None:
    secret = working(around)
    with around.store.read() as connection:
        row = connection.execute(select(table)).one()
        lines = str(connection.exec_driver_sql("SELECT * FROM audit_lines").all())
    assert secret not in row.sealed_secret
    assert secret.hex() not in lines


def test_a_secret_sealed_for_one_application_does_not_open_for_another(around: Surroundings) -> None:
    sealed = apps.seal(around, "one", bytes(range(16)))
    other = apps.App("other", "", "sichuan", "", "approved", frozenset(), 0, 0, None, sealed)
    assert apps.secret_of(around, other) != bytes(range(16))


def test_an_application_is_registered_once(around: Surroundings) -> None:
    apps.apply(around, ORDER, "clerk")
    assert refused(apps.apply, around, ORDER, "clerk") == "registry.already-registered"
    assert actions(around) == ["app.apply"]


def test_a_grant_takes_the_place_of_the_one_before(around: Surroundings, clock: SettableClock) -> None:
    working(around)
    apps.grant(around, ORDER.app_id, "clerk", scopes=["Cancel"], daily_quota=7, valid_until_ms=clock.at_ms)
    with around.store.read() as connection:
        found = apps.find(connection, ORDER.app_id)
    assert found is not None
    assert (found.scopes, found.daily_quota, found.valid_until_ms) == (frozenset({"Cancel"}), 7, clock.at_ms)


def test_nobody_is_changed_granted_or_renewed_who_is_unknown(around: Surroundings) -> None:
    assert refused(apps.change, around, "nobody", "approve", "clerk") == "registry.unknown"
    assert refused(apps.renew, around, "nobody", "clerk") == "registry.unknown"
    granted = {"scopes": [], "daily_quota": 0, "valid_until_ms": None}
    assert refused(apps.grant, around, "nobody", "clerk", **granted) == "registry.unknown"
    assert actions(around) == []


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (replace(ORDER, app_id=""), "request.empty-field"),
        (replace(ORDER, app_id="a" * 37), "request.field-too-long"),
        (replace(ORDER, name="名" * 101), "request.field-too-long"),
        (replace(ORDER, owner="nul\0"), "request.forbidden-character"),
    ],
)
def test_what_no_column_keeps_is_refused_by_its_name(around: Surroundings, order: AppOrder, reason: str) -> None:
    assert refused(apps.apply, around, order, "clerk") == reason
    assert actions(around) == []


@given(st.lists(st.sampled_from(sorted(APP.events)), max_size=8))
def test_any_order_of_events_stays_within_the_table(events: list[str]) -> None:
    state = APP.first
    for event in events:
        with contextlib.suppress(Refusal):
            state = next_state(APP, state, event)
    reachable = {APP.first, *(after for steps in APP.events.values() for after in steps.values())}
    assert state in reachable
