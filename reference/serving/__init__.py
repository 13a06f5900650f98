"""How the platform's services are built: what they lean on, and which function serves which verb.

A service is a function ``(surroundings, caller, verb) -> answer`` marked with `serves`; where it raises `Refusal` it
has changed nothing. It asks crypto machine, real-name check and bank before its transaction begins, never inside: a
slow partner must not hold the database.
"""

from reference.serving.dispatch import serves, service_of
from reference.serving.partners import (
    KeptRecord,
    PartAnswer,
    PartnerAway,
    PartnerRefused,
    PartOwner,
    PartQuestion,
    Payer,
    RecordKeeper,
    VoucherReader,
)
from reference.serving.surroundings import Bank, PlatformClock, RealNameCheck, RealNameResult, Surroundings

__all__ = [
    "Bank",
    "KeptRecord",
    "PartAnswer",
    "PartOwner",
    "PartQuestion",
    "PartnerAway",
    "PartnerRefused",
    "Payer",
    "PlatformClock",
    "RealNameCheck",
    "RealNameResult",
    "RecordKeeper",
    "Surroundings",
    "VoucherReader",
    "serves",
    "service_of",
]
