"""What every violation has in common: it tells what was seen, in both languages, and where to look.

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
