"""Test persons are made through a wire profile, verified, and taken away again, after a crash too."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from load.connection import Connection
from load.corpus.kinds import STEP
from load.provisioning import CannotCleanUp, Provisioner
from load.provisioning_state import Event, State, Target, UnusableState
from reference.ecard.verbs import Verified, Verify
from reference.gateway.profiles import CLIENTS
from reference.gateway.wire import Request, WireRefusal
from reference.store import Store
from reference.store.migrating import migrate
from tests.reference.gateway.serving import Served, served

PROFILES = ("sichuan", "qinghai", "wenzhou")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    held = Store(f"sqlite:///{tmp_path}/platform.db")
    migrate(held)
    yield held
    held.close()


def target(platform: Served, profile: str) -> Target:
    return Target(url=platform.address, profile=profile, seed=1)


@contextmanager
def provisioner(platform: Served, profile: str, state: State, lost: int = 0) -> Iterator[Provisioner]:
    """A client of the platform; after its ``lost``-th request it gets no answer any more."""
    connection, sent = Connection(platform.address, 20.0), itertools.count(1)

    def exchange(request: Request) -> bytes:
        body = connection.exchange(connection.encode(request))[1]
        if next(sent) == lost:
            raise ConnectionError("lost on the way back")
        return body

    client = CLIENTS[profile](platform.credentials)
    with closing(connection):
        yield Provisioner(
            client,
            exchange,
            state,
            now_ms=platform.clock.now_ms,
            nonce=lambda: next(platform.nonces).to_bytes(16, "big"),
        )


@pytest.mark.parametrize("profile", PROFILES)
def test_persons_are_made_verified_and_taken_away(store: Store, tmp_path: Path, profile: str) -> None:
    with served(store, profile) as platform:
        state = State(tmp_path / "state", target(platform, profile))
        client = CLIENTS[profile](platform.credentials)
        with provisioner(platform, profile, state) as maker:
            made = list(maker.provision(0, 3))
            assert len({account.ecard_id for account in made}) == 3
            for code in maker.codes("dynamic"):
                assert isinstance(platform.ask(client, Verify(text=code.text, step=STEP)), Verified)
            last = next(iter(maker.codes("dynamic")))
            assert sorted(maker.clean_up()) == [0, 1, 2]
            assert list(maker.clean_up()) == []
        with pytest.raises(WireRefusal) as refused:
            platform.ask(client, Verify(text=last.text, step=STEP))
        assert "account.cancelled" in refused.value.ids
        state.close()


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("lost", [1, 2])
def test_a_person_whose_answer_was_lost_is_taken_away_too(
    store: Store, tmp_path: Path, profile: str, lost: int
) -> None:
    with served(store, profile) as platform:
        state = State(tmp_path / "state", target(platform, profile))
        with provisioner(platform, profile, state, lost) as maker, pytest.raises(ConnectionError):
            list(maker.provision(0, 3))
        state.close()
        again = State(tmp_path / "state", target(platform, profile))
        assert [event.step for event in again.there()] == ["made"] * (lost - 1) + ["asked"]
        with provisioner(platform, profile, again) as cleaner:
            assert sorted(cleaner.clean_up()) == list(range(lost))
        assert again.there() == []
        again.close()


def test_a_profile_without_cancellation_is_told_beforehand(store: Store, tmp_path: Path) -> None:
    with served(store, "guangdong") as platform:
        state = State(tmp_path / "state", target(platform, "guangdong"))
        with provisioner(platform, "guangdong", state) as maker, pytest.raises(CannotCleanUp, match="--keep"):
            list(maker.provision(0, 1))
        assert state.there() == []
        state.close()


def test_a_state_that_ends_in_half_a_line_is_read_up_to_it(tmp_path: Path) -> None:
    path, known = tmp_path / "state", Target(url="http://127.0.0.1:1", profile="sichuan", seed=1)
    state = State(path, known)
    state.note(Event(step="asked", number=7))
    state.note(Event(step="made", number=7, ecard_id="A" * 64))
    state.close()
    path.write_bytes(path.read_bytes()[:-5])
    again = State(path, known)
    assert [(event.step, event.number) for event in again.there()] == [("asked", 7)]
    again.close()


def test_the_state_of_another_platform_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state"
    State(path, Target(url="http://127.0.0.1:1", profile="sichuan", seed=1)).close()
    with pytest.raises(UnusableState, match="belongs to"):
        State(path, Target(url="http://127.0.0.1:2", profile="sichuan", seed=1))
    path.write_text("nothing of the kind\n")
    with pytest.raises(UnusableState, match="another file"):
        State(path, Target(url="http://127.0.0.1:1", profile="sichuan", seed=1))
