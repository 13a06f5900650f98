"""Secure messaging and answers: MACs, plain updates, status words (APP11 5.7, REV2 item 24)."""

from __future__ import annotations

from reference.card.violations.base import Violation


class BadMacAccepted(Violation):
    """The card executed a command whose MAC or cipher text was wrong."""

    summary = "{subject} took an update with {fault}."
    expected = "an error status, and the content as it was"
    actual = "the card answered {answer}; read back afterwards: {read_back}"
    causes = (
        "Is the MAC compared in full (all four bytes)?",
        "Is it checked before the content is written?",
        "Does another key than the directory's maintenance key pass?",
    )
    remedy = "Check the MAC over header and cipher text with the session key before anything is stored."


class UnprotectedUpdateAccepted(Violation):
    """The card took in plain what must come enciphered and with a MAC."""

    summary = "{subject} took an update {form}."
    expected = "an error status, and the content as it was: this file is updated with cipher text and MAC only"
    actual = "the card answered {answer}; read back afterwards: {read_back}"
    causes = ("Was the file personalised without the demand for secure messaging?",)
    remedy = "Personalise the file with cipher text and MAC demanded for updates (REV2 item 24)."


class OtherStatusWord(Violation):
    """The card refuses as it must, but with another status word than sibling specifications use."""

    summary = "{subject} is refused with another status word than expected."
    expected = "{wanted}"
    causes = ("Does the card use a status word of another specification family?",)
    remedy = "Terminals cope, but prefer the usual status word: middleware shows messages by it."


class UnusableAnswer(Violation):
    """The answer is no response APDU at all."""

    summary = "The answer to {subject} is no response APDU."
    expected = "data and two status bytes"
    actual = "{found}"
    causes = ("Is the card's transport layer at fault?", "Does the reader alter answers?")
    remedy = "Record the exchange with another reader; if it stays, mend the card's transport layer."
