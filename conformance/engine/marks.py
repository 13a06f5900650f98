"""How a test says what it judges: the marks of a suite's test functions.

A mark is the registration: nothing has to be entered in a second place. Requirement ids may be templates over the
subject, as in ``{file.id}.read-needs-{file.read}``; they are the ids that the catalogue generates from the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeVar

import msgspec

from reference.standard import Standard

Side = Literal["positive", "negative"]
Test = TypeVar("Test", bound=Callable[..., None])
Selection = Callable[[Standard], Iterable[Any]]

ATTRIBUTE = "conformance_marks"


class Marks(msgspec.Struct):
    """Everything that the marks of one test function say."""

    requirements: tuple[str, ...] = ()
    side: Side = "positive"
    twin: str = ""
    argument: str = ""
    selection: Selection | None = None
    irreversible: dict[str, int] = {}


def marks_of(function: Callable[..., None]) -> Marks:
    """The marks of a test function, made on first use."""
    found: Marks | None = getattr(function, ATTRIBUTE, None)
    if found is None:
        found = Marks()
        setattr(function, ATTRIBUTE, found)
    return found


def requirement(*ids: str) -> Callable[[Test], Test]:
    """The requirements that the test judges; the first is the one in whose name it finds violations."""

    def mark(test: Test) -> Test:
        marks_of(test).requirements = ids
        return test

    return mark


def refusal(*, twin: str) -> Callable[[Test], Test]:
    """The test expects the product to refuse.

    A refusal counts only when the positive twin, a test function of the same module, passed in the same run for the
    same subject: a card that refuses everything is not a good card.
    """

    def mark(test: Test) -> Test:
        marks_of(test).side = "negative"
        marks_of(test).twin = twin
        return test

    return mark


def each(argument: str, selection: Selection) -> Callable[[Test], Test]:
    """Run the test once for each subject that ``selection`` picks from the standard's tables."""

    def mark(test: Test) -> Test:
        marks_of(test).argument = argument
        marks_of(test).selection = selection
        return test

    return mark


def uses_up(kind: str, count: int = 1) -> Callable[[Test], Test]:
    """The test spends something that does not come back (``wrong-mac``, ``pin-try``)."""

    def mark(test: Test) -> Test:
        marks_of(test).irreversible = marks_of(test).irreversible | {kind: count}
        return test

    return mark


def subject_id(subject: object) -> str:
    """The name of a subject inside a test's id."""
    if isinstance(subject, str):
        return subject
    if isinstance(subject, Sequence):
        return "-".join(subject_id(part) for part in subject)
    file, tail = getattr(subject, "file", None), getattr(subject, "id", None)
    if file is not None:
        return f"{file}:{tail}"
    return str(getattr(subject, "path", tail)) or "MF"
