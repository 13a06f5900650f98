"""Reading a code: whose it is comes first, then every owner validates its own part (P-FUSE-01, P-FUSE-02).

Health-card codes go to the platform, numbers of temporary cards to its service for them, insurance and payment codes
to their owners. A health-card code with a payment part (二码合一, Sichuan) has two parts with an outcome each.
"""

from __future__ import annotations

from collections.abc import Mapping

from reference.ecard.broken_rules import BrokenRule
from reference.ecard.classification import Classification, CodeOwner, classify
from reference.ecard.qr_text import parse, qr_layouts
from reference.ecard.verbs import Temporary, Verified, Verify, VerifyTemporary
from reference.front_end.facts import business_of
from reference.front_end.messages import Part, Read, ReadCode
from reference.front_end.owners import CodeValidator, ForeignCode, OwnerAway, OwnerRefusal
from reference.front_end.refusals import FrontEndRefusal, of_wire
from reference.front_end.upstream import Upstream
from reference.gateway.wire import UnreadableAnswer, WireRefusal
from reference.standard.ecard import load_ecard

TEMPORARY_NUMBER = "temporary-number"
"""The mark of `classification.toml` by which numbers of temporary cards are recognised."""
EVERY_LAYOUT = "all"
OK = "ok"
PARTLY = "front-end.partly"


class Reader:
    """Reads codes with the help of their owners."""

    def __init__(self, upstream: Upstream, owners: Mapping[CodeOwner, CodeValidator]) -> None:
        self._upstream, self._owners = upstream, dict(owners)

    def read(self, asked: ReadCode) -> Read:
        """What each part's owner says.

        Raises FrontEndRefusal for a code of nobody that is known; PlatformAway and others of `Upstream.ask`.
        """
        found = classify(asked.text)
        if found.owner in (CodeOwner.EHC_NATIONAL, CodeOwner.EHC_LOCAL):
            parts = [self._health_card(asked, found)]
            payment = _payment_part(asked.text)
            # Money is not asked for until the person is known: the second part waits for the first.
            if payment and parts[0].outcome == OK:
                mark = classify(payment)
                form = mark.form if mark.owner is CodeOwner.PAYMENT else "merged-payment"
                parts.append(self._foreign(asked, CodeOwner.PAYMENT, form, payment))
        elif found.owner is CodeOwner.UNKNOWN:
            raise FrontEndRefusal("front-end.unknown-code", "text")
        else:
            parts = [self._foreign(asked, found.owner, found.form, asked.text)]
        return Read(_outcome(parts), tuple(parts))

    def _health_card(self, asked: ReadCode, found: Classification) -> Part:
        try:
            if is_temporary(found.form):
                temporary = self._upstream.ask(VerifyTemporary(number=asked.text), asked.terminal)
                if not isinstance(temporary, Temporary):
                    raise UnreadableAnswer("a temporary card was expected")
                return Part(found.owner, found.form, OK, temporary=temporary)
            verify = Verify(text=asked.text, step=asked.step, kinds=asked.kinds, request=asked.request)
            verified = self._upstream.ask(verify, asked.terminal)
        except WireRefusal as refused:
            return Part(found.owner, found.form, of_wire(refused).id, f"{refused.code} {refused.message}".strip())
        if not isinstance(verified, Verified):
            raise UnreadableAnswer("a verified code was expected")
        return Part(found.owner, found.form, OK, verified=verified)

    def _foreign(self, asked: ReadCode, owner: CodeOwner, form: str, text: str) -> Part:
        validator = self._owners.get(owner)
        if validator is None:
            return Part(owner, form, "front-end.other-owner")
        business = business_of(asked.step) if owner is CodeOwner.MEDICAL_INSURANCE else ""
        code = ForeignCode(owner, form, text, asked.step, business, asked.terminal, asked.request)
        try:
            return Part(owner, form, OK, told=validator.validate(code))
        except OwnerRefusal as refused:
            return Part(owner, form, "front-end.owner-refused", f"{refused.code} {refused.message}".strip())
        except OwnerAway:
            return Part(owner, form, "front-end.owner-away")


def is_temporary(form: str) -> bool:
    """Whether a form of code, as `classify` names it, is that of a temporary card."""
    layout = load_ecard().qr_layouts.get(form)
    return form == TEMPORARY_NUMBER or (layout is not None and layout.kind == "temporary")


def _payment_part(text: str) -> str:
    try:
        return parse(text, qr_layouts(EVERY_LAYOUT)).payment
    except BrokenRule:
        return ""


def _outcome(parts: list[Part]) -> str:
    outcomes = [part.outcome for part in parts]
    if all(outcome == OK for outcome in outcomes):
        return OK
    return PARTLY if OK in outcomes else outcomes[0]
