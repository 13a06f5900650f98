"""A card and its code in one request: provinces whose registration answers with a QR code at once.

Guangdong's createVmcardQRcode and activateVmcardQRcode, Wenzhou's 11001. Both verbs are performed one after the other,
each in its own transaction: should the code fail, the same request again finds the card and gets the code (decision).
"""

from __future__ import annotations

from typing import Final, cast

import msgspec

from reference.ecard.refusals import Refusal
from reference.ecard.states import AccountEvent, AccountState, next_state
from reference.ecard.verbs import Account, Answer, ApplyCode, Caller, Claim, Code, CodeKind, Register, Who
from reference.ecard.verbs.people import Record
from reference.serving import Surroundings, serves, service_of

WITHOUT_CODE: Final = frozenset({"account.unaudited", "account.cancelled", "account.not-claimed"})
"""The states of a card whose registration, restoration or claim awaits its audit: no code yet."""


class CardWithCode(Record, frozen=True, kw_only=True, tag=True):
    """Register or claim, then apply for a code. Answer: `CardAndCode`."""

    card: Register | Claim
    kind: CodeKind


class CardAndCode(Record, frozen=True, kw_only=True):
    """A card and its code; None while the card awaits its audit."""

    account: Account
    code: Code | None


def allowed(caller: Caller, card: Register | Claim) -> frozenset[str]:
    """The caller's scopes, with `CardWithCode` where both its parts are granted."""
    parts = {type(card).__name__, ApplyCode.__name__}
    return caller.scopes | {CardWithCode.__name__} if parts <= caller.scopes else caller.scopes


@serves(CardWithCode)
def card_with_code(surroundings: Surroundings, caller: Caller, verb: CardWithCode) -> Answer:
    """Raises Refusal as either part does; a card that awaits its audit is answered without code."""
    account = service_of(type(verb.card))(surroundings, caller, verb.card)
    assert isinstance(account, Account), "registration and claim answer with the account"
    order = ApplyCode(who=Who(ecard_id=account.ecard_id), kind=verb.kind, refresh=True, again=True)
    try:
        code = service_of(ApplyCode)(surroundings, caller, order)
    except Refusal as refusal:
        if refusal.id not in WITHOUT_CODE:
            raise
        return cast(Answer, CardAndCode(account=account, code=None))
    assert isinstance(code, Code), "an application for a code answers with the code"
    state = next_state(AccountState(account.state), AccountEvent.APPLY_CODE, surroundings.tables)
    return cast(Answer, CardAndCode(account=msgspec.structs.replace(account, state=state.value), code=code))
