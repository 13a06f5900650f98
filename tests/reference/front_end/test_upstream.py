"""Asking the platform: what is sent again and what is not, growing pauses, leaving a dead platform alone, the token."""

from __future__ import annotations

from typing import cast

import pytest

from reference.ecard.verbs import Answer, ApplyCode, Query, Register, ReportUses, Verb, Verify, Who
from reference.front_end.carrier import Carried, PlatformAway
from reference.front_end.facts import limits
from reference.front_end.line import Line, TokenKeeper
from reference.front_end.upstream import OutcomeUnknown
from reference.gateway.profiles.tencent_verbs import IssueToken
from reference.gateway.wire import Request, WireRefusal
from simulators.sources import SeededRandomness
from tests.platform import TRUSTED, citizen
from tests.reference.front_end.pieces import (
    ACCOUNT,
    CONSUMED,
    DYNAMIC,
    LOST,
    PASSING,
    UNREACHED,
    VERIFIED,
    Bench,
    HeldClock,
    ToldPlatform,
)

VERIFY = Verify(text=DYNAMIC, step="010101")
APPLY = ApplyCode(who=Who(ecard_id=ACCOUNT.ecard_id))
REGISTER = Register(person=citizen(), proof=TRUSTED)
TRIES = limits()["tries"]


def test_a_request_that_did_not_arrive_is_sent_again(front: Bench) -> None:
    front.platform.answers = [UNREACHED, UNREACHED, VERIFIED]
    assert front.upstream.ask(VERIFY) == VERIFIED
    assert len(front.clock.paused) == 2


def test_every_try_has_a_nonce_of_its_own(front: Bench) -> None:
    front.platform.answers = [UNREACHED, VERIFIED]
    front.upstream.ask(VERIFY)
    assert len(set(front.platform.nonces)) == 2


@pytest.mark.parametrize("verb", [VERIFY, APPLY, Register(person=citizen(), proof=TRUSTED, strict=True)])
def test_what_holds_once_is_not_sent_again_when_its_answer_was_lost(front: Bench, verb: Verb) -> None:
    front.platform.answers = [LOST, VERIFIED]
    with pytest.raises(OutcomeUnknown):
        front.upstream.ask(verb)
    assert len(front.platform.asked) == 1


@pytest.mark.parametrize("verb", [Query(who=Who(ecard_id=ACCOUNT.ecard_id)), REGISTER, ReportUses(uses=())])
def test_what_does_no_harm_twice_is_sent_again_when_its_answer_was_lost(front: Bench, verb: Verb) -> None:
    front.platform.answers = [LOST, ACCOUNT]
    assert front.upstream.ask(verb) == ACCOUNT


def test_a_lost_answer_on_the_last_try_is_told_as_unknown(front: Bench) -> None:
    front.platform.answers = [UNREACHED, UNREACHED, LOST]
    with pytest.raises(OutcomeUnknown):
        front.upstream.ask(VERIFY)


def test_a_passing_refusal_is_bridged_and_a_lasting_one_told_at_once(front: Bench) -> None:
    front.platform.answers = [PASSING, VERIFIED]
    assert front.upstream.ask(VERIFY) == VERIFIED
    front.platform.answers = [CONSUMED]
    with pytest.raises(WireRefusal, match="二维码已使用"):
        front.upstream.ask(VERIFY)
    assert len(front.platform.asked) == 3


def test_pauses_grow_and_differ_by_chance(front: Bench) -> None:
    front.platform.answers = [UNREACHED]
    with pytest.raises(PlatformAway):
        front.upstream.ask(VERIFY)
    first, second = front.clock.paused
    base = limits()["first-pause-ms"] / 1000
    assert base / 2 <= first <= base
    assert base <= second <= 2 * base


def test_a_platform_that_failed_all_tries_is_left_alone_and_then_asked_again(front: Bench) -> None:
    front.platform.answers = [UNREACHED]
    with pytest.raises(PlatformAway):
        front.upstream.ask(VERIFY)
    with pytest.raises(PlatformAway, match="Connection refused") as caught:
        front.upstream.ask(VERIFY)
    assert not caught.value.sent
    assert len(front.platform.asked) == TRIES
    front.clock.pause(limits()["away-seconds"])
    front.platform.answers = [VERIFIED]
    assert front.upstream.ask(VERIFY) == VERIFIED
    assert not front.upstream.away


class TokenPlatform(ToldPlatform):
    """A platform of Tencent's kind: only its newest token holds."""

    def __init__(self) -> None:
        super().__init__()
        self.newest, self.token, self.held = 0, "", ""

    def write(self, verb: Verb, now_ms: int, nonce: bytes) -> Request:
        self.held = self.token
        return super().write(verb, now_ms, nonce)

    def carry(self, request: Request) -> Carried:
        return Carried(200, b"", None)

    def read(self, verb: Verb, body: bytes) -> Answer:
        if isinstance(verb, cast(type, IssueToken)):
            self.newest += 1
            self.token = str(self.newest)
            return cast(Answer, None)
        if self.held != str(self.newest):
            raise WireRefusal("1", "", frozenset({"request.token-invalid"}))
        return VERIFIED


def test_a_token_is_fetched_once_shared_and_renewed_when_another_voided_it() -> None:
    platform, keeper = TokenPlatform(), TokenKeeper()
    lines = [Line(platform, platform, HeldClock(), SeededRandomness(1), keeper) for _ in range(2)]
    assert [line.ask(VERIFY) for line in lines] == [VERIFIED, VERIFIED]
    assert platform.newest == 1
    platform.newest += 1  # somebody else has taken a token
    assert lines[0].ask(VERIFY) == VERIFIED
    assert platform.newest == 3
    assert lines[1].ask(VERIFY) == VERIFIED
    assert platform.newest == 3


@pytest.mark.parametrize(("status", "sent"), [(503, False), (429, False), (502, True), (504, True)])
def test_a_gateway_in_between_tells_whether_the_request_may_have_passed(status: int, sent: bool) -> None:
    platform = ToldPlatform()
    platform.carry = lambda request: Carried(status, b"", None)  # type: ignore[method-assign]
    with pytest.raises(PlatformAway) as caught:
        Line(platform, platform, HeldClock(), SeededRandomness(1)).ask(VERIFY)
    assert caught.value.sent is sent
