"""Files, directories, names and sizes: the card is not built as its tables state (APP11 chapter 4)."""

from __future__ import annotations

from reference.card.violations.base import Violation


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


class WrongCount(Violation):
    """A file has more or fewer records, or bytes, than its table states."""

    summary = "{subject} does not have the size that its table states."
    expected = "{wanted}"
    actual = "{found}"
    causes = ("Was the file created with another number of records, or another size?",)
    remedy = "Create the file with the size of its table in APP11."


class WrongResetAnswer(Violation):
    """The answer to reset has another form than the interface profile states."""

    summary = "The answer to reset does not have the expected form."
    expected = "{wanted}"
    actual = "{found}"
    causes = ("Does the reader shorten the answer?", "Was the card initialised with other historical bytes?")
    remedy = "Set thirteen historical bytes, the last eight of them unique to the card."


class WrongDirectoryAfterReset(Violation):
    """After reset another directory than the MF is selected."""

    summary = "After reset the current directory is not the MF."
    expected = "DDF1 can be selected at once by its file identifier, and no file of an application answers"
    causes = ("Does the card keep the directory that was selected before the reset?",)
    remedy = "Select the MF at power-up and reset."
