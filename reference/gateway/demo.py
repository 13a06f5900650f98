"""A platform to try: institutions, applications and terminals with published secrets, and partners that say yes.

Everything here is for demonstration and test. Each secret is made of words that say so, none is ever drawn for real.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from reference.access import apps, institutions, operators, terminals
from reference.access.apps import AppOrder
from reference.access.terminals import Terminal
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import AddInstitution, Caller, Institution, Person, Proof
from reference.gateway.wire import Credentials
from reference.serving import RealNameResult, Surroundings

OPERATOR = Caller(profile="core", operator="demo")
INSTITUTION = Institution(code="510100001", name="演示市第一人民医院", kind="1", level="3")
TERMINAL = "5101000010300"
RECORD_NUMBER = "5101A0001ABCD0001"
USER_NAME = "demo-user"
PASSWORD = "demo-only-password"  # noqa: S105 - published, for demonstration
OPERATORS = {"demo-operator": "演示操作员", "demo-auditor": "演示审核员"}
"""Operators of the console by user name; both have the published password."""
PROFILES = ("sichuan", "qinghai", "guangdong", "wenzhou", "tencent")


def demo_secret(app_id: str) -> bytes:
    """The published secret of a demo application: 16 bytes."""
    return hashlib.new("sm3", f"demo secret of {app_id}, not for use".encode()).digest()[:16]


def demo_app_id(profile: str) -> str:
    """The demo application of a profile. Guangdong's ids have 36 characters, Qinghai's six."""
    return {"qinghai": "DEMOQH", "guangdong": "00000000-0000-4000-8000-00000000demo"}.get(profile, f"demo-{profile}")


def demo_credentials(profile: str) -> Credentials:
    """With what a demo client of a profile shows who it is."""
    app_id = demo_app_id(profile)
    return Credentials(
        app=app_id,
        secret=demo_secret(app_id),
        institution=INSTITUTION.code,
        user_name=USER_NAME,
        password=PASSWORD,
        terminal=TERMINAL,
        record_number=RECORD_NUMBER,
    )


def furnish(surroundings: Surroundings) -> None:
    """Put institution, terminal and one application a profile into an empty platform; what is there stays."""
    with _what_is_there_stays():
        institutions.add(surroundings, OPERATOR, AddInstitution(institution=INSTITUTION))
        institutions.set_password(surroundings, INSTITUTION.code, USER_NAME, PASSWORD, OPERATOR.name)
    for profile in PROFILES:
        with _what_is_there_stays():
            _furnish_app(surroundings, profile)
    for user_name, name in OPERATORS.items():
        with _what_is_there_stays():
            operators.add(surroundings, user_name, name, PASSWORD, {"*"}, OPERATOR.name)
    with _what_is_there_stays():
        terminals.register(surroundings, Terminal(TERMINAL, INSTITUTION.code, kind="window"), OPERATOR.name)


@contextmanager
def _what_is_there_stays() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        if refusal.id != "registry.already-registered":
            raise


def _furnish_app(surroundings: Surroundings, profile: str) -> None:
    app_id = demo_app_id(profile)
    order = AppOrder(
        app_id,
        f"demo {profile}",
        profile,
        institution=INSTITUTION.code,
        record_number=RECORD_NUMBER,
        scopes=frozenset({"*"}),
    )
    apps.apply(surroundings, order, OPERATOR.name, demo_secret(app_id))
    apps.change(surroundings, app_id, "approve", OPERATOR.name)


class DemoRealNameCheck:
    """Says of everybody that he is who he says."""

    def check(self, person: Person, proof: Proof, today: str) -> RealNameResult:
        """Always the same person."""
        return RealNameResult.SAME


class DemoBank:
    """Confirms every card whose one-time code is ``000000``."""

    def verify(self, person: Person, bank: str, number: str, phone: str, one_time_code: str) -> str:
        """A token made of the card's digest. Raises Refusal ``bank.not-verified`` for another one-time code."""
        if one_time_code != "000000":
            raise Refusal("bank.not-verified")
        return hashlib.new("sm3", f"{bank} {number}".encode()).hexdigest()[:32]

    def has_open_debt(self, bank: str, bank_token: str) -> bool:
        """Never."""
        return False


class NoBank:
    """No bank is connected."""

    def verify(self, person: Person, bank: str, number: str, phone: str, one_time_code: str) -> str:
        """Raises Refusal ``bank.unavailable``."""
        raise Refusal("bank.unavailable")

    def has_open_debt(self, bank: str, bank_token: str) -> bool:
        """Raises Refusal ``bank.unavailable``."""
        raise Refusal("bank.unavailable")
