"""Content: records, codings, values, order, and what is stored (APP11 4.3, table 3-1)."""

from __future__ import annotations

from reference.card.violations.base import Violation


class ContentNotStored(Violation):
    """The card accepted an update and holds something else."""

    summary = "{subject} does not hold what was written."
    expected = "{wanted}"
    actual = "{found}"
    causes = (
        "Was the cipher text stored without deciphering it?",
        "Was the length byte or the padding stored as well?",
        "Was another record updated?",
    )
    remedy = "Decipher the command data shown, remove length and padding, and compare with what is stored."


class WrongRecord(Violation):
    """A record does not have the tag, length or place that its table states."""

    summary = "The record of {subject} is not built as its table states."
    expected = "{wanted}"
    actual = "{found}"
    causes = (
        "Was the record written under another tag or with another length?",
        "Are the file's records in another order than the table's elements?",
    )
    remedy = "Write the record as one byte tag, one byte length and the value padded to its full length."


class WrongCoding(Violation):
    """A value is not coded as its type states."""

    summary = "The value of {subject} is not coded as type {type}."
    expected = "{wanted}"
    actual = "{found}"
    causes = (
        "Was text written as digits, or digits as text?",
        "Is cn padded with F on the right, and text with 00?",
        "Was UTF-8 used in place of GB 2312?",
    )
    remedy = "Code the value as APP11 table 3-1 states for its type."


class WrongContent(Violation):
    """The card holds another value than it was personalised with."""

    summary = "{subject} holds another value than the personalisation file states."
    expected = "{wanted}"
    actual = "{found}"
    causes = (
        "Does the personalisation file belong to this sample?",
        "Was the element written to another record?",
    )
    remedy = "Compare the sample with the personalisation file given to the run."


class UnlistedCode(Violation):
    """An element with a code table holds a code that the table has not got."""

    summary = "{subject} holds a code that the table {table} has not got."
    expected = "a code of the table {table}, or nothing"
    actual = "{found}"
    causes = (
        "Does the issuer use a code table of its own?",
        "Was the card made for another profile than that of the run?",
        "Was the code written in another type than the element's?",
    )
    remedy = "Compare the code with the table {table} in codes.csv, and correct the data that the card was made from."


class CyclicOrderBroken(Violation):
    """A cyclic file does not give its records newest first, or does not drop the oldest."""

    summary = "{subject} does not keep its records newest first with the oldest replaced."
    expected = "{wanted}"
    actual = "{found}"
    causes = (
        "Was the file created as a linear file?",
        "Was it created with another number of records?",
    )
    remedy = "Create the file as a cyclic file with the number of records of its table."


class FlagNotKept(Violation):
    """A flag of a visit index does not read as it was set."""

    summary = "A flag of {subject} does not read as it was set."
    expected = "{wanted}"
    actual = "{found}"
    causes = (
        "Are WRITE RECORD and ERASE RECORD answered without changing the flag?",
        "Do they set other values than 00 and FF?",
    )
    remedy = "Let WRITE RECORD set 00 and ERASE RECORD set FF in the record that P1 names."
