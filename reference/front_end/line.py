"""One wire client over one carrier: a verb is asked once, with the access token where the profile has one.

Tencent's open platform voids an old token with each new one, so that all clients of an application share one keeper; a
token that no longer holds is renewed, and the request sent again with it: it was refused, nothing was done.
"""

from __future__ import annotations

import threading
from typing import Final, Protocol, cast, runtime_checkable

from reference.ecard.verbs import Answer, Verb
from reference.front_end.carrier import Carrier, PlatformAway
from reference.front_end.clock_check import ClockCheck
from reference.gateway.profiles.tencent_verbs import IssueToken
from reference.gateway.wire import WireClient, WireRefusal
from reference.ports import Randomness

NOT_NOW: Final = {429: False, 502: True, 503: False, 504: True}
"""HTTP statuses of something that stands before the platform, and whether it may have passed the request on."""
TOKEN_INVALID: Final = "request.token-invalid"  # noqa: S105 - the id of a refusal


class MillisecondClock(Protocol):
    """A clock that signed requests are dated by."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        ...


@runtime_checkable
class CarriesToken(Protocol):
    """A wire client whose requests carry an access token; reading the answer to `IssueToken` sets it."""

    token: str


class TokenKeeper:
    """The one access token of an application, for all its clients."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.token = ""


class Line:
    """Asks one platform in the form of one client."""

    def __init__(
        self,
        client: WireClient,
        carrier: Carrier,
        clock: MillisecondClock,
        randomness: Randomness,
        keeper: TokenKeeper | None = None,
        check: ClockCheck | None = None,
    ) -> None:
        self.client, self._carrier, self._clock, self._randomness = client, carrier, clock, randomness
        self._keeper, self._check = keeper or TokenKeeper(), check

    def ask(self, verb: Verb) -> Answer:
        """The answer to a verb. Raises PlatformAway, WireRefusal, UnreadableAnswer, UnsupportedVerb."""
        if not isinstance(self.client, CarriesToken):
            return self._once(verb)
        used = self._signed_in(self.client, void="")
        try:
            return self._once(verb)
        except WireRefusal as refused:
            if refused.ids != {TOKEN_INVALID}:
                raise
            self._signed_in(self.client, void=used)
            return self._once(verb)

    def _signed_in(self, client: CarriesToken, void: str) -> str:
        """The token that holds, fetched unless the keeper has another one than the void."""
        with self._keeper.lock:
            if self._keeper.token == void:
                self._once(cast(Verb, IssueToken()))
                self._keeper.token = client.token
            client.token = self._keeper.token
            return client.token

    def _once(self, verb: Verb) -> Answer:
        sent_ms = self._clock.now_ms()
        carried = self._carrier.carry(self.client.write(verb, sent_ms, self._randomness.bytes(16)))
        if carried.status in NOT_NOW:
            raise PlatformAway(self._carrier.address, f"HTTP {carried.status}", sent=NOT_NOW[carried.status])
        if carried.date_ms is not None and self._check is not None:
            self._check.note(sent_ms, self._clock.now_ms(), carried.date_ms)
        return self.client.read(verb, carried.body)
