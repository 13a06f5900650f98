"""What in-house systems send, and what they are answered: JSON, unknown fields refused.

Every answer is ``{"code", "message", "message_en", "data"}``; ``code`` is ``ok`` or the id of a reason. Persons, cards
and uses are written as the platform's core verbs have them. The field call of readers (EC 4.10) keeps its own form.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from reference.ecard.classification import CodeOwner
from reference.ecard.verbs import Child, CodeKind, Person, Proof, ReportedUse, Temporary, Verified, Who


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all requests: the in-house terminal that asks."""

    terminal: str

    def __repr__(self) -> str:
        """Nothing personal."""
        return f"«{type(self).__name__} {self.terminal}»"


class ReadCode(Asked, frozen=True, kw_only=True):
    """Read and verify a scanned code. ``request`` is the terminal's number of this reading, new for each scan."""

    text: str
    step: str = ""
    request: str = ""
    kinds: tuple[CodeKind, ...] = ("static", "dynamic")


class ApplyForCode(Asked, frozen=True, kw_only=True):
    """Apply for a code of a resident."""

    who: Who
    kind: CodeKind | None = None
    scene: str = ""
    payment: str = ""
    refresh: bool = False
    again: bool = False


class RegisterResident(Asked, frozen=True, kw_only=True):
    """Register a resident."""

    person: Person
    proof: Proof
    child: Child | None = None
    mode: str = ""


class QueryResident(Asked, frozen=True, kw_only=True):
    """Look up a resident's account."""

    who: Who


class TellUses(Asked, frozen=True, kw_only=True):
    """Uses of cards; terminal, department and channel are filled in where a use leaves them out."""

    uses: tuple[ReportedUse, ...]


class TemporaryCard(Asked, frozen=True, kw_only=True):
    """A temporary card for somebody without document, who arrives now."""

    name: str
    sex: str
    age: int


class DataType(msgspec.Struct, frozen=True):
    """Department and step of the field call."""

    medSectionCode: str = ""
    medStepCode: str = ""


class FieldCall(msgspec.Struct, frozen=True):
    """The call of fielded readers (EC 4.10): ``search`` reads a code, ``searchIdCard`` looks a citizen number up.

    The terminal is organisation and department code together, as terminals are named (Qinghai, Sichuan).
    """

    content: str
    organizationCode: str
    serialNumber: str
    method: Literal["search", "searchIdCard"]
    dataType: DataType

    def __repr__(self) -> str:
        return f"«FieldCall {self.method}»"


class Part(msgspec.Struct, frozen=True):
    """What came of one part of a scanned code: ``outcome`` is ``ok`` or the id of a reason."""

    owner: CodeOwner
    form: str
    outcome: str
    message: str = ""
    """The owner's own words, where it refused."""
    verified: Verified | None = None
    temporary: Temporary | None = None
    told: dict[str, str] = {}


class Read(msgspec.Struct, frozen=True):
    """A scanned code with its parts; ``repeated``: the answer was given before to this very request."""

    outcome: str
    parts: tuple[Part, ...]
    repeated: bool = False

    @property
    def expires_ms(self) -> int | None:
        """When the first of its parts expires."""
        ends = [part.verified.expires_ms for part in self.parts if part.verified and part.verified.expires_ms]
        return min(ends, default=None)


class Said(msgspec.Struct, frozen=True):
    """An answer. ``field`` names the field at fault, ``platform`` the wire profile's own code and words."""

    code: str
    message: str
    message_en: str
    data: Any = None
    field: str = ""
    platform: dict[str, str] = {}
