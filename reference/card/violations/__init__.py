"""The ways in which a user card can break the standard: one class each, able to explain itself in both languages.

Whatever judges a card raises these classes, so that the wording is the same everywhere. A class says what was seen,
what was to be expected, what the likely causes are (as questions that a vendor can check) and what to do next. The
clause comes from the requirement in whose name the violation is raised.
"""

from reference.card.violations.authentication import (
    AuthenticationAccepted,
    AuthenticationRefused,
    ChallengeNotRandom,
    ForgedCard,
)
from reference.card.violations.base import Violation
from reference.card.violations.content import (
    ContentNotStored,
    CyclicOrderBroken,
    FlagNotKept,
    UnlistedCode,
    WrongCoding,
    WrongContent,
    WrongRecord,
)
from reference.card.violations.locks import (
    LockIneffective,
    LockLost,
    LockRefused,
    LockWithoutRight,
    NoAutomaticLock,
)
from reference.card.violations.messaging import (
    BadMacAccepted,
    OtherStatusWord,
    UnprotectedUpdateAccepted,
    UnusableAnswer,
)
from reference.card.violations.rights import (
    ReadRefused,
    ReadWithoutRight,
    StatusKept,
    UpdateRefused,
    UpdateWithoutRight,
)
from reference.card.violations.structure import (
    FileBeyondTheTable,
    FileMissing,
    FileReachableFromOutside,
    NameMissing,
    NameNotUnique,
    WrongControlInformation,
    WrongCount,
    WrongDirectoryAfterReset,
    WrongFileType,
    WrongResetAnswer,
)

__all__ = [
    "AuthenticationAccepted",
    "AuthenticationRefused",
    "BadMacAccepted",
    "ChallengeNotRandom",
    "ContentNotStored",
    "CyclicOrderBroken",
    "FileBeyondTheTable",
    "FileMissing",
    "FileReachableFromOutside",
    "FlagNotKept",
    "ForgedCard",
    "LockIneffective",
    "LockLost",
    "LockRefused",
    "LockWithoutRight",
    "NameMissing",
    "NameNotUnique",
    "NoAutomaticLock",
    "OtherStatusWord",
    "ReadRefused",
    "ReadWithoutRight",
    "StatusKept",
    "UnlistedCode",
    "UnprotectedUpdateAccepted",
    "UnusableAnswer",
    "UpdateRefused",
    "UpdateWithoutRight",
    "Violation",
    "WrongCoding",
    "WrongContent",
    "WrongControlInformation",
    "WrongCount",
    "WrongDirectoryAfterReset",
    "WrongFileType",
    "WrongRecord",
    "WrongResetAnswer",
]
