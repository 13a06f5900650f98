"""Why the platform refuses: one id a reason, its words in the table `refusals.toml`.

Services raise `Refusal`; each wire profile turns the id into its own return code, the suites and the load tool compare
ids. The words of a refusal never hold personal data: ``details`` may, and stays inside the process.
"""

from __future__ import annotations

from reference.languages import Text
from reference.standard.ecard.refusals import refusals


class Refusal(Exception):
    """A request that the platform does not fulfil; nothing was changed by it.

    ``id`` is a row of `refusals.toml` (KeyError for any other); ``field`` names the field at fault, where one is.
    """

    def __init__(self, id: str, field: str = "", **details: object) -> None:
        self.id, self.field, self.details = id, field, details
        self.reason = refusals()[id]
        super().__init__(f"{id} {field}".strip())

    def explained(self) -> Text:
        """What is wrong, in both languages, with the field at fault."""
        text = self.reason.text
        return Text(f"{text.en} ({self.field})", f"{text.zh}（{self.field}）") if self.field else text
