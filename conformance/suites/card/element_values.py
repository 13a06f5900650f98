"""Data elements in a card's answers: finding them, and holding them against their type and the personalisation.

Follows APP11 4.3, table 3-1 and tables 4-1 to 4-16.
"""

from __future__ import annotations

from conformance.suites.card.steps import open_file, require_content
from reference.card.apdu import OK
from reference.card.elements import UnfitValue, coding_fault
from reference.card.values import decode, stated
from reference.card.violations import WrongCoding, WrongContent
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import Element
from reference.terminal.terminal import Terminal

Expected = dict[str, dict[str, str]]
"""What the sample was personalised with, by file or record and by element; see `Stand.expected`."""


def find_record(terminal: Terminal, standard: Standard, element: Element) -> bytes:
    """The record with the element's tag: where the table puts it, else by searching the file.

    Falls back to the record at the element's place, so that a finding shows what stands there instead.
    """
    file = standard.files[element.file]
    open_file(terminal, file, file.read)
    place = standard.elements(file.path).index(element) + 1
    first = terminal.card.read_record(place)
    if first.sw == OK and first.data[:1] == bytes((element.tag or 0,)):
        return first.data
    for number in range(1, file.records + 1):
        answer = terminal.card.read_record(number)
        if answer.sw == OK and answer.data[:1] == bytes((element.tag or 0,)):
            return answer.data
    require_content(first, f"{element.file}:{element.id}", file.read)
    return first.data


def check_value(standard: Standard, element: Element, value: bytes, expected: Expected, place: str = "") -> None:
    """Raise WrongCoding or WrongContent when the value is not as its type and the personalisation state.

    ``place`` is the file or record under which ``expected`` has the value; the element's file where it is left out.
    """
    fault = coding_fault(element, value)
    if fault is not None:
        raise wrong_coding(element, fault)
    compare(standard, element, value, expected.get(place or element.file, {}))


def check_meaning(standard: Standard, element: Element, value: bytes, wanted: dict[str, str]) -> bool:
    """Whether anything is stated in the element; amounts, times and flags are read as the profile writes them.

    Raises WrongCoding where the bytes mean nothing, WrongContent where they are not the ``wanted`` value.
    """
    try:
        meaning = decode(standard, element, value)
    except UnfitValue as fault:
        raise wrong_coding(element, fault.reason) from fault
    compare(standard, element, value, wanted)
    return meaning is not None


def wrong_coding(element: Element, fault: Text) -> WrongCoding:
    """The violation of a value that is not coded as its type."""
    return WrongCoding(
        f"{element.file}:{element.id}",
        type=element.type.value,
        wanted=say("{length} bytes of type {type}", length=element.length, type=element.type.value),
        found=fault,
    )


def compare(standard: Standard, element: Element, value: bytes, wanted: dict[str, str]) -> None:
    """Raise WrongContent when the personalisation states another value."""
    text = wanted.get(element.id)
    if text is not None and value != stated(standard, element, text):
        raise WrongContent(
            f"{element.file}:{element.id}",
            wanted=say("{value}", value=text),
            found=say("{hex}", hex=value.hex(" ").upper()),
        )
