"""A whole platform for a test: its surroundings, seeded, with a clock that the test sets and partners that it tells.

Services are called as the gateway calls them: ``service_of(verb)(surroundings, caller, verb)``, through `ask`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, TypeVar

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Answer, Caller, Person, Proof, Verb
from reference.keys.key_file import demo_keys
from reference.keys.software_machine import SoftwareCryptoMachine
from reference.ports import CryptoMachine
from reference.serving import RealNameResult, Surroundings, service_of
from reference.standard.ecard import load_ecard
from reference.store import Store
from simulators.sources import SeededRandomness

A = TypeVar("A")

NOON_MS = 1_767_240_000_000
"""2026-01-01, noon in China: when a test's platform starts."""
SECOND_MS = 1_000
DAY_MS = 86_400_000
WINDOW = Caller(profile="core", app="window-app", institution="510100001", terminal="5101000010001", channel="01")
AUDITOR = Caller(profile="core", app="centre-app", institution="510100900", operator="auditor")
ONLINE = Proof(way="online", photo_face=b"\x89PNG\r\n\x1a\nface", photo_front=b"\x89PNG\r\n\x1a\nfront")
ON_SITE = Proof(way="on-site", clerk_id_number="990000198001010019", clerk_name="经办人甲")
TRUSTED = Proof(way="trusted")


@dataclass
class SettableClock:
    """A platform's clock that stands until the test moves it."""

    at_ms: int = NOON_MS

    def now_ms(self) -> int:
        return self.at_ms

    def advance(self, *, seconds: int = 0, days: int = 0) -> None:
        self.at_ms += seconds * SECOND_MS + days * DAY_MS


@dataclass
class ToldRealNameCheck:
    """A real-name check that says what the test tells it to, for everybody or for one document."""

    says: RealNameResult = RealNameResult.SAME
    of_number: dict[str, RealNameResult] = field(default_factory=dict)
    available: bool = True
    asked: int = 0

    def check(self, person: Person, proof: Proof, today: str) -> RealNameResult:
        self.asked += 1
        if not self.available:
            raise Refusal("person.real-name-unavailable")
        return self.of_number.get(person.id_number, self.says)


@dataclass
class ToldBank:
    """A bank that confirms or refuses as the test tells it to; its token is made of the card's last digits."""

    confirms: bool = True
    available: bool = True
    debts: set[str] = field(default_factory=set)

    def verify(self, person: Person, bank: str, number: str, phone: str, one_time_code: str) -> str:
        self._answer()
        if not self.confirms:
            raise Refusal("bank.not-verified")
        return f"{bank}-token-{number[-6:]}"

    def has_open_debt(self, bank: str, bank_token: str) -> bool:
        self._answer()
        return bank_token in self.debts

    def _answer(self) -> None:
        if not self.available:
            raise Refusal("bank.unavailable")


def surroundings(
    store: Store,
    *,
    seed: int = 1,
    clock: SettableClock | None = None,
    real_name: ToldRealNameCheck | None = None,
    bank: ToldBank | None = None,
    machine: CryptoMachine | None = None,
) -> Surroundings:
    """The surroundings of a platform with the published keys; two of one seed behave alike, call by call."""
    return Surroundings(
        store=store,
        machine=machine or SoftwareCryptoMachine(demo_keys()),
        clock=clock or SettableClock(),
        randomness=SeededRandomness(seed),
        tables=load_ecard(),
        real_name=real_name or ToldRealNameCheck(),
        bank=bank or ToldBank(),
    )


def ask(surroundings: Surroundings, verb: Verb, answer: type[A], caller: Caller = WINDOW) -> A:
    """The answer of the verb's service, which must be of the kind that the test expects."""
    given: Answer = service_of(type(verb))(surroundings, caller, verb)
    assert isinstance(given, answer)
    return given


def citizen(number: int = 1, name: str = "测试甲", **fields: Any) -> Person:
    """A made-up adult man with a citizen number of region 990000, born on 1990-01-01; ``number`` 1 to 499."""
    return Person(id_type="01", id_number=citizen_number(2 * number - 1), name=name, **fields)


def citizen_number(sequence: int, region: str = "990000", birthday: str = "19900101") -> str:
    """A citizen number with its check digit (GB 11643); ``sequence`` is odd for a man. Region 99 is nobody's."""
    digits = f"{region}{birthday}{sequence:03d}"
    weighted = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(digits))
    return digits + "10X98765432"[weighted % 11]


def citizens() -> itertools.count[int]:
    """Endless numbers for `citizen`."""
    return itertools.count(1)
