"""One case of each kind: the rows that must stand in `codes` for it, and the outcomes that are right.

Codes are recorded as `reference.qr.application` records them, but hold for the whole run; what is forged or foreign was
never issued. No two codes of a card expire in the same second, since equal times give equal tokens. The outcomes
follow the order of reasons in `reference.qr.settling`. Source: decision (correctness under load).
"""

from __future__ import annotations

import math
import random
from typing import Any, Final, NamedTuple, Self

from sqlalchemy import func, select

from load.cases import Case, Kind
from load.corpus.cards import Cards
from load.corpus.rows import APP, account_id
from reference.ecard.ids import ID_BYTES
from reference.ecard.moments import HOUR, SECOND, Moment
from reference.ecard.qr_text import issued_text, qr_layouts
from reference.ecard.states import DynamicCodeState
from reference.ecard.validity import BLOCK, validity_token
from reference.ecard.verbs import CodeKind
from reference.keys.key_file import demo_keys
from reference.qr.use_log import ACCEPTED
from reference.standard.ecard import load_ecard
from reference.store import Store
from reference.store.code_tables import codes

HOLDS: Final = 12 * HOUR
"""How long the codes of a corpus hold (decision: longer than any run)."""
IDENTIFYING: Final = ""
"""The step of static codes: none."""
STEP: Final = "010101"
"""The step of all others: registration."""
ELSEWHERE: Final = "5201A0001"
"""The issuer of codes from another province."""


class Issue(NamedTuple):
    """What a run needs of one code: rows of `codes` to record, and cases to show."""

    rows: tuple[tuple[Any, ...], ...]
    cases: tuple[Case, ...]


class Times(NamedTuple):
    """When the codes of an issue expire, by place: some per second from ``start`` on, those that are over from
    ``past`` on. Moments that no code in the database has."""

    start: Moment
    past: Moment
    per_second: int

    @classmethod
    def after_all_in(cls, store: Store, now_ms: Moment, count: int, rate: float, holding: int) -> Self:
        """Times for ``count`` places at a rate, before and after those of all codes in the database."""
        with store.read() as connection:
            first, last = connection.execute(select(func.min(codes.c.expires_ms), func.max(codes.c.expires_ms))).one()
        per_second = max(1, min(int(rate), holding // 4))
        past = min(now_ms - HOUR, first or now_ms) // SECOND - count // per_second - 1
        start = max(now_ms + HOLDS, last or 0) // SECOND + 1
        return cls(start * SECOND, past * SECOND, per_second)

    def expiry(self, place: int) -> Moment:
        """The end of a code that holds."""
        return self.start + place // self.per_second * SECOND

    def past_expiry(self, place: int) -> Moment:
        """The end of a code that is over."""
        return self.past + place // self.per_second * SECOND


class CodeTexts:
    """The texts of codes as a wire profile issues them, and tokens, one a second of expiry."""

    def __init__(self, profile: str, issuer: str) -> None:
        self._layouts, self._issuer = qr_layouts(profile), issuer
        protection = demo_keys().current().protection
        assert protection is not None, "the demo keys are whole"
        self._protection = protection
        self._last: tuple[Moment, str] = (0, "")

    def text(self, kind: CodeKind, card_id: str, token: str = "", issuer: str = "") -> str:
        """The text of a code of this platform, or of another issuer where the layout names it."""
        parts = {"card_id": card_id}
        if kind == "dynamic":
            parts["token"] = token
        if "{issuer}" in self._layouts.known[self._layouts.issues[kind]].template:
            parts["issuer"] = issuer or self._issuer
        return issued_text(kind, self._layouts, **parts)

    def token(self, expires_ms: Moment) -> str:
        """The validity token of a second."""
        if self._last[0] != expires_ms:
            self._last = (expires_ms, validity_token(self._protection, expires_ms))
        return self._last[1]


class Issuing:
    """Makes the issue of each kind; ``drawn`` gives what has to be random."""

    def __init__(self, cards: Cards, times: Times, texts: CodeTexts, drawn: random.Random) -> None:
        self._cards, self._times, self._texts, self._drawn = cards, times, texts, drawn
        self._first, self._stride = drawn.randrange(cards.holding), _stride(cards.holding)
        self._uses = load_ecard().limit("dynamic-code-uses")
        self._issued_ms = times.start - HOLDS

    def issue(self, kind: Kind, place: int) -> Issue:
        """The code of a kind at a place in the order of issue, from 0."""
        make = getattr(self, f"_{kind}")
        issue: Issue = make(place)
        return issue

    def _dynamic(self, place: int) -> Issue:
        """A code shown once."""
        return self._one("dynamic", self._card(place), self._times.expiry(place), ACCEPTED, key=place + 1)

    def _replayed(self, place: int) -> Issue:
        """A code shown twice: one of the two is accepted, whichever comes first."""
        one = self._one(
            "replayed", self._card(place), self._times.expiry(place), ACCEPTED, "code.consumed", key=place + 1
        )
        return Issue(one.rows, one.cases * 2)

    def _static(self, place: int) -> Issue:
        """The static code of a card that has one."""
        card_id = self._cards.card_id(self._cards.with_static(self._spread(place)))
        return Issue((), (Case("static", self._texts.text("static", card_id), frozenset({ACCEPTED}), IDENTIFYING),))

    def _forged(self, place: int) -> Issue:
        """By somebody without the keys: a token made up, or a card id."""
        if place % 2:
            text = self._texts.text("dynamic", self._card_id(place), self._made_up(BLOCK))
            return _shown("forged", text, "code.time-unreadable")
        token = self._texts.token(self._times.expiry(place))
        return _shown("forged", self._texts.text("dynamic", self._made_up(ID_BYTES), token), "code.foreign")

    def _grafted(self, place: int) -> Issue:
        """The card id of one card with the token that was issued for another."""
        donor, expires = self._card(place), self._times.expiry(place)
        taker = self._card_id(place + self._cards.holding // 2)
        text = self._texts.text("dynamic", taker, self._texts.token(expires))
        return Issue((self._row(donor, expires),), _shown("grafted", text, "code.grafted").cases)

    def _expired(self, place: int) -> Issue:
        """A code whose time is over."""
        return self._one("expired", self._card(place), self._times.past_expiry(place), "code.expired")

    def _superseded(self, place: int) -> Issue:
        """A code that a newer one replaced."""
        card, expires = self._card(place), self._times.expiry(place)
        return self._one("superseded", card, expires, "code.superseded", state=DynamicCodeState.REPLACED)

    def _cancelled(self, place: int) -> Issue:
        """A code of a card that was cancelled."""
        card = self._cards.cancelled(self._spread(place))
        # Few cards: each place has a second of its own.
        expires = self._times.start + place * SECOND
        return self._one("cancelled", card, expires, "account.cancelled", state=DynamicCodeState.DEAD)

    def _foreign(self, place: int) -> Issue:
        """A code of another province."""
        text = self._texts.text("dynamic", self._made_up(ID_BYTES), self._made_up(BLOCK), ELSEWHERE)
        return _shown("foreign", text, "code.foreign")

    def _one(
        self,
        kind: Kind,
        card: int,
        expires_ms: Moment,
        *expected: str,
        key: int = 0,
        state: DynamicCodeState = DynamicCodeState.ISSUED,
    ) -> Issue:
        text = self._texts.text("dynamic", self._cards.card_id(card), self._texts.token(expires_ms))
        case = Case(kind, text, frozenset(expected), STEP, key)
        return Issue((self._row(card, expires_ms, state),), (case,))

    def _row(self, card: int, expires_ms: Moment, state: DynamicCodeState = DynamicCodeState.ISSUED) -> tuple[Any, ...]:
        issued = (self._issued_ms, expires_ms, self._uses, APP, STEP, "", account_id(card))
        return (self._cards.card_id(card), self._texts.token(expires_ms), "dynamic", state.value, *issued)

    def _card(self, place: int) -> int:
        """The number of a card that holds, another one at each place until all were shown."""
        return self._cards.holding_card(self._spread(place))

    def _card_id(self, place: int) -> str:
        return self._cards.card_id(self._card(place))

    def _spread(self, place: int) -> int:
        return (self._first + place * self._stride) % self._cards.holding

    def _made_up(self, length: int) -> str:
        return self._drawn.randbytes(length).hex().upper()


def _shown(kind: Kind, text: str, outcome: str) -> Issue:
    """A case of which nothing is recorded."""
    return Issue((), (Case(kind, text, frozenset({outcome}), STEP),))


def _stride(holding: int) -> int:
    """A step that visits every card once, neighbouring places far from each other."""
    stride = int(holding * 0.618) | 1
    while math.gcd(stride, holding) != 1:
        stride += 1
    return stride
