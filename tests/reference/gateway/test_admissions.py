"""What every profile hands to the access platform: mark, time of sending and quota, each in its place."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from reference.ecard.verbs import Verify
from reference.gateway.profiles import ALL
from reference.store import Store
from reference.store.access_tables import apps
from tests.platform import DAY_MS
from tests.reference.gateway.asking import asking
from tests.reference.gateway.tencent_requests import CARD, signed_in

QUOTA = 7
DAYS_OF = {"qinghai"}
"""Profiles whose mark counts for a day, so that the end of the day stands for the time of sending."""


@pytest.mark.parametrize("profile", [profile.id for profile in ALL])
def test_the_app_s_quota_and_the_time_of_sending_reach_the_access_platform(store: Store, profile: str) -> None:
    province = asking(store, profile)
    with store.begin() as connection:
        connection.execute(update(apps).values(daily_quota=QUOTA))
    if profile == "tencent":
        signed_in(province)
    admission = province.call(Verify(text=f"{CARD}:1", step="010101")).admission
    assert admission.mark
    assert abs(admission.sent_ms - province.clock.now_ms()) <= (DAY_MS if profile in DAYS_OF else 0)
    assert admission.daily_quota == QUOTA
