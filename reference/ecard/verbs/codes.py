"""QR codes (二维码管理): application, verification, printing, and the uses that are told afterwards."""

from __future__ import annotations

from typing import Literal

from reference.ecard.verbs.people import Account, Code, CodeKind, Person, Record, Who


class ApplyCode(Record, frozen=True, kw_only=True, tag=True):
    """Apply for a code (P-ECARD-06, P-ECARD-07). Answer: `Code`.

    Without ``kind`` the platform chooses by ``scene``. ``refresh`` replaces a dynamic code that still holds, as a
    display does on a tap; without it such an application is refused (2006). ``again`` returns the static code that
    was issued before, for printing it again; without it that is refused (2004).
    """

    who: Who
    kind: CodeKind | None = None
    scene: str = ""
    payment: str = ""
    refresh: bool = False
    again: bool = False


class Verify(Record, frozen=True, kw_only=True, tag=True):
    """Verify a code at a step of care (P-ECARD-08). Answer: `Verified`.

    ``kinds`` limits what is admitted beyond what the step allows; ``request`` is the client's own number of the
    request and makes a repeated one recognisable in the use records.
    """

    text: str
    step: str = ""
    kinds: tuple[CodeKind, ...] = ("static", "dynamic")
    request: str = ""

    def __repr__(self) -> str:
        return "«Verify»"


class Verified(Record, frozen=True, kw_only=True):
    """An accepted code: whose it is and what is left of it."""

    account: Account
    kind: CodeKind
    expires_ms: int | None = None
    uses_left: int | None = None


class PrintCode(Record, frozen=True, kw_only=True, tag=True):
    """Print the static code (二维码打印). Answer: `Print`. Every print is kept in the print log.

    ``medium``: ``label``, ``slip``, ``wristband`` or ``booklet``; ``format``: ``png`` or ``svg``.
    """

    who: Who
    medium: str
    format: Literal["png", "svg"] = "png"
    reason: str = ""


class Print(Record, frozen=True, kw_only=True):
    """A printed code: the image and how often it was printed now."""

    code: Code
    image: bytes
    number: int


class RevokeCode(Record, frozen=True, kw_only=True, tag=True):
    """Revoke the static code, a lost print. Answer: `Done`."""

    who: Who
    reason: str = ""


class SetColour(Record, frozen=True, kw_only=True, tag=True):
    """Set the health colour: 0 black, 1 green, 2 yellow, 3 red (Tencent getDynamicQRCode). Answer: `Account`."""

    who: Who
    colour: int


class ReportedUse(Record, frozen=True, kw_only=True):
    """One use of a card that an institution tells afterwards."""

    serial: str
    card: str
    used_ms: int
    medium: Literal["electronic", "physical"] = "electronic"
    terminal: str = ""
    channel: str = ""
    step: str = ""
    department: str = ""
    cost_type: str = ""
    city: str = ""
    """Where the card was used, GB/T 2260 (Qinghai E0009)."""
    reset_number: str = ""
    """What a physical card told of itself on reset: codes of chip and card vendor, serial number (Qinghai E0009)."""
    holder: Person | None = None
    """The holder as a physical card tells him (Qinghai E0009)."""


class ReportUses(Record, frozen=True, kw_only=True, tag=True):
    """Upload uses of cards (Sichuan usecarddate, Qinghai E0009, Tencent reportHISData). Answer: `Reported`."""

    uses: tuple[ReportedUse, ...]


class Reported(Record, frozen=True, kw_only=True):
    """How many uses were kept, and how many had been told before."""

    kept: int
    known: int
