"""Residents as simulated clients describe them: made-up contact data, and what follows from the citizen number."""

from __future__ import annotations

from reference.ecard.broken_rules import BrokenRule
from reference.ecard.id_numbers import citizen_number
from reference.ecard.verbs import Person, Proof
from reference.front_end.facts import ProfileCarries
from reference.qr.images import png

CITIZEN_CARD = "01"
HAN = "01"
MALE = "1"
BIRTHDAY = "19900101"
"""What is told of somebody whose number does not say it."""
PHONE = "13800000000"
ADDRESS = "演示市演示路1号"
CLERK_NAME = "经办人甲"
CLERK_NUMBER = "990000198001010019"
PHOTO_PIXELS = 100


def resident(name: str, id_number: str, id_type: str = CITIZEN_CARD, phone: str = PHONE) -> Person:
    """A person with all the fields that any wire profile demands; the platform judges the number, not the client."""
    sex, birthday = MALE, BIRTHDAY
    if id_type == CITIZEN_CARD:
        try:
            number = citizen_number(id_number)
            sex, birthday = number.sex, number.birthday
        except BrokenRule:
            pass
    return Person(
        id_type=id_type,
        id_number=id_number,
        name=name,
        sex=sex,
        birthday=birthday,
        nation=HAN,
        phone=phone,
        telephone=phone,
        address=ADDRESS,
    )


def photographed() -> Proof:
    """An online proof; the photos are images, of nobody."""
    photo = png("DEMO", 0, PHOTO_PIXELS)
    return Proof(way="online", photo_front=photo, photo_back=photo, photo_face=photo)


def app_proof(carries: ProfileCarries) -> Proof:
    """How an app or a kiosk makes sure of the person in a wire profile."""
    return photographed() if carries.app_proof == "online" else own_account()


def seen_by_clerk(name: str = CLERK_NAME, id_number: str = CLERK_NUMBER) -> Proof:
    """A clerk has seen the document."""
    return Proof(way="on-site", clerk_name=name, clerk_id_number=id_number)


def own_account() -> Proof:
    """The application has checked the real name itself."""
    return Proof(way="trusted")
