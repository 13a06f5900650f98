"""Issues codes in bulk and makes the cases that verify them, each with the outcomes that are right for it.

As in life a code is shown
soon after its issue: cases come in the order of issue, shuffled within two minutes of traffic, on cards spread over
all of the corpus. What is forged, grafted or foreign was never issued. Source: decision (correctness under load).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from load.cases import KINDS, Case, Kind
from load.corpus.bulk import loading
from load.corpus.cards import Cards
from load.corpus.kinds import CodeTexts, Issuing, Times
from load.corpus.rows import CODES
from reference.ecard.moments import Moment
from reference.gateway.settings import ServeSettings
from reference.store import Store
from reference.store.code_tables import codes

WINDOW_SECONDS: Final = 120
"""How far cases are shuffled from the order of issue (limits.toml, dynamic-validity-seconds)."""


class Mix(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The share of each kind, as weights. ``replayed`` codes are shown twice: two cases each."""

    dynamic: float = 1.0
    static: float = 0.0
    forged: float = 0.0
    grafted: float = 0.0
    expired: float = 0.0
    replayed: float = 0.0
    superseded: float = 0.0
    cancelled: float = 0.0
    foreign: float = 0.0


def cases_of(
    cards: Cards,
    store: Store,
    count: int,
    now_ms: Moment,
    *,
    mix: Mix | None = None,
    seed: int = 1,
    rate: float = 1000.0,
    profile: str = "sichuan",
    issuer: str = ServeSettings().issuer,
) -> Iterator[Case]:
    """Record the codes of about ``count`` cases in the database, then give the cases in the order of their use.

    ``rate``: verifications a second that the run will ask for. Raises what the store raises.
    """
    drawn = random.Random(seed)  # noqa: S311 - repeatable on purpose
    mix = mix or Mix()
    kinds: list[Kind] = list(KINDS)
    weights = [getattr(mix, kind) / (2 if kind == "replayed" else 1) for kind in kinds]
    times = Times.after_all_in(store, now_ms, count, rate, cards.holding)
    issuing = Issuing(cards, times, CodeTexts(profile, issuer), drawn)
    issues = [issuing.issue(kind, place) for place, kind in enumerate(drawn.choices(kinds, weights, k=count))]
    rows = [row for issue in issues for row in issue.rows]
    with loading(store, [codes], empty=False) as loader:
        loader.add(codes, CODES, rows)
    return shuffled((case for issue in issues for case in issue.cases), int(rate * WINDOW_SECONDS), drawn)


def shuffled(cases: Iterable[Case], window: int, drawn: random.Random) -> Iterator[Case]:
    """The cases, each moved by about ``window`` places."""
    held: list[Case] = []
    for case in cases:
        held.append(case)
        if len(held) > window:
            place = drawn.randrange(len(held))
            held[place], held[-1] = held[-1], held[place]
            yield held.pop()
    drawn.shuffle(held)
    yield from held
