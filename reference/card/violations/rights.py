"""Rights to read and update: too many or too few (APP11 tables 4-1 to 4-16, 5.3)."""

from __future__ import annotations

from reference.card.violations.base import Violation


class ReadWithoutRight(Violation):
    """The card gave out a file whose read key was not authenticated."""

    summary = "{subject} was given out although {key} had not been authenticated."
    expected = "an error status and no data"
    causes = (
        "Was the read condition left out when the file was personalised?",
        "Is the security status kept over a reset or a change of directory?",
        "Does another key of the directory open the file as well?",
    )
    remedy = "Set the file's read condition to {key} alone and run the test again."


class ReadRefused(Violation):
    """The card refuses to give out what it must give out."""

    summary = "{subject} is not given out although everything needed was done ({condition})."
    expected = "9000 and the content"
    causes = (
        "Does the file's read condition name another key?",
        "Is the file empty or were its records not created?",
        "Is the right lost when a file of the same directory is selected?",
    )
    remedy = "Compare the file's access condition and content with its table in APP11."


class UpdateWithoutRight(Violation):
    """The card stored, or claimed to store, what it must not."""

    summary = "{subject} took an update although {reason}."
    expected = "an error status, and the content as it was"
    actual = "the card answered {answer}; read back afterwards: {read_back}"
    causes = (
        "Was the update condition left out when the file was personalised?",
        "Does another key of the directory give the right as well?",
        "Is the security status kept over a reset or a change of directory?",
    )
    remedy = "Set the file's update condition as in its table in APP11 and run the test again."


class UpdateRefused(Violation):
    """The card refuses a right update."""

    summary = "{subject} refuses a right update ({condition})."
    expected = "9000, and the new content when read back"
    causes = (
        "Does the update condition name another key?",
        "Is the session key derived from another challenge or maintenance key?",
        "Is the MAC computed over another header, or padded in another way?",
    )
    remedy = "Recompute session key and MAC for the exchange shown and compare step by step."


class StatusKept(Violation):
    """Rights survive what must end them."""

    summary = "The right given by {subject} survives {event}."
    expected = "an error status and no data"
    causes = ("Is the security status kept in memory that {event} does not clear?",)
    remedy = "Clear the security status at this event."
