"""Real-name identity (实名认证): the proof's own rules, the route by document and age, and what the answer means.

`RoutedRealNameCheck` is the `RealNameCheck` of a platform in service: it picks the partner by the routes of
`accounts.toml` (Guangdong: 0 to 16 birth certificate, 17 to 59 face, from 60 household register) and asks it. Where no
route fits the answer is undecided, and a person audits the application. Source: EC-GD, EC-QH E0001, E0006; P-ECARD-17.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final, Protocol

from reference.accounts.tables import Route, facts
from reference.ecard.id_numbers import age
from reference.ecard.moments import china_date
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Person, Proof
from reference.serving import RealNameResult, Surroundings
from reference.standard.ecard import EcardTables

PHOTOS: Final = ("photo_front", "photo_back", "photo_face")
IMAGE_HEADS: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""How PNG (EC-QH E0001) and JPEG files begin."""
CLERK: Final = "clerk"
"""The route on which the clerk's own eyes are the check."""
SALT_BYTES: Final = 8


class Partner(Protocol):
    """Who can say whether a name, a document and a proof belong together."""

    def ask(self, person: Person, proof: Proof) -> RealNameResult:
        """The answer. Raises Refusal ``person.real-name-unavailable``."""
        ...


class RoutedRealNameCheck:
    """A real-name check over partners by name: ``population``, ``face``, ``household``, ``birth-certificates``.

    A partner that is missing decides nothing: its applications are audited.
    """

    def __init__(self, partners: Mapping[str, Partner]) -> None:
        self._partners = dict(partners)

    def check(self, person: Person, proof: Proof, today: str) -> RealNameResult:
        """Whether document, name and proof belong together.

        Raises Refusal ``person.image-missing`` when the route needs a photo, ``person.real-name-unavailable``.
        """
        route = route_of(person, proof, today)
        if route is None:
            return RealNameResult.UNDECIDED
        for photo in route.photos:
            if not getattr(proof, photo):
                raise Refusal("person.image-missing", photo)
        if route.asks == CLERK:
            return RealNameResult.SAME
        partner = self._partners.get(route.asks)
        return RealNameResult.UNDECIDED if partner is None else partner.ask(person, proof)


def route_of(person: Person, proof: Proof, today: str) -> Route | None:
    """The first route that fits, or None."""
    years = age(person.birthday, today) if person.birthday else None
    return next((route for route in facts().route if route.fits(proof.way, person.id_type, years)), None)


def established(surroundings: Surroundings, person: Person, proof: Proof) -> RealNameResult:
    """What the real-name check says of a proof in order: the same person, or undecided.

    Raises Refusal ``person.not-real-name`` when it says another, and as `check_proof` and the check itself.
    """
    check_proof(proof, surroundings.tables)
    result = surroundings.real_name.check(person, proof, china_date(surroundings.clock.now_ms()))
    if result is RealNameResult.DIFFERENT:
        raise Refusal("person.not-real-name")
    return result


def check_proof(proof: Proof, tables: EcardTables) -> None:
    """Photos are images of allowed size; on site the clerk is named. Raises Refusal with the field at fault."""
    for field in PHOTOS:
        photo = getattr(proof, field)
        if len(photo) > tables.limit("photo-bytes"):
            raise Refusal("person.image-too-large", field)
        if photo and not photo.startswith(IMAGE_HEADS):
            raise Refusal("person.image-malformed", field)
    if proof.way == "on-site" and not (proof.clerk_id_number and proof.clerk_name):
        raise Refusal("person.clerk-missing", "clerk_name" if proof.clerk_id_number else "clerk_id_number")


def clerk_mark(surroundings: Surroundings, proof: Proof) -> str:
    """What is kept of the certifying clerk: salt and salted SM3 digest, by which a named clerk can be recognised."""
    if proof.way != "on-site":
        return ""
    salt = surroundings.randomness.bytes(SALT_BYTES).hex()
    clerk = f"{salt}\n{proof.clerk_id_number}\n{proof.clerk_name}"
    return f"{salt}:{hashlib.new('sm3', clerk.encode()).hexdigest()}"
