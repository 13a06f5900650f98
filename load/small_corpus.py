"""A small corpus through the platform's own services: some hundred cards with one kind of code each, and their cases.

What the self-test of the load tool asks the reference server; larger corpora are filled into the database directly.
Source: decision. The numbers of the made-up residents are of region 99, which is nobody's.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from load.cases import Case, Kind
from reference.ecard.id_numbers import check_character
from reference.ecard.qr_text import QrText, format_text, parse
from reference.ecard.verbs import Answer, ApplyCode, Caller, Cancel, Code, Person, Proof, Register, Verb, Who
from reference.qr.in_force import layouts_of
from reference.qr.use_log import ACCEPTED
from reference.serving import PlatformClock, Surroundings, service_of

STEP = "010101"
TOKEN_DIGITS = 32
CARD_ID_DIGITS = 64
LONG_AGO_MS = 3_600_000
MOMENT_AGO_MS = 2_000
ON_SITE = Proof(way="on-site", clerk_id_number="990000198001010019", clerk_name="经办人甲")
TURN: tuple[Kind, ...] = (
    *("dynamic", "replayed", "static", "dynamic", "replayed", "dynamic", "static"),
    *("forged", "grafted", "superseded", "cancelled", "foreign", "expired"),
)
"""The kinds in turn, card by card."""


@dataclass(frozen=True)
class _Late:
    """A clock that is late by some milliseconds."""

    clock: PlatformClock
    by_ms: int

    def now_ms(self) -> int:
        return self.clock.now_ms() - self.by_ms


class SmallCorpus:
    """Makes cards and cases on one platform. The same seed on an empty platform makes the same persons and order."""

    def __init__(self, surroundings: Surroundings, profile: str, seed: int) -> None:
        self._around = surroundings
        self._caller = Caller(profile=profile, app="load-corpus", institution="510100001")
        self._layouts = layouts_of(profile, surroundings.tables)
        self._chance = random.Random(seed)  # noqa: S311 - reproducible cases, no secret
        self._persons = _persons()
        self._keys = 0

    def cases(self, count: int) -> list[Case]:
        """At least ``count`` cases, shuffled; static codes are shown again and again, single-use ones as they allow."""
        made: list[Case] = []
        turn = 0
        while len(made) < count:
            made += self._makers[TURN[turn % len(TURN)]](self)
            turn += 1
        self._chance.shuffle(made)
        return made

    def _dynamic(self) -> list[Case]:
        return [self._case("dynamic", self._code("dynamic").text, ACCEPTED, single=True)]

    def _replayed(self) -> list[Case]:
        return [self._case("replayed", self._code("dynamic").text, ACCEPTED, "code.consumed", single=True)] * 2

    def _static(self) -> list[Case]:
        return [self._case("static", self._code("static").text, ACCEPTED)] * 3

    def _forged(self) -> list[Case]:
        """A token of chance: it does not decipher to a time, or to one that was never issued."""
        read = self._read(self._code("dynamic"))
        token = self._digits(TOKEN_DIGITS)
        return [self._altered("forged", read, "code.forged", "code.time-unreadable", "code.grafted", token=token)]

    def _grafted(self) -> list[Case]:
        """The token of one card on another card that never had a dynamic code."""
        donor, bare = self._read(self._code("dynamic")), self._read(self._code("static"))
        return [self._altered("grafted", donor, "code.grafted", card_id=bare.card_id)]

    def _superseded(self) -> list[Case]:
        """Replaced a moment later, on a clock of an earlier second: two codes of one second would be the same."""
        who = self._card()
        slow = replace(self._around, clock=_Late(self._around.clock, MOMENT_AGO_MS))
        old = self._ask(ApplyCode(who=who, kind="dynamic"), slow)
        self._ask(ApplyCode(who=who, kind="dynamic", refresh=True))
        return [self._case("superseded", _code(old).text, "code.superseded")]

    def _cancelled(self) -> list[Case]:
        who = self._card()
        code = _code(self._ask(ApplyCode(who=who, kind="static")))
        self._ask(Cancel(who=who))
        return [self._case("cancelled", code.text, "account.cancelled")]

    def _foreign(self) -> list[Case]:
        read = self._read(self._code("static"))
        return [self._altered("foreign", read, "code.foreign", card_id=self._digits(CARD_ID_DIGITS))]

    def _expired(self) -> list[Case]:
        earlier = replace(self._around, clock=_Late(self._around.clock, LONG_AGO_MS))
        code = _code(self._ask(ApplyCode(who=self._card(), kind="dynamic"), earlier))
        return [self._case("expired", code.text, "code.expired")]

    _makers: ClassVar[dict[Kind, Callable[[SmallCorpus], list[Case]]]] = {
        "dynamic": _dynamic,
        "replayed": _replayed,
        "static": _static,
        "forged": _forged,
        "grafted": _grafted,
        "superseded": _superseded,
        "cancelled": _cancelled,
        "foreign": _foreign,
        "expired": _expired,
    }

    def _case(self, kind: Kind, text: str, *expected: str, single: bool = False) -> Case:
        self._keys += single
        return Case(kind, text, frozenset(expected), STEP, self._keys if single else 0)

    def _altered(self, kind: Kind, read: QrText, *expected: str, **parts: str) -> Case:
        changed = {name: getattr(read, name) for name in QrText.__struct_fields__} | parts
        return self._case(kind, format_text(QrText(**changed), self._layouts), *expected)

    def _code(self, kind: str) -> Code:
        return _code(self._ask(ApplyCode(who=self._card(), kind="static" if kind == "static" else "dynamic")))

    def _read(self, code: Code) -> QrText:
        return parse(code.text, self._layouts)

    def _card(self) -> Who:
        """A new resident's card."""
        person = next(self._persons)
        self._ask(Register(person=person, proof=ON_SITE))
        return Who(id_type=person.id_type, id_number=person.id_number)

    def _ask(self, verb: Verb, around: Surroundings | None = None) -> Answer:
        return service_of(type(verb))(around or self._around, self._caller, verb)

    def _digits(self, count: int) -> str:
        return f"{self._chance.getrandbits(4 * count):0{count}X}"


def _code(answer: Answer) -> Code:
    assert isinstance(answer, Code), "ApplyCode is answered with a code"
    return answer


def _persons() -> Iterator[Person]:
    """Made-up residents, born day by day from 1950 on."""
    for year in range(1950, 2000):
        for day in range(365):
            birthday = f"{year}{day // 31 % 12 + 1:02d}{day % 28 + 1:02d}"
            first17 = f"990000{birthday}{2 * (day // 28) + 1:03d}"
            yield Person(id_type="01", id_number=first17 + check_character(first17), name=f"负载{year}{day}")
