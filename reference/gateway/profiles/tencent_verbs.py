"""What Tencent's services ask for beyond one core verb: a token, a card with code and hospital number, a code's image.

Each is performed by core verbs, one after the other, each in its own transaction: should a later one fail, the same
request again finds what the earlier ones did (decision, as in `card_with_code`).
"""

from __future__ import annotations

from typing import Final, cast

import msgspec

from reference.access import tokens
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import AccountWithCodes, Answer, ApplyCode, Caller, Code, LinkMedium, Query, Register, Who
from reference.ecard.verbs.people import Account, CodeKind, Record
from reference.gateway.profiles.card_with_code import CardAndCode, CardWithCode
from reference.qr.images import png
from reference.serving import Surroundings, serves, service_of

HOSPITAL_CARD: Final = "hospital"
"""The kind of medium that a patient number of the hospital (patid) is (P-ECARD-16)."""


class IssueToken(Record, frozen=True, kw_only=True, tag=True):
    """An access token for the application that asks; the one before is void. Answer: `Token`."""


class Token(Record, frozen=True, kw_only=True):
    """An access token and the seconds for which it holds."""

    token: str
    seconds: int

    def __repr__(self) -> str:
        return "«Token»"


class Enrol(Record, frozen=True, kw_only=True, tag=True):
    """Register, apply for the static code, and link the hospital's patient number if given. Answer: `CardAndCode`."""

    register: Register
    patient: str = ""


class DrawCode(Record, frozen=True, kw_only=True, tag=True):
    """A code of a card, drawn; with document it must be the holder's. Answer: `DrawnCode`."""

    ecard_id: str
    kind: CodeKind
    id_type: str = ""
    id_number: str = ""

    def __repr__(self) -> str:
        return "«DrawCode»"


class DrawnCode(Record, frozen=True, kw_only=True):
    """A code and its image, PNG in the holder's health colour."""

    code: Code
    image: bytes


class Holding(Record, frozen=True, kw_only=True):
    """A card id that an institution keeps, and whose it is to be."""

    ecard_id: str
    id_type: str
    id_number: str

    def __repr__(self) -> str:
        return "«Holding»"


class RenewIds(Record, frozen=True, kw_only=True, tag=True):
    """The card ids of today for those that an institution keeps (updateHealthCardId). Answer: `Renewed`."""

    holdings: tuple[Holding, ...]


class Renewed(Record, frozen=True, kw_only=True):
    """The accounts of today, in the order in which they were asked for."""

    accounts: tuple[Account, ...]


ProfileVerb = IssueToken | Enrol | DrawCode | RenewIds
ProfileAnswer = Token | CardAndCode | DrawnCode | Renewed


def allowed(caller: Caller, verb: object) -> Caller:
    """The caller, with the profile's verb among his scopes where all its parts are granted."""
    parts: dict[type, frozenset[str]] = {
        IssueToken: frozenset(),
        Enrol: frozenset(
            {"Register", "ApplyCode"} | ({"LinkMedium"} if isinstance(verb, Enrol) and verb.patient else set())
        ),
        DrawCode: frozenset({"ApplyCode"}),
        RenewIds: frozenset({"Query"}),
    }
    needed = parts.get(type(verb))
    if needed is None or not needed <= caller.scopes:
        return caller
    return msgspec.structs.replace(caller, scopes=caller.scopes | {type(verb).__name__})


@serves(IssueToken)
def issue_token(surroundings: Surroundings, caller: Caller, verb: IssueToken) -> Answer:
    """Source: EC-TX getAppToken."""
    token, seconds = tokens.issue(surroundings, caller.app)
    return cast(Answer, Token(token=token, seconds=seconds))


@serves(Enrol)
def enrol(surroundings: Surroundings, caller: Caller, verb: Enrol) -> Answer:
    """Source: EC-TX registerHealthCard. Raises Refusal as each part does."""
    made = service_of(CardWithCode)(surroundings, caller, CardWithCode(card=verb.register, kind="static"))
    assert isinstance(made, CardAndCode), "a card with code is answered so"
    if verb.patient and made.code is not None:
        who = Who(ecard_id=made.account.ecard_id)
        link = LinkMedium(who=who, medium=HOSPITAL_CARD, issuer=caller.institution, number=verb.patient)
        service_of(LinkMedium)(surroundings, caller, link)
    return cast(Answer, made)


@serves(DrawCode)
def draw_code(surroundings: Surroundings, caller: Caller, verb: DrawCode) -> Answer:
    """Source: EC-TX getDynamicQRCode. Raises Refusal ``account.identity-mismatch``, and as `ApplyCode` does."""
    who = Who(ecard_id=verb.ecard_id)
    if verb.id_number:
        _require_holder(
            surroundings, caller, Holding(ecard_id=verb.ecard_id, id_type=verb.id_type, id_number=verb.id_number)
        )
    order = ApplyCode(who=who, kind=verb.kind, refresh=True, again=True)
    code = service_of(ApplyCode)(surroundings, caller, order)
    assert isinstance(code, Code), "an application for a code answers with the code"
    image = png(code.text, code.colour, surroundings.tables.limit("qr-image-pixels"))
    return cast(Answer, DrawnCode(code=code, image=image))


@serves(RenewIds)
def renew_ids(surroundings: Surroundings, caller: Caller, verb: RenewIds) -> Answer:
    """Source: EC-TX updateHealthCardId; ids here are derived, so that the platform tells which one holds (decision).

    Raises Refusal ``account.unregistered`` and ``account.identity-mismatch``, and then tells nothing of the others.
    """
    accounts = tuple(_require_holder(surroundings, caller, holding) for holding in verb.holdings)
    return cast(Answer, Renewed(accounts=accounts))


def _require_holder(surroundings: Surroundings, caller: Caller, holding: Holding) -> Account:
    """The account of a card, today's or former; its document, today's or former, must be the named one."""
    found = []
    for who in (Who(ecard_id=holding.ecard_id), Who(id_type=holding.id_type, id_number=holding.id_number)):
        answer = service_of(Query)(surroundings, caller, Query(who=who))
        assert isinstance(answer, AccountWithCodes), "a query answers with the account"
        found.append(answer.account)
    if found[0].index_id != found[1].index_id:
        raise Refusal("account.identity-mismatch", "idNumber")
    return found[0]
