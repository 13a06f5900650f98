"""The access token of a run: one for all generators, and long enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from load import access_token as fetching
from load.access_token import NoAccess, access_token
from load.schedule import UnusableSchedule
from load.settings import RunSettings
from reference.front_end.line import CarriesToken
from reference.store import Store
from reference.store.migrating import migrate
from tests.reference.gateway.serving import served


def test_a_run_in_tencents_form_gets_a_token_that_its_clients_carry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(f"sqlite:///{tmp_path}/platform.db")
    migrate(store)
    with served(store, "tencent") as platform:
        monkeypatch.setattr(fetching, "SystemClock", lambda: platform.clock)
        token = access_token(RunSettings(url=platform.address, cases="", profile="tencent"))
        with pytest.raises(UnusableSchedule, match="make the run shorter"):
            access_token(RunSettings(url=platform.address, cases="", profile="tencent", rate=0.01, duration=10_000))
    store.close()
    assert len(token) == 32
    client = RunSettings(url="", cases="", profile="tencent", access_token=token).client()
    assert isinstance(client, CarriesToken)
    assert client.token == token


def test_a_profile_without_tokens_asks_for_none() -> None:
    assert access_token(RunSettings(url="http://127.0.0.1:9", cases="", profile="wenzhou")) == ""


def test_a_platform_that_gives_no_token_is_named() -> None:
    with pytest.raises(NoAccess, match=r"127\.0\.0\.1:9 gave no access token"):
        access_token(RunSettings(url="http://127.0.0.1:9", cases="", profile="tencent"))
