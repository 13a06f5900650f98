"""The ways in which a user card can break the standard: one class each, able to explain itself in both languages.

Whatever judges a card raises these classes, so that the wording is the same everywhere. A class says what was seen,
what was to be expected, what the likely causes are (as questions that a vendor can check) and what to do next. The
clause comes from the requirement in whose name the violation is raised.
"""

from __future__ import annotations

from typing import ClassVar, Self

from reference.languages import Text, say


class Violation(Exception):
    """Base of all violations. ``subject`` names what was found at fault: a file, a key, an element, a command."""

    summary: ClassVar[str]
    expected: ClassVar[str]
    actual: ClassVar[str] = "the card answered {answer}"
    causes: ClassVar[tuple[str, ...]]
    remedy: ClassVar[str]

    def __init__(self, subject: str, **values: object) -> None:
        super().__init__(subject)
        self.subject = subject
        self.values: dict[str, object] = {"subject": subject, **values}
        self.exchange: int | None = None

    def at(self, exchange: int | None) -> Self:
        """Point at the exchange of the transcript that shows the violation; without it the last one is shown."""
        self.exchange = exchange
        return self

    def tell(self, message: str) -> Text:
        """One of the class's messages with this violation's values filled in."""
        return say(message, **self.values)

    def __str__(self) -> str:
        return f"{type(self).__name__}: {self.tell(self.summary)}; {self.tell(self.actual)}"


class FileMissing(Violation):
    """A file or directory of the standard cannot be selected."""

    summary = "{subject} cannot be selected on the card."
    expected = "SELECT by file identifier, from its own directory, answers 9000"
    causes = (
        "Was the file left out when the card's structure was created?",
        "Was it created under another identifier or in another directory?",
    )
    remedy = "Compare the card's structure script with APP11 figure 4-1 and create the file there."


class FileBeyondTheTable(Violation):
    """The card has a file that its table does not have."""

    summary = "{subject} exists although the table of files ends before it."
    expected = "an error status: there is no such file"
    causes = (
        "Was the structure made from the flow charts, which print five inpatient files?",
        "Does SELECT answer 9000 for any identifier?",
    )
    remedy = "Create the numbered files of APP11 tables 4-15 and 4-16 and no others."


class NameMissing(Violation):
    """A directory cannot be selected by its name."""

    summary = "{subject} cannot be selected by its name {name}."
    expected = "SELECT by DF name (P1 = 04) answers 9000"
    causes = (
        "Was the directory created without its AID or name?",
        "Does the card know SELECT by file identifier only?",
    )
    remedy = "Give the directory the name that APP11 figure 4-1 or REV2 annex B states for it."


class NameNotUnique(Violation):
    """A DF name occurs twice."""

    summary = "The name {name} of {subject} occurs more than once."
    expected = "an error when the next occurrence of the name is asked for"
    causes = ("Was another directory created with the same name?", "Does the card ignore P2 of SELECT?")
    remedy = "Give every directory a name of its own."


class WrongControlInformation(Violation):
    """SELECT returns something that is no file control information."""

    summary = "What SELECT returns of {subject} is no file control information."
    expected = "{wanted}"
    actual = "{found}"
    causes = ("Is the template's length right?", "Is plain data returned in place of data objects?")
    remedy = "Return one template 6F with the DF name in tag 84, or no data at all."


class FileReachableFromOutside(Violation):
    """A file answered although its application was not selected."""

    summary = "{subject} was reached while its application was not selected."
    expected = "a file is found only after the application that it belongs to has been selected"
    causes = ("Does SELECT search the whole card instead of the current directory?",)
    remedy = "Restrict selection by identifier to the current directory for elementary files."


class WrongFileType(Violation):
    """A file takes the access method of another file type."""

    summary = "{subject} answers {command} although it is a file of type {kind}."
    expected = "{command} is refused on this file"
    causes = (
        "Was the file created with another type?",
        "Does the card ignore the file type in this command?",
    )
    remedy = "Create the file with the type of its table in APP11."


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


class LockIneffective(Violation):
    """A locked application still gives out or takes content."""

    summary = "{subject} can be used although its application is locked ({how})."
    expected = "an error status and no data"
    causes = ("Is the lock looked at by SELECT only, and not by reading and updating?",)
    remedy = "Refuse reading and updating of every file of a locked application."


class LockRefused(Violation):
    """A right command to lock or unlock is refused."""

    summary = "{command} is refused in {subject} although key and MAC are right."
    expected = "9000"
    causes = (
        "Does the card know the command under other codes?",
        "Is the lock key or the maintenance key another one?",
    )
    remedy = "Compare class, instruction and P2 with the profile's command table, and recompute the MAC."


class LockWithoutRight(Violation):
    """The card locks or unlocks without the right key or MAC."""

    summary = "{command} in {subject} was carried out although {fault}."
    expected = "an error status, and the lock as it was"
    causes = ("Is the security status checked before the MAC?", "Is the MAC checked at all?")
    remedy = "Demand the lock key's right and a right MAC before anything is changed."


class LockLost(Violation):
    """A lock that must last was lifted."""

    summary = "The lock of {subject} was lifted by {event}."
    expected = "the lock lasts"
    causes = ("Is the lock kept in memory that does not last?", "Is a permanent lock handled like a temporary one?")
    remedy = "Keep locks in non-volatile memory, and permanent ones for ever."


class NoAutomaticLock(Violation):
    """Too many wrong MACs do not lock the application."""

    summary = "{subject} is not locked after {count} wrong MACs in a row."
    expected = "the application is locked temporarily, and a right update is refused"
    causes = ("Is there no counter, or a greater limit?", "Is the counter reset by commands without MAC?")
    remedy = "Count wrong MACs and lock at the limit, or state the product's own limit in the capability statement."


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


class WrongCount(Violation):
    """A file has more or fewer records, or bytes, than its table states."""

    summary = "{subject} does not have the size that its table states."
    expected = "{wanted}"
    actual = "{found}"
    causes = ("Was the file created with another number of records, or another size?",)
    remedy = "Create the file with the size of its table in APP11."


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


class StatusKept(Violation):
    """Rights survive what must end them."""

    summary = "The right given by {subject} survives {event}."
    expected = "an error status and no data"
    causes = ("Is the security status kept in memory that {event} does not clear?",)
    remedy = "Clear the security status at this event."


class WrongDirectoryAfterReset(Violation):
    """After reset another directory than the MF is selected."""

    summary = "After reset the current directory is not the MF."
    expected = "DDF1 can be selected at once by its file identifier, and no file of an application answers"
    causes = ("Does the card keep the directory that was selected before the reset?",)
    remedy = "Select the MF at power-up and reset."


class OtherStatusWord(Violation):
    """The card refuses as it must, but with another status word than sibling specifications use."""

    summary = "{subject} is refused with another status word than expected."
    expected = "{wanted}"
    causes = ("Does the card use a status word of another specification family?",)
    remedy = "Terminals cope, but prefer the usual status word: middleware shows messages by it."


class WrongResetAnswer(Violation):
    """The answer to reset has another form than the interface profile states."""

    summary = "The answer to reset does not have the expected form."
    expected = "{wanted}"
    actual = "{found}"
    causes = ("Does the reader shorten the answer?", "Was the card initialised with other historical bytes?")
    remedy = "Set thirteen historical bytes, the last eight of them unique to the card."


class UnusableAnswer(Violation):
    """The answer is no response APDU at all."""

    summary = "The answer to {subject} is no response APDU."
    expected = "data and two status bytes"
    actual = "{found}"
    causes = ("Is the card's transport layer at fault?", "Does the reader alter answers?")
    remedy = "Record the exchange with another reader; if it stays, mend the card's transport layer."
