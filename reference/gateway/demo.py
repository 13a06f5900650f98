"""A platform to try: institutions, applications and terminals with published secrets, and partners that say yes.

Everything here is for demonstration and test. Each secret is made of words that say so, none is ever drawn for real.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import insert

from reference.access import apps, institutions, operators, terminals
from reference.access.lives import APP
from reference.access.terminals import Terminal
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import AddInstitution, Caller, Institution, Person, Proof
from reference.gateway.wire import Credentials
from reference.serving import RealNameResult, Surroundings
from reference.store.access_tables import apps as apps_table

OPERATOR = Caller(profile="core", operator="demo")
INSTITUTION = Institution(code="510100001", name="演示市第一人民医院", kind="1", level="3")
TERMINAL = "5101000010300"
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
        record_number="5101A0001ABCD0001",
    )


def furnish(surroundings: Surroundings) -> None:
    """Put institution, terminal and one application a profile into an empty platform; what is there stays."""
    try:
        institutions.add(surroundings, OPERATOR, AddInstitution(institution=INSTITUTION))
        institutions.set_password(surroundings, INSTITUTION.code, USER_NAME, PASSWORD, OPERATOR.name)
    except Refusal as refusal:
        if refusal.id != "registry.already-registered":
            raise
    for profile in PROFILES:
        _furnish_app(surroundings, profile)
    for user_name, name in OPERATORS.items():
        _furnish_operator(surroundings, user_name, name)
    try:
        terminals.register(surroundings, Terminal(TERMINAL, INSTITUTION.code, kind="window"), OPERATOR.name)
    except Refusal as refusal:
        if refusal.id != "registry.already-registered":
            raise


def _furnish_operator(surroundings: Surroundings, user_name: str, name: str) -> None:
    try:
        operators.add(surroundings, user_name, name, PASSWORD, {"*"}, OPERATOR.name)
    except Refusal as refusal:
        if refusal.id != "registry.already-registered":
            raise


def _furnish_app(surroundings: Surroundings, profile: str) -> None:
    app_id, now = demo_app_id(profile), surroundings.clock.now_ms()
    sealed = apps.seal(surroundings, app_id, demo_secret(app_id))
    with surroundings.store.begin() as connection:
        if apps.find(connection, app_id) is None:
            connection.execute(
                insert(apps_table).values(
                    app_id=app_id,
                    name=f"demo {profile}",
                    profile=profile,
                    institution=INSTITUTION.code,
                    state=APP.working[0],
                    sealed_secret=sealed,
                    record_number="5101A0001ABCD0001",
                    scopes="*",
                    valid_from_ms=now,
                    changed_ms=now,
                )
            )


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
