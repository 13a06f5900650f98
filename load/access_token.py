"""The access token of a run, where the wire profile has one: asked for once, shared by all generators.

Tencent's open platform voids an application's token with each new one (EC-TX getAppToken), so that generators that each
asked for their own would put each other out. A token is not renewed during a run, since requests signed with the old
one are under way then; a run that is longer than its token holds is refused before it starts (decision).
"""

from __future__ import annotations

import os
from contextlib import closing
from typing import cast

from load.connection import Connection
from load.schedule import UnusableSchedule
from load.settings import RunSettings
from reference.ecard.verbs import Verb
from reference.front_end.line import CarriesToken
from reference.gateway.profiles.tencent_verbs import IssueToken, Token
from reference.gateway.wire import UnreadableAnswer, WireRefusal
from reference.languages import Text, say
from reference.operating_system import SystemClock

NONCE_BYTES = 16


class NoAccess(Exception):
    """The platform gave no access token; ``text`` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def access_token(settings: RunSettings) -> str:
    """A token for the run; empty where the profile has none.

    Raises NoAccess when the platform gives none, UnusableSchedule when it does not hold for the whole run.
    """
    client = settings.client()
    if not isinstance(client, CarriesToken):
        return ""
    asked = cast(Verb, IssueToken())
    try:
        with closing(Connection(settings.url, settings.timeout)) as connection:
            request = client.write(asked, SystemClock().now_ms(), os.urandom(NONCE_BYTES))
            answer: object = client.read(asked, connection.exchange(connection.encode(request))[1])
    except (WireRefusal, UnreadableAnswer, OSError) as error:
        raise NoAccess(
            say("{url} gave no access token: {reason}. Check credentials.", url=settings.url, reason=error)
        ) from None
    assert isinstance(answer, Token), "the client answers each verb in its own form"
    needed = settings.scheduled().seconds + settings.timeout
    if needed > answer.seconds:
        raise UnusableSchedule(
            say(
                "The run takes {needed:.0f} s, the access token holds for {seconds} s: make the run shorter.",
                needed=needed,
                seconds=answer.seconds,
            )
        )
    return answer.token
