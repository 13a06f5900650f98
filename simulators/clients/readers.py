"""Who reads codes: the QR terminal (识读终端) at any step of care, and the doctor's workstation (医生工作站).

A reader scans, judges whose code it is before anything is sent, and verifies at its step in the name of its terminal
(Qinghai E0003: sam, medstep_code). The doctor verifies at the consultation and then looks the account up.
"""

from __future__ import annotations

from typing import Final

import msgspec

from reference.ecard.classification import Classification, CodeOwner, classify
from reference.ecard.verbs import AccountWithCodes, Query, Temporary, Verified, Verify, VerifyTemporary
from reference.front_end.reading import is_temporary
from simulators.clients.connecting import Connection, named
from simulators.clients.scanning import scan

REGISTRATION: Final = "010101"
CONSULTATION: Final = "010102"
"""Steps of care (code table diagnosis-step)."""


class NotOurCode(Exception):
    """A code of another system, or of nobody that is known: it is not sent to the platform."""

    def __init__(self, found: Classification) -> None:
        super().__init__(f"{found.owner} {found.form}".strip())
        self.found = found


class Scanned(msgspec.Struct, frozen=True):
    """What a reader shows: the code's form, and whose card it is, formal or temporary."""

    found: Classification
    verified: Verified | None = None
    temporary: Temporary | None = None


class QrTerminal:
    """A reader terminal at one step of care."""

    def __init__(self, connection: Connection, step: str = REGISTRATION) -> None:
        self._connection, self._step = connection, step

    def read_image(self, image: bytes) -> Scanned:
        """Scan an image and verify its code. Raises UnreadableImage, NotOurCode, and as `Line.ask`."""
        return self.read(scan(image))

    def read(self, text: str) -> Scanned:
        """Verify a scanned text. Raises NotOurCode, and as `Line.ask`."""
        found = classify(text)
        if found.owner not in (CodeOwner.EHC_NATIONAL, CodeOwner.EHC_LOCAL):
            raise NotOurCode(found)
        if is_temporary(found.form):
            temporary = self._connection.line.ask(VerifyTemporary(number=text))
            assert isinstance(temporary, Temporary), "a temporary card is answered with it"
            return Scanned(found, temporary=temporary)
        verified = self._connection.line.ask(Verify(text=text, step=self._step))
        assert isinstance(verified, Verified), "a verification is answered with the code's holder"
        return Scanned(found, verified=verified)


class Workstation:
    """A doctor's workstation: reads at the consultation, and sees the account with its codes."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._reader = connection, QrTerminal(connection, CONSULTATION)

    def receive(self, image: bytes) -> AccountWithCodes:
        """The account of the patient whose code is shown. Raises as `QrTerminal.read_image`."""
        scanned = self._reader.read_image(image)
        if scanned.verified is None:
            raise NotOurCode(scanned.found)
        account = scanned.verified.account
        person = account.person
        who = named(self._connection.carries, person.id_type, person.id_number, account.ecard_id)
        found = self._connection.line.ask(Query(who=who))
        assert isinstance(found, AccountWithCodes), "a query is answered with the account"
        return found
