"""The one error of the standard's tables: what is wrong in a table, a row or a profile, and what to do."""

from __future__ import annotations

from collections.abc import Iterable

from reference.languages import Text, say


class StandardError(Exception):
    """A mistake in the tables of the standard or in a profile.

    ``where`` names file, row and column; ``problem`` says what is wrong; ``remedy`` says what to do.
    ``text`` is the whole message in both languages, ``str()`` of the error its English form.
    """

    def __init__(self, where: str, problem: Text, remedy: Text) -> None:
        self.where, self.problem, self.remedy = where, problem, remedy
        self.text = say("{where}: {problem} {remedy}", where=where, problem=problem, remedy=remedy)
        super().__init__(self.text.en)


def among(known: Iterable[str]) -> Text:
    """The remedy that lists what is known, sorted: ``Use one of: a, b, c.``"""
    return say("Use one of: {names}.", names=", ".join(sorted(known)) or "–")
