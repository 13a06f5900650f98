"""How every flow begins: the right SAM, a genuine card, one that has not expired.

Follows APP11 5.1.1 (general flow) and 5.2 (internal authentication). The SAM's type is looked at before the card is
touched (decision); the expiry date stands where the profile's switch ``expiry-location`` says.
"""

from __future__ import annotations

import datetime
import hmac
from collections.abc import Iterable

from reference.card.access import key_of_role
from reference.card.elements import TAG_AND_LENGTH, UnfitValue
from reference.card.values import decode
from reference.card.violations import ForgedCard, ReadRefused, WrongCoding
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import Element, KeyRole
from reference.terminal.endings import CardExpired, UnknownSamType, WrongSamType
from reference.terminal.terminal import OK, FlowBroken, Terminal

ENVIRONMENT = "DDF1"
EXPIRY = "expiry"
SAM_TYPE = ("0015", "key-card-type")


def internal_key(standard: Standard) -> str:
    """The key of internal authentication."""
    key = key_of_role(standard, ENVIRONMENT, KeyRole.INTERNAL)
    assert key is not None
    return key.id


def expiry_element(standard: Standard) -> Element:
    """The expiry date, in the file where the profile has it."""
    return next(row for rows in standard.elements_by_file.values() for row in rows if row.id == EXPIRY)


def expiry_key(standard: Standard) -> str | None:
    """The key that opens the expiry date for reading; None where it is free."""
    return standard.files[expiry_element(standard).file].read


def sam_type(terminal: Terminal) -> int:
    """Reset the SAM and read its type. Raises SamRefuses, and UnknownSamType for one without a table."""
    terminal.sam.reset()
    found = terminal.sam.field(*SAM_TYPE)
    number = int.from_bytes(found, "big")
    if number not in terminal.standard.sam_types:
        raise UnknownSamType(found, list(terminal.standard.sam_types))
    return number


def need_sam(terminal: Terminal, flow: Text, keys: Iterable[str | None]) -> int:
    """The type of the SAM, which holds all these keys (None is no key). Raises WrongSamType with the types that do."""
    types, wanted = terminal.standard.sam_types, [key for key in dict.fromkeys(keys) if key is not None]
    number = sam_type(terminal)
    missing = [key for key in wanted if key not in types[number].keys]
    if missing:
        needed = [other for other, row in types.items() if set(wanted) <= set(row.keys)]
        raise WrongSamType(flow, number, needed, missing)
    return number


def begin(terminal: Terminal) -> None:
    """Reset the card and make sure that it is one of the system's (APP11 5.1.1 (1) to (3)).

    Raises FlowBroken(ForgedCard), also where the card refuses the command.
    """
    terminal.start()
    terminal.select(ENVIRONMENT)
    answer, genuine = terminal.internal_authentication(terminal.sam.challenge())
    if answer.sw != OK or not hmac.compare_digest(answer.data, genuine):
        raise FlowBroken(
            ForgedCard(
                internal_key(terminal.standard),
                wanted=say("the eight bytes that the SAM computes"),
                found=answer.describe(),
            )
        )


def admit(terminal: Terminal, today: datetime.date) -> None:
    """`begin`, and the card must not have expired (APP11 5.1.1 (4), (5)). Raises FlowBroken, CardExpired."""
    begin(terminal)
    expiry = read_expiry(terminal)
    if expiry < today:
        raise CardExpired(expiry, today)


def read_expiry(terminal: Terminal) -> datetime.date:
    """The expiry date; its file is opened with its read key. Raises FlowBroken, also where no date is stated."""
    standard = terminal.standard
    element, key = expiry_element(standard), expiry_key(standard)
    terminal.select(element.file)
    if key is not None:
        terminal.authenticate(key)
    number = standard.elements(element.file).index(element) + 1
    record = terminal.card.read_record(number)
    place = f"{element.file} {element.tag}"
    if record.sw != OK:
        raise FlowBroken(ReadRefused(place, condition=key or say("free to read"), answer=record.describe()))
    try:
        found = decode(standard, element, record.data[TAG_AND_LENGTH:])
    except UnfitValue:
        found = None
    if not isinstance(found, datetime.date):
        coding = say("{hex}", hex=record.data.hex(" ").upper())
        raise FlowBroken(WrongCoding(place, type=element.type, wanted=say("a date YYYYMMDD"), found=coding))
    return found
