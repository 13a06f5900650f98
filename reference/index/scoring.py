"""From agreement levels to a grade: the sum of weights (Fellegi and Sunter), its probability, and the reasons.

Source: grades by P-EMPI-05 (exact; probable with score and reasons; new); weights by `standard/index/weights.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from reference.index.comparing import levels
from reference.index.identity import Identity
from reference.index.tables import Weights
from reference.languages import Text


class Grade(StrEnum):
    """How an identity stands to the index."""

    EXACT = "exact"
    PROBABLE = "probable"
    NEW = "new"


class Reason(msgspec.Struct, frozen=True):
    """One field's part in a score: its level, its weight in bits, and the level in words."""

    field: str
    level: str
    weight: float
    title: Text


class Score(msgspec.Struct, frozen=True):
    """How much speaks for one person: bits without the prior, the probability, and the reasons, heaviest first."""

    bits: float
    probability: float
    reasons: tuple[Reason, ...]


def score(left: Identity, right: Identity, weights: Weights) -> Score:
    """Compare two identities field by field and weigh what was found."""
    found = levels(values(left), values(right), weights.thresholds)
    agreements = [weights.agreements[field, level] for field, level in found.items()]
    reasons = [Reason(row.field, row.level, round(row.weight, 2), row.title) for row in agreements]
    bits = sum(row.weight for row in agreements)
    return Score(
        round(bits, 2),
        probability(bits + weights.prior),
        tuple(sorted(reasons, key=lambda reason: -abs(reason.weight))),
    )


def needs_review(found: Score, weights: Weights) -> bool:
    """Whether a person has to look at the pair: it is probable, or one document number stands for two identities."""
    same_number = any(reason.field == "id_number" and reason.level == "exact" for reason in found.reasons)
    return same_number or found.probability >= weights.thresholds["probable"]


def probability(bits: float) -> float:
    """The probability that odds of 2 to the power of ``bits`` mean, from 0 to 1."""
    return 1 / (1 + 2 ** -max(-1000.0, min(1000.0, bits)))


def values(identity: Identity) -> Mapping[str, str]:
    """The fields of an identity by name."""
    fields: dict[str, str] = msgspec.structs.asdict(identity)
    return fields
