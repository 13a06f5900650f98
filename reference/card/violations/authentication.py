"""Authentication and challenge (APP11 5.2, 5.3)."""

from __future__ import annotations

from reference.card.violations.base import Violation


class AuthenticationRefused(Violation):
    """The card refuses a right external authentication."""

    summary = "The card refuses a right external authentication with {subject}."
    expected = "9000"
    causes = (
        "Was the key diversified with other factors (city code, last eight historical bytes)?",
        "Does the card hold the key under another reference (P2)?",
        "Does the card use the last challenge that it gave out?",
    )
    remedy = "Derive the card key from the demo or national key by hand and compare check values."


class AuthenticationAccepted(Violation):
    """The card accepts an external authentication that is wrong."""

    summary = "The card accepts an external authentication with {subject} although {fault}."
    expected = "an error status and no right"
    causes = (
        "Are all eight bytes compared?",
        "Is the challenge discarded after one use?",
        "Is the outcome of the comparison used at all?",
    )
    remedy = (
        "Recompute the authentication data from key, last challenge and original information, and compare all of it."
    )


class ForgedCard(Violation):
    """The card's answer to internal authentication is not that of a genuine card."""

    summary = "The answer to internal authentication is not that of a genuine card."
    expected = "{wanted}"
    actual = "{found}"
    causes = (
        "Was IRKDDF1 diversified with other factors?",
        "Are the halves of the cipher text combined by exclusive or?",
        "Is the answer the same for different random numbers?",
    )
    remedy = "Recompute the answer for the random number shown with the card's IRKDDF1."


class ChallengeNotRandom(Violation):
    """GET CHALLENGE does not give eight fresh random bytes."""

    summary = "GET CHALLENGE does not give eight fresh random bytes."
    expected = "{wanted}"
    actual = "{found}"
    causes = ("Is the random generator seeded at each reset?", "Does the card answer with a constant?")
    remedy = "Connect GET CHALLENGE to the chip's random generator."
