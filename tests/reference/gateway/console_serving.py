"""The console over a platform with demo data, on a free loopback port, and a headless Chromium to look at it.

Chromium is Debian's package. Where it is not installed the tests are skipped, with that reason; under CI they fail.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select, update

from reference.ecard.verbs import Account, Register
from reference.gateway import demo
from reference.gateway.application import Gateway
from reference.gateway.console import routes
from reference.platform import Platform
from reference.serving import Surroundings
from reference.store import Store, audit
from reference.store.account_tables import accounts
from reference.store.audit import audit_lines
from tests.platform import TRUSTED, SettableClock, ToldRealNameCheck, ask, citizen, surroundings
from tests.reference.serving import SECONDS, listening

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = [
    "' OR '1'='1",
    "'; DROP TABLE accounts; --",
    '" UNION SELECT password_digest FROM operators --',
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}",
    "%",
    "%试",
    "_试",
    "\0",
    "a" * 5000,
]
"""Searches that would be code in a database, a page or a template."""
TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')


@dataclass
class Console:
    """A served console and what stands behind it."""

    address: str
    around: Surroundings
    clock: SettableClock
    real_name: ToldRealNameCheck

    def account(self, number: int = 1, name: str = "测试甲") -> Account:
        """A resident with a card."""
        return ask(
            self.around, Register(person=citizen(number, name, phone=f"1380000{number:04d}"), proof=TRUSTED), Account
        )

    def renamed(self, name: str) -> Account:
        """A resident with a name that the platform would not take today, as an older database may hold it."""
        account = self.account()
        with self.around.store.begin() as connection:
            connection.execute(update(accounts).where(accounts.c.index_id == account.index_id).values(name=name))
        return account

    def lines(self) -> list[tuple[str, str, str]]:
        """Actor, action and subject of the audit log, whose chain must hold."""
        with self.around.store.read() as connection:
            audit.check(connection)
            columns = (audit_lines.c.actor, audit_lines.c.action, audit_lines.c.subject)
            rows = connection.execute(select(*columns).order_by(audit_lines.c.number))
            return [(row.actor, row.action, row.subject) for row in rows]

    @contextmanager
    def client(self) -> Iterator[Desk]:
        """A desk without browser: forms are sent with the token of the page that they stand on."""
        with httpx.Client(
            base_url=self.address, timeout=SECONDS, trust_env=False, headers={"accept-language": "en"}
        ) as http:
            yield Desk(http)


@dataclass
class Desk:
    """An operator's desk over plain HTTP."""

    http: httpx.Client

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path, follow_redirects=True)

    def token(self, path: str) -> str:
        """The form token of a page."""
        found = TOKEN.search(self.get(path).text)
        assert found is not None, f"{path} has no form"
        return found.group(1)

    def send(self, path: str, page: str = "", **fields: str) -> httpx.Response:
        """Send a form of a page, by default of the one at the same path."""
        token = self.token(page or path)
        return self.http.post(path, data={"token": token, **fields}, follow_redirects=True)

    def sign_in(self, user_name: str = "demo-operator", password: str = demo.PASSWORD) -> httpx.Response:
        return self.send("/console/sign-in", user_name=user_name, password=password)

    def search(self, by: str, text: str) -> httpx.Response:
        return self.send("/console/search", by=by, text=text)

    def act(self, index_id: str, name: str, **fields: str) -> httpx.Response:
        """Send the form of an act, confirmed."""
        return self.send(f"/console/accounts/{index_id}/{name}", confirmed="yes", **fields)


@contextmanager
def console(store: Store) -> Iterator[Console]:
    """The console of a platform with demo data."""
    clock, real_name = SettableClock(), ToldRealNameCheck()
    around = surroundings(store, clock=clock, real_name=real_name)
    demo.furnish(around)
    platform = Platform(around)
    gateway = Gateway(platform, (), routes(platform))
    with listening(gateway) as address:
        yield Console(address, around, clock, real_name)


@contextmanager
def chromium_or_skip() -> Iterator[Browser]:
    """A headless Chromium; skips the test where there is none, but fails it under CI."""
    if CHROMIUM is None:
        reason = "no Chromium is installed: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
