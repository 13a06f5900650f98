"""What hangs on an account: family, temporary cards, bank cards, other cards of the same person."""

from __future__ import annotations

from reference.ecard.verbs.people import Account, Child, Person, Proof, Record, Who


class BindMember(Record, frozen=True, kw_only=True, tag=True):
    """Bind a member of the family, registered first if need be (Qinghai E0007). Answer: the member's `Account`."""

    who: Who
    member: Person
    relation: str
    proof: Proof
    child: Child | None = None


class UnbindMember(Record, frozen=True, kw_only=True, tag=True):
    """Unbind a member (Qinghai E0008). Answer: `Done`."""

    who: Who
    member: Who


class ListMembers(Record, frozen=True, kw_only=True, tag=True):
    """The members bound to a holder (Qinghai E0010). Answer: `Members`."""

    who: Who


class Member(Record, frozen=True, kw_only=True):
    """A member with his relation to the holder."""

    account: Account
    relation: str
    bound_ms: int


class Members(Record, frozen=True, kw_only=True):
    """Members in the order in which they were bound."""

    members: tuple[Member, ...]


class FindNewborn(Record, frozen=True, kw_only=True, tag=True):
    """A newborn's card by mother or guardian and birthday (Qinghai E0015). Answer: `Members`."""

    guardian: Who
    birthday: str = ""


class ApplyTemporary(Record, frozen=True, kw_only=True, tag=True):
    """A temporary card for somebody without document (Qinghai E0012). Answer: `Temporary`."""

    name: str
    sex: str
    age: int
    clinic_ms: int

    def __repr__(self) -> str:
        return "«ApplyTemporary»"


class VerifyTemporary(Record, frozen=True, kw_only=True, tag=True):
    """Read a temporary card, in the issuing institution alone (Qinghai E0013). Answer: `Temporary`."""

    number: str


class BindTemporary(Record, frozen=True, kw_only=True, tag=True):
    """Bind a temporary card to a formal one (Qinghai E0014). Answer: `Account`.

    ``also`` names the same resident in another way; where it means somebody else the binding is refused.
    """

    number: str
    who: Who
    also: Who | None = None


class Temporary(Record, frozen=True, kw_only=True):
    """A temporary card. ``index_id`` once it is bound."""

    number: str
    name: str
    sex: str
    age: int
    clinic_ms: int
    expires_ms: int
    index_id: str = ""

    def __repr__(self) -> str:
        return "«Temporary»"


class BindBankCard(Record, frozen=True, kw_only=True, tag=True):
    """Bind a bank card (P-ECARD-04); number, phone and code go to the bank, none is kept. Answer: `BankCards`."""

    who: Who
    bank: str
    number: str
    phone: str
    one_time_code: str
    preferred: bool = False

    def __repr__(self) -> str:
        return "«BindBankCard»"


class UnbindBankCard(Record, frozen=True, kw_only=True, tag=True):
    """Unbind a bank card, confirmed by the holder (P-ECARD-05). Answer: `BankCards` that stay bound."""

    who: Who
    binding_id: str
    confirmed: bool


class BankCard(Record, frozen=True, kw_only=True):
    """A bound bank card, its number masked."""

    binding_id: str
    bank: str
    masked_number: str
    preferred: bool


class BankCards(Record, frozen=True, kw_only=True):
    """Bound bank cards, the preferred one first."""

    cards: tuple[BankCard, ...]


class LinkMedium(Record, frozen=True, kw_only=True, tag=True):
    """Link another card of the same person (P-ECARD-15, P-ECARD-16). Answer: `Media`.

    ``medium``: ``physical``, ``hospital``, ``maternal-child``, ``immunisation``, ``social-security`` or ``insurance``.
    """

    who: Who
    medium: str
    issuer: str
    number: str


class UnlinkMedium(Record, frozen=True, kw_only=True, tag=True):
    """Take a link away. Answer: `Media` that stay."""

    who: Who
    medium: str
    issuer: str
    number: str


class FindByMedium(Record, frozen=True, kw_only=True, tag=True):
    """The account behind another card. Answer: `Account`."""

    medium: str
    issuer: str
    number: str


class Medium(Record, frozen=True, kw_only=True):
    """A linked card."""

    medium: str
    issuer: str
    number: str
    linked_ms: int


class Media(Record, frozen=True, kw_only=True):
    """Linked cards, oldest link first."""

    media: tuple[Medium, ...]
