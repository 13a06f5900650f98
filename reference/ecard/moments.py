"""Moments: milliseconds since 1970 UTC inside, the texts of China time (UTC+8, no summer time) on the wire.

Wire profiles write times as ``yyyyMMddHHmmss`` (Sichuan, Wenzhou), ``yyyy-MM-ddHH:mm:ss`` (Qinghai, msgCreateTime),
``yyyy-MM-dd HH:mm:ss`` (Tencent); the pattern is an argument, in the letters that these documents use.
"""

from __future__ import annotations

import functools
import re
from datetime import datetime, timedelta, timezone
from typing import Final, TypeAlias

from reference.ecard.broken_rules import BrokenRule
from reference.languages import say

Moment: TypeAlias = int
"""Milliseconds since 1970-01-01 00:00 UTC."""

CHINA: Final = timezone(timedelta(hours=8))
"""China time, the time of every profile."""

SECOND: Final[Moment] = 1_000
MINUTE: Final[Moment] = 60 * SECOND
HOUR: Final[Moment] = 60 * MINUTE
DAY: Final[Moment] = 24 * HOUR
CHINA_OFFSET: Final[Moment] = 8 * HOUR

PACKED: Final = "yyyyMMddHHmmss"
"""The pattern without separators, also that of the validity token."""

EPOCH: Final = datetime(1970, 1, 1, 8, tzinfo=CHINA)
"""The moment 0 in China time."""
MILLISECOND: Final = timedelta(milliseconds=1)
LETTERS: Final = re.compile("yyyy|MM|dd|HH|mm|ss|SSS")
ORDER: Final = ("yyyy", "MM", "dd", "HH", "mm", "ss", "SSS")
"""The parts of a time as a pattern names them: from the year down, none left out between, each with its digits."""
EARLIEST: Final = (1, 1, 1, 0, 0, 0, 0)
"""What stands for the parts that a pattern lacks."""


class UnreadableMoment(BrokenRule):
    """A text that is no time of the pattern: other characters, other length, or a date that does not exist."""


def china_text(moment: Moment, pattern: str = PACKED) -> str:
    """The moment in China time, cut off to the parts that the pattern names.

    ``china_text(0)`` is ``19700101080000``. Raises OverflowError outside the years 1 to 9999.
    """
    template, parts = _writing(pattern)
    milliseconds = moment % SECOND
    time = EPOCH + timedelta(milliseconds=moment - milliseconds)
    values = (time.year, time.month, time.day, time.hour, time.minute, time.second, milliseconds)
    return template % values[:parts]


def moment_of(text: str, pattern: str = PACKED, field: str = "") -> Moment:
    """The moment that a text of China time means; parts that the pattern lacks are the earliest possible.

    The text must fit the pattern exactly. Raises UnreadableMoment, which names ``field``.
    """
    found = _reading(pattern).fullmatch(text)
    if found is None:
        raise UnreadableMoment(say("It is not written as {pattern}.", pattern=pattern), field)
    parts = tuple(map(int, found.groups()))
    year, month, day, hour, minute, second, milliseconds = (*parts, *EARLIEST[len(parts) :])
    try:
        time = datetime(year, month, day, hour, minute, second, tzinfo=CHINA)
    except ValueError:
        raise UnreadableMoment(say("There is no such date or time of day."), field) from None
    return (time - EPOCH) // MILLISECOND + milliseconds


def china_date(moment: Moment) -> str:
    """The day of the moment in China, ``yyyyMMdd``."""
    return china_text(moment, "yyyyMMdd")


def same_china_day(one: Moment, other: Moment) -> bool:
    """Whether both moments fall on the same day in China (Sichuan takes uses of the same day only)."""
    return (one + CHINA_OFFSET) // DAY == (other + CHINA_OFFSET) // DAY


@functools.cache
def _writing(pattern: str) -> tuple[str, int]:
    """The format string of a pattern, and how many parts it takes."""
    literal = pattern.replace("%", "%%")
    return LETTERS.sub(lambda letters: f"%0{len(letters[0])}d", literal), _parts(pattern)


@functools.cache
def _reading(pattern: str) -> re.Pattern[str]:
    """The regular expression of a pattern, one group a part."""
    _parts(pattern)
    return re.compile(LETTERS.sub(lambda letters: f"([0-9]{{{len(letters[0])}}})", re.escape(pattern)))


def _parts(pattern: str) -> int:
    """How many parts the pattern names. Raises ValueError unless they stand in `ORDER`, from the year on."""
    parts = LETTERS.findall(pattern)
    if not parts or tuple(parts) != ORDER[: len(parts)]:
        raise ValueError(f"a pattern of time names its parts from the year down, not as {pattern!r}")
    return len(parts)
