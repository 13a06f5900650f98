"""The resident's app or WeChat page (手机端): registers, shows the code and renews it in time, keeps the family.

P-CHAN-01, online first. The screen asks for a fresh dynamic code before the shown one expires (Wenzhou: after expiry or
on a tap; limit display-refresh-seconds). Family members are bound at the platform where the profile has a service for
it, else registered and kept by the app, at most five.
"""

from __future__ import annotations

from typing import Final

import msgspec

from reference.ecard.moments import SECOND
from reference.ecard.verbs import Account, ApplyCode, BindMember, Code, Person, Register
from reference.gateway.wire import UnsupportedVerb
from reference.standard.ecard import load_ecard
from simulators.clients.connecting import Connection, named, registered
from simulators.clients.residents import app_proof

APP_MODE: Final = "1"
MARGIN: Final = 5 * SECOND
"""A code is renewed so long before it expires, at the latest."""


class Card(msgspec.Struct, frozen=True):
    """A card on the phone: the holder's own or a member's, with the relation to the holder (GB/T 4761, 0: self)."""

    name: str
    id_type: str
    id_number: str
    ecard_id: str
    index_id: str
    relation: str = "0"

    def __repr__(self) -> str:
        return "«Card»"


class Shown(msgspec.Struct, frozen=True):
    """A code on the screen, and when the app asks for the next."""

    code: Code
    renew_ms: int


class FullFamily(Exception):
    """The app keeps as many members as are allowed."""


class ResidentApp:
    """One phone: a holder and his family."""

    def __init__(self, connection: Connection, holder: Card | None = None, members: tuple[Card, ...] = ()) -> None:
        self._connection, self.holder, self.members = connection, holder, members

    def register(self, person: Person) -> Account:
        """Register the holder; the same person again gets the same card. Raises as `Line.ask`."""
        account = self._registered(person)
        self.holder = _card(person, account)
        return account

    def add_member(self, person: Person, relation: str) -> Account:
        """Add a member of the family. Raises FullFamily, and as `Line.ask`; ValueError before the holder registered."""
        holder = self._holder()
        others = tuple(card for card in self.members if card.id_number != person.id_number)
        if len(others) >= load_ecard().limit("family-members"):
            raise FullFamily
        who = named(self._connection.carries, holder.id_type, holder.id_number, holder.ecard_id)
        bind = BindMember(who=who, member=person, relation=relation, proof=app_proof(self._connection.carries))
        self.show_code()  # a card binds members once its first code has made it normal (Qinghai 7003)
        try:
            account = self._connection.line.ask(bind)
        except UnsupportedVerb:
            account = self._registered(person)
        assert isinstance(account, Account), "both verbs are answered with the account"
        self.members = (*others, msgspec.structs.replace(_card(person, account), relation=relation))
        return account

    def show_code(self, card: Card | None = None) -> Shown:
        """A fresh dynamic code of the holder, or of a member. Raises as `Line.ask`."""
        card = card or self._holder()
        who = named(self._connection.carries, card.id_type, card.id_number, card.ecard_id)
        code = self._connection.line.ask(ApplyCode(who=who, kind="dynamic", refresh=True))
        assert isinstance(code, Code), "an application is answered with the code"
        now_ms = self._connection.clock.now_ms()
        renew_ms = now_ms + load_ecard().limit("display-refresh-seconds") * SECOND
        if code.expires_ms is not None:
            renew_ms = min(renew_ms, max(code.expires_ms - MARGIN, now_ms + SECOND))
        return Shown(code, renew_ms)

    def _registered(self, person: Person) -> Account:
        carries = self._connection.carries
        order = Register(person=person, proof=app_proof(carries), mode=APP_MODE if carries.modes else "")
        return registered(self._connection, order)

    def _holder(self) -> Card:
        if self.holder is None:
            raise ValueError("nobody is registered on this phone")
        return self.holder


def _card(person: Person, account: Account) -> Card:
    return Card(person.name, person.id_type, person.id_number, account.ecard_id, account.index_id)
