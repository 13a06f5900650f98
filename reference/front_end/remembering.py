"""The short cache: the answer to one reading of a code, given again to the terminal whose first answer was lost.

What is remembered is never an acceptance for somebody else: it answers the same request number, of the same terminal,
for the same code and step, for some seconds and never beyond the code's own validity. Any other reading of a code is
the platform's to judge, static codes too: they may have been revoked meanwhile. Answers stand in memory alone, found by
a digest, so that no code of a holder lies about.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from reference.front_end.refusals import FrontEndRefusal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a code, by its terminal's own number."""

    terminal: str
    request: str
    text: str
    step: str

    @property
    def mark(self) -> bytes:
        """What tells this reading from another one under the same number."""
        return hashlib.new("sm3", f"{self.text}\n{self.step}".encode()).digest()


@dataclass(slots=True)
class _Kept(Generic[T]):
    mark: bytes
    until_ms: int
    answer: T


class Remembered(Generic[T]):
    """Answers by terminal and request number; ``most`` at a time, the oldest give way."""

    def __init__(self, most: int, seconds: int) -> None:
        self._most, self._ms = most, seconds * 1000
        self._kept: OrderedDict[tuple[str, str], _Kept[T]] = OrderedDict()
        self._turns: dict[tuple[str, str], tuple[threading.Lock, int]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, reading: Reading) -> Iterator[None]:
        """Alone with this number: the same reading twice at one time is asked of the platform once."""
        key = (reading.terminal, reading.request)
        with self._lock:
            lock, holders = self._turns.get(key, (threading.Lock(), 0))
            self._turns[key] = (lock, holders + 1)
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, holders = self._turns.pop(key)
                if holders > 1:
                    self._turns[key] = (lock, holders - 1)

    def recall(self, reading: Reading, now_ms: int) -> T | None:
        """The answer to the same reading, while it lasts.

        Raises FrontEndRefusal ``front-end.request-reused`` for the number of another reading.
        """
        with self._lock:
            kept = self._kept.get((reading.terminal, reading.request))
        if kept is None or kept.until_ms <= now_ms:
            return None
        if kept.mark != reading.mark:
            raise FrontEndRefusal("front-end.request-reused", "request")
        return kept.answer

    def remember(self, reading: Reading, answer: T, now_ms: int, expires_ms: int | None) -> None:
        """Keep an answer, at most until the code expires."""
        until_ms = now_ms + self._ms
        if expires_ms is not None:
            until_ms = min(until_ms, expires_ms)
        with self._lock:
            self._kept[reading.terminal, reading.request] = _Kept(reading.mark, until_ms, answer)
            self._kept.move_to_end((reading.terminal, reading.request))
            while self._kept and (len(self._kept) > self._most or self._first_is_past(now_ms)):
                self._kept.popitem(last=False)

    def _first_is_past(self, now_ms: int) -> bool:
        return next(iter(self._kept.values())).until_ms <= now_ms
