"""Every rule that can be broken belongs to a refusal of the table and explains itself in both languages."""

from __future__ import annotations

import pytest

from reference.ecard import classification, id_numbers, ids, moments, qr_text, states, validity
from reference.ecard.broken_rules import BrokenRule
from reference.languages import Text
from reference.standard.ecard import load_ecard
from reference.standard.ecard.refusals import refusals

MODULES = (classification, id_numbers, ids, moments, qr_text, states, validity)
CLASSES = sorted(
    {
        found
        for module in MODULES
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, BrokenRule)
    },
    key=lambda found: found.__qualname__,
)


@pytest.mark.parametrize("broken", CLASSES)
def test_a_broken_rule_belongs_to_a_refusal(broken: type[BrokenRule]) -> None:
    assert broken.refusal in refusals()


def test_a_state_belongs_to_a_refusal() -> None:
    assert {row.refusal for row in load_ecard().states.values()} <= refusals().keys()


def test_the_detail_follows_the_words_of_the_refusal() -> None:
    refused = BrokenRule(Text("Too green.", "太绿。"), "colour")
    assert refused.explained().en == f"{refusals()['request.field-malformed'].en} (colour) Too green."
    assert refused.explained().zh.endswith("（colour）太绿。")
