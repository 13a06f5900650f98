"""What requests need at hand: applications with their opened secrets, institutions, terminals and signed-in passwords.

Every worker keeps what it looked up for a short while, so that a suspension takes effect everywhere within
`KEPT_MS`; of what was not found only a bounded number of terminals, so that nobody fills the memory with names.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from reference.access import apps, institutions, terminals
from reference.access.lives import APP, TERMINAL
from reference.ecard.moments import SECOND, china_text
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Institution
from reference.serving import Surroundings

KEPT_MS = 1000
"""How long a look-up is trusted. Source: decision."""
STRANGERS_KEPT = 4096
"""Ids of unregistered terminals that are remembered at most: many provinces let those read. Source: decision."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A working application with its secret."""

    app: apps.App
    secret: bytes


class Desk:
    """Looks up who sends a request. One a worker; may be asked from several threads."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._apps: dict[str, tuple[int, Admitted]] = {}
        self._institutions: dict[str, tuple[int, Institution]] = {}
        self._terminals: dict[str, tuple[int, terminals.Terminal]] = {}
        self._strangers: dict[str, int] = {}
        self._passwords: dict[str, tuple[int, bytes]] = {}
        self._dated = (-SECOND, "")
        self._process_key = surroundings.randomness.bytes(32)

    def sharing(self, surroundings: Surroundings) -> Desk:
        """A desk that knows what this one has looked up, and looks elsewhere for the rest."""
        other = Desk(surroundings)
        other._apps, other._institutions, other._terminals = self._apps, self._institutions, self._terminals
        other._strangers, other._passwords, other._process_key = self._strangers, self._passwords, self._process_key
        return other

    def app(self, app_id: str, profile: str) -> Admitted:
        """The application, when it speaks this wire profile and may work now.

        Raises Refusal ``request.unknown-app``, ``request.app-suspended`` and ``request.app-expired``.
        """
        now = self._surroundings.clock.now_ms()
        kept = self._apps.get(app_id)
        if kept is None or kept[0] <= now:
            with self._surroundings.store.read() as connection:
                app = apps.find(connection, app_id)
            if app is None:
                raise Refusal("request.unknown-app", "app_id")
            if kept is not None and kept[1].app.sealed_secret == app.sealed_secret:
                secret = kept[1].secret  # the crypto machine need not open the same again
            else:
                secret = apps.secret_of(self._surroundings, app)
            kept = (now + KEPT_MS, Admitted(app, secret))
            self._apps[app_id] = kept
        admitted = kept[1]
        if admitted.app.profile != profile:
            raise Refusal("request.unknown-app", "app_id")
        if admitted.app.state not in APP.working:
            raise Refusal("request.app-suspended", "app_id")
        if admitted.app.valid_until_ms is not None and now >= admitted.app.valid_until_ms:
            raise Refusal("request.app-expired", "app_id")
        return admitted

    def institution(self, code: str) -> Institution:
        """The institution, when it may use the platform today.

        Raises Refusal ``request.unknown-institution`` and ``request.institution-suspended``.
        """
        now = self._surroundings.clock.now_ms()
        kept = self._institutions.get(code)
        if kept is None or kept[0] <= now:
            try:
                with self._surroundings.store.read() as connection:
                    kept = (now + KEPT_MS, institutions.found(connection, code))
            except Refusal:
                raise Refusal("request.unknown-institution", "institution") from None
            self._institutions[code] = kept
        if not institutions.is_open(kept[1], self._today(now)):
            raise Refusal("request.institution-suspended", "institution")
        return kept[1]

    def _today(self, now_ms: int) -> str:
        """The date in China, written once a second."""
        if now_ms - self._dated[0] >= SECOND or now_ms < self._dated[0]:
            self._dated = (now_ms // SECOND * SECOND, china_text(now_ms, "yyyyMMdd"))
        return self._dated[1]

    def terminal(self, terminal_id: str) -> terminals.Terminal:
        """The terminal, when it is in service. Raises Refusal ``request.unknown-terminal``, ``terminal-blocked``."""
        now = self._surroundings.clock.now_ms()
        kept = self._terminals.get(terminal_id)
        if kept is None or kept[0] <= now:
            if self._strangers.get(terminal_id, 0) > now:
                raise Refusal("request.unknown-terminal", "terminal")
            with self._surroundings.store.read() as connection:
                terminal = terminals.find(connection, terminal_id)
            if terminal is None:
                if len(self._strangers) >= STRANGERS_KEPT:
                    self._strangers.clear()
                self._strangers[terminal_id] = now + KEPT_MS
                raise Refusal("request.unknown-terminal", "terminal")
            kept = (now + KEPT_MS, terminal)
            self._terminals[terminal_id] = kept
        if kept[1].state not in TERMINAL.working:
            raise Refusal("request.terminal-blocked", "terminal")
        return kept[1]

    def sign_in(self, institution: str, user_name: str, password: str) -> None:
        """Raise Refusal ``request.wrong-password`` unless these are the institution's.

        The password's slow digest is computed once in a while; in between a keyed digest of this process serves.
        """
        now = self._surroundings.clock.now_ms()
        seen = hmac.digest(self._process_key, f"{institution}\n{user_name}\n{password}".encode(), "sha256")
        kept = self._passwords.get(institution)
        if kept is not None and kept[0] > now and hmac.compare_digest(kept[1], seen):
            return
        with self._surroundings.store.read() as connection:
            right = institutions.knows_password(connection, institution, user_name, password)
        if not right:
            raise Refusal("request.wrong-password", "password")
        self._passwords[institution] = (now + KEPT_MS, seen)
