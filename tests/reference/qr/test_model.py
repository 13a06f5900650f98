"""Whatever is done in whatever order, the platform answers as a model of a few lines does."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from reference.ecard.verbs import Code, RevokeCode, Who
from reference.qr import check_uses, kill_codes, revoke_code
from reference.store import Store, audit
from tests.databases import empty_sqlite
from tests.platform import SettableClock, surroundings
from tests.reference.qr.residents import (
    NATIONAL,
    PAY,
    dynamic,
    outcome,
    outcomes,
    refusal_of,
    resident,
    set_state,
    static,
)

CARDS = st.integers(0, 1)
HELD = 120_000


@dataclass
class ModelCode:
    """A dynamic code in the model."""

    text: str
    expires_ms: int
    state: str = "issued"


@dataclass
class ModelCard:
    """A card in the model: its account's state, its static code and its dynamic codes."""

    card: str
    state: str = "normal"
    static: str = "not-issued"
    codes: list[ModelCode] = field(default_factory=list)

    def latest(self, now_ms: int) -> ModelCode | None:
        """The dynamic code that holds now."""
        return next((code for code in self.codes if code.state == "issued" and code.expires_ms >= now_ms), None)


REASONS = {"consumed": "code.consumed", "replaced": "code.superseded", "dead": "code.revoked"}


class CodesOfTwoCards(RuleBasedStateMachine):
    """Two residents: codes are applied for, replaced, verified, grafted, revoked; cards are cancelled and come back."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = SettableClock()
        self.store = Store(empty_sqlite(Path(self.folder.name) / "model.db"))
        self.platform = surroundings(self.store, clock=self.clock)
        self.cards = [ModelCard(resident(self.platform, number)) for number in (1, 2)]
        self.verified: list[str] = []

    def teardown(self) -> None:
        with self.store.read() as connection:
            audit.check(connection)
            assert check_uses(connection) == len(self.verified)
        self.store.close()
        self.folder.cleanup()

    @rule(seconds=st.sampled_from([0, 1, 60, 120, 121]), rest=st.sampled_from([0, 1, 999]))
    def time_passes(self, seconds: int, rest: int) -> None:
        self.clock.at_ms += seconds * 1000 + rest

    @rule(which=CARDS, refresh=st.booleans())
    def apply_for_a_dynamic_code(self, which: int, refresh: bool) -> None:
        card, now_ms = self.cards[which], self.clock.at_ms
        holds = card.latest(now_ms)
        issued: list[Code] = []
        refusal = refusal_of(lambda: issued.append(dynamic(self.platform, card.card, refresh=refresh)))
        if card.state != "normal":
            assert refusal == "account.cancelled"
            return
        if holds is not None and not refresh:
            assert refusal == "code.dynamic-still-valid"
            return
        (code,) = issued
        assert code.expires_ms is not None
        assert code.expires_ms > now_ms + HELD - 1000
        assert code.text not in {old.text for old in card.codes}
        if holds is not None:
            holds.state = "replaced"
        card.codes.append(ModelCode(code.text, code.expires_ms))

    @rule(which=CARDS)
    def apply_for_a_static_code(self, which: int) -> None:
        card = self.cards[which]
        refusal = refusal_of(lambda: static(self.platform, card.card))
        if card.state != "normal":
            assert refusal == "account.cancelled"
            return
        assert refusal == ("code.static-exists" if card.static == "issued" else "")
        card.static = "issued"

    @precondition(lambda self: any(card.codes for card in self.cards))
    @rule(which=CARDS, back=st.integers(0, 3), onto=st.booleans())
    def verify_a_dynamic_code(self, which: int, back: int, onto: bool) -> None:
        card = self.cards[which]
        if not card.codes:
            return
        code = card.codes[-1 - back % len(card.codes)]
        holder, shown, text = card, code, code.text
        if onto:
            holder = self.cards[1 - which]
            text = code.text.replace(card.card, holder.card)
            shown = next((own for own in holder.codes if own.text == text), ModelCode(text, 0, "grafted"))
        told = outcome(self.platform, text, PAY)
        self.verified.append(told)
        assert told == self.expected(holder, shown)
        if told == "accepted":
            shown.state = "consumed"

    @rule(which=CARDS, step=st.sampled_from(["010101", PAY]))
    def verify_the_static_code(self, which: int, step: str) -> None:
        card = self.cards[which]
        told = outcome(self.platform, f"{card.card}:1", step)
        self.verified.append(told)
        if card.state != "normal":
            assert told == "account.cancelled"
        elif step == PAY:
            assert told == "code.kind-unsuited"
        else:
            assert told == {"issued": "accepted", "not-issued": "code.not-issued"}.get(card.static, "code.revoked")

    @rule(which=CARDS)
    def revoke_the_static_code(self, which: int) -> None:
        card = self.cards[which]
        refusal = refusal_of(lambda: revoke_code(self.platform, NATIONAL, RevokeCode(who=Who(ecard_id=card.card))))
        assert (refusal == "") == (card.static == "issued")
        card.static = "revoked" if card.static == "issued" else card.static

    @rule(which=CARDS)
    def cancel_the_card_or_bring_it_back(self, which: int) -> None:
        card = self.cards[which]
        card.state = "cancelled" if card.state == "normal" else "normal"
        set_state(self.platform, card.card, card.state)
        if card.state == "cancelled":
            with self.store.begin() as connection:
                kill_codes(self.platform, connection, card.card)
            card.static = "dead" if card.static == "issued" else card.static
            for code in card.codes:
                code.state = "dead" if code.state == "issued" else code.state

    @invariant()
    def every_verification_is_in_the_use_log(self) -> None:
        assert outcomes(self.platform) == self.verified

    def expected(self, card: ModelCard, code: ModelCode) -> str:
        """What the model says of a dynamic code."""
        if card.state != "normal":
            return "account.cancelled"
        if code.state == "grafted":
            return "code.grafted"
        if code.state != "issued":
            return REASONS[code.state]
        return "accepted" if code.expires_ms >= self.clock.at_ms else "code.expired"


CodesOfTwoCards.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestCodesOfTwoCards = CodesOfTwoCards.TestCase
