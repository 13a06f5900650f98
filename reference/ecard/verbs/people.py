"""Who is spoken of and who speaks: callers, residents, accounts, and the ways to name them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Hex64 = Annotated[str, msgspec.Meta(pattern="^[0-9A-F]{64}$")]
"""An index id or a card id."""
CodeKind = Literal["static", "dynamic"]


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all messages: immutable, and strict about what it does not know."""


class Caller(Record, frozen=True, kw_only=True):
    """Who asks, once the access platform has let him in. One of app and institution may be empty."""

    profile: str
    app: str = ""
    institution: str = ""
    terminal: str = ""
    channel: str = ""
    operator: str = ""
    scopes: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The name in the audit log."""
        return self.app or self.institution or self.operator


class Person(Record, frozen=True, kw_only=True):
    """A resident as a client describes him. Only document and name are needed everywhere."""

    id_type: str
    id_number: str
    name: str
    sex: str = ""
    birthday: str = ""
    nation: str = ""
    nationality: str = ""
    phone: str = ""
    telephone: str = ""
    address: str = ""
    domicile: str = ""
    employer: str = ""
    marital_status: str = ""

    def __repr__(self) -> str:
        """Nothing personal: messages end in logs and failed assertions."""
        return "«Person»"


class Child(Record, frozen=True, kw_only=True):
    """What is known of a child beside himself (Guangdong personnelType 2, Qinghai E0016)."""

    guardian_id_type: str = ""
    guardian_id_number: str = ""
    mother_name: str = ""
    multiple_birth: bool = False
    birth_order: int = 0

    def __repr__(self) -> str:
        return "«Child»"


class Proof(Record, frozen=True, kw_only=True):
    """How the real name was, or is to be, checked.

    ``way``: ``online`` (face and document photos), ``on-site`` (a clerk saw the document) or ``trusted`` (the app has
    a real-name account of its own). Photos are image files.
    """

    way: Literal["online", "on-site", "trusted"]
    photo_front: bytes = b""
    photo_back: bytes = b""
    photo_face: bytes = b""
    clerk_id_number: str = ""
    clerk_name: str = ""

    def __repr__(self) -> str:
        return f"«Proof {self.way}»"


class Who(Record, frozen=True, kw_only=True):
    """One resident, named by exactly one of document, card id, index id, or the text of a code."""

    id_type: str = ""
    id_number: str = ""
    ecard_id: str = ""
    index_id: str = ""
    code: str = ""

    def __repr__(self) -> str:
        return "«Who»"


class Account(Record, frozen=True, kw_only=True):
    """A resident's account. ``state`` is a state of `states.toml`; ``new`` whether this request made it."""

    person: Person
    index_id: Hex64
    ecard_id: Hex64
    state: str
    colour: int = 0
    registered_ms: int
    updated_ms: int
    institution: str = ""
    new: bool = False


class Code(Record, frozen=True, kw_only=True):
    """A code as issued: its text, and how long and how often it holds. No limit where None."""

    text: str
    kind: CodeKind
    ecard_id: Hex64
    issued_ms: int
    expires_ms: int | None = None
    uses_left: int | None = None
    colour: int = 0


class Done(Record, frozen=True, kw_only=True):
    """It is done; there is nothing to tell."""
