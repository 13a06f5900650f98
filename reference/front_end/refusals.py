"""Why the front-end does not fulfil a request: its own reasons (`front_end.toml`), and the platform's, passed on."""

from __future__ import annotations

from reference.ecard.refusals import Refusal
from reference.front_end.facts import reasons
from reference.gateway.wire import WireRefusal
from reference.languages import Text
from reference.standard.ecard.refusals import refusals

REFUSED_BY_PLATFORM = 422
"""HTTP status where the platform understood and refused."""


class FrontEndRefusal(Exception):
    """A request that is not fulfilled. ``platform``: the wire profile's own code and words, where it was the platform.

    ``id`` is a row of `front_end.toml` or of the platform's `refusals.toml`; ``field`` names the field at fault.
    """

    def __init__(self, id: str, field: str = "", platform: tuple[str, str] = ("", "")) -> None:
        super().__init__(f"{id} {field}".strip())
        self.id, self.field, self.platform = id, field, platform

    @property
    def status(self) -> int:
        """The HTTP status."""
        return reasons()[self.id].status if self.id in reasons() else REFUSED_BY_PLATFORM

    @property
    def text(self) -> Text:
        """The reason in both languages."""
        return reasons()[self.id].text if self.id in reasons() else refusals()[self.id].text


def of_wire(refused: WireRefusal) -> FrontEndRefusal:
    """The platform's refusal: its own reason where the code stands for one alone."""
    named = refused.ids & refusals().keys()
    id = next(iter(named)) if len(named) == 1 else "front-end.platform-refused"
    return FrontEndRefusal(id, platform=(refused.code, refused.message))


def of_platform(refusal: Refusal) -> FrontEndRefusal:
    """A rule of the platform that is held already here."""
    return FrontEndRefusal(refusal.id, refusal.field)
