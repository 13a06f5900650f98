"""Virtual account management (虚拟账户管理): from a person to an electronic card, and all that hangs on it.

One module a domain word: registration, updating, lifecycle, auditing, finding, prefabrication, family, temporary,
bank_cards, media. Each service answers one verb (`reference.ecard.verbs`); importing this room registers them all.
Every change of state is one transaction with its line in the audit log; crypto machine, real-name check and bank are
asked before it begins. Source: P-ECARD-01 to 05, 09, 15 to 17, P-LIFE-04, P-CITY-05, P-FLOW-06 to 08.
"""

from reference.accounts import (
    auditing,
    bank_cards,
    family,
    finding,
    following,
    lifecycle,
    media,
    prefabrication,
    registration,
    temporary,
    updating,
)

__all__ = [
    "auditing",
    "bank_cards",
    "family",
    "finding",
    "following",
    "lifecycle",
    "media",
    "prefabrication",
    "registration",
    "temporary",
    "updating",
]
