"""Kiosk (自助机) and staffed window (人工窗口): registration inside an institution, codes on paper, temporary cards.

P-CHAN-02, P-CHAN-03 and P-FLOW-07: the resident brings a document; at the window a clerk sees it and is named, at the
kiosk a reader and a camera take his place. Who has no document gets a temporary card, where the profile knows them.
"""

from __future__ import annotations

from typing import Final

import msgspec

from reference.ecard.verbs import Account, ApplyCode, ApplyTemporary, Code, Person, Proof, Register, Temporary
from reference.qr.images import png
from reference.standard.ecard import load_ecard
from simulators.clients.connecting import Connection, named, registered
from simulators.clients.residents import app_proof, own_account, seen_by_clerk

KIOSK_MODE: Final = "2"
WINDOW_MODE: Final = "3"


class Issued(msgspec.Struct, frozen=True):
    """A card issued on the spot with its code, and the code's image as printed."""

    account: Account
    code: Code
    image: bytes


class Counter:
    """What kiosk and window have in common; ``mode`` is theirs in the code table application-mode."""

    mode = ""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def issue(self, person: Person) -> Issued:
        """Register on site and print: a static code, or where the profile has none by itself a dynamic one."""
        carries, line = self._connection.carries, self._connection.line
        mode = self.mode if carries.modes else ""
        account = registered(self._connection, Register(person=person, proof=self._proof(), mode=mode))
        who = named(carries, person.id_type, person.id_number, account.ecard_id)
        order = ApplyCode(who=who, kind="static", again=True) if carries.static else ApplyCode(who=who, refresh=True)
        code = line.ask(order)
        assert isinstance(code, Code), "an application is answered with the code"
        return Issued(account, code, drawn(code))

    def _proof(self) -> Proof:
        """How this counter makes sure of the person."""
        return app_proof(self._connection.carries)


class Kiosk(Counter):
    """A self-service device with document reader, camera and printer."""

    mode = KIOSK_MODE


class Window(Counter):
    """A staffed window; its clerk certifies with name and number (Qinghai E0006)."""

    mode = WINDOW_MODE

    def __init__(self, connection: Connection, clerk: Proof | None = None) -> None:
        super().__init__(connection)
        self._clerk = clerk or seen_by_clerk()

    def temporary(self, name: str, sex: str, age: int) -> tuple[Temporary, bytes]:
        """A temporary card with its printed code. Raises UnsupportedVerb where the profile has none."""
        order = ApplyTemporary(name=name, sex=sex, age=age, clinic_ms=self._connection.clock.now_ms())
        card = self._connection.line.ask(order)
        assert isinstance(card, Temporary), "the order is answered with the card"
        return card, png(card.number, 0, load_ecard().limit("qr-image-pixels"))

    def _proof(self) -> Proof:
        return self._clerk if self._connection.carries.window_proof == "on-site" else own_account()


COUNTERS: Final[dict[str, type[Counter]]] = {"kiosk": Kiosk, "window": Window}
"""By the name of the command that works each."""


def drawn(code: Code) -> bytes:
    """A code as the PNG of the standard size, in its holder's health colour."""
    return png(code.text, code.colour, load_ecard().limit("qr-image-pixels"))
