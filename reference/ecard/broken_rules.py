"""What the pure rules raise: a `Refusal` with the particular rule that was broken.

Each class names the row of `refusals.toml` that it belongs to, so that services and wire profiles treat it as any
other refusal. The detail says what is wrong with the form and what would be right; never the value, which is personal.
"""

from __future__ import annotations

from typing import ClassVar

from reference.ecard.refusals import Refusal
from reference.languages import Text


class BrokenRule(Refusal):
    """A value that breaks a rule of form. ``detail`` says which and what would be right, in both languages."""

    refusal: ClassVar[str] = "request.field-malformed"
    """The row of `refusals.toml`, unless the one who raises names a nearer one."""

    def __init__(self, detail: Text, field: str = "", refusal: str = "") -> None:
        super().__init__(refusal or self.refusal, field)
        self.detail = detail

    def explained(self) -> Text:
        """The refusal's words and the detail, in both languages."""
        words = super().explained()
        return Text(f"{words.en} {self.detail.en}", f"{words.zh}{self.detail.zh}")
