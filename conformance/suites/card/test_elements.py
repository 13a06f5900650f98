"""Data elements: every tagged record with tag, length and coding; every untagged field in its place.

Follows APP11 4.3, table 3-1 and tables 4-1 to 4-12; where the run is given what the sample was personalised with, the
values are compared as well.
"""

from __future__ import annotations

from conformance.engine.marks import each, refusal, requirement
from conformance.engine.stand import record_of
from conformance.suites.card.element_values import Expected, check_value, find_record
from conformance.suites.card.steps import must_read, open_file
from conformance.suites.card.subjects import tagged_elements, untagged_elements
from reference.card.elements import TAG_AND_LENGTH
from reference.card.violations import WrongRecord
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import Element, ElementType, FileKind
from reference.terminal.terminal import Terminal

EXPIRY = 7


@requirement("{element.requirement}", "card.aef.content")
@each("element", tagged_elements)
def test_an_element_is_a_record_with_its_tag_and_length(
    terminal: Terminal, element: Element, standard: Standard, expected: Expected
) -> None:
    """Find the record with the element's tag; length, coding and value are right."""
    record = find_record(terminal, standard, element)
    if record[:TAG_AND_LENGTH] != bytes((element.tag or 0, element.length)) or len(record) != (
        element.length + TAG_AND_LENGTH
    ):
        raise WrongRecord(
            f"{element.file}:{element.id}",
            wanted=say("tag {tag:02X}, length {length:02X}, {length} bytes", tag=element.tag, length=element.length),
            found=say("{hex}", hex=record.hex(" ").upper()),
        )
    check_value(standard, element, record[TAG_AND_LENGTH:], expected)


@requirement("{element.requirement}")
@each("element", untagged_elements)
def test_an_untagged_element_stands_in_its_place(
    terminal: Terminal, element: Element, standard: Standard, expected: Expected
) -> None:
    """Read the first record and those that the personalisation states, or the bytes; look at the element's slice."""
    file = standard.files[element.file]
    open_file(terminal, file, file.read)
    if file.kind is FileKind.BINARY:
        check_photo(terminal, element)
        return
    for number in range(1, file.records + 1):
        place = record_of(file.path, number)
        if number == 1 or place in expected:
            record = must_read(terminal.card.read_record(number), file.path)
            check_value(standard, element, record[element.offset : element.offset + element.length], expected, place)


@requirement("card.ddf1.ef05.issue-serial-kept")
def test_the_issue_serial_keeps_its_length(terminal: Terminal, standard: Standard, expected: Expected) -> None:
    """The record with tag 10, renamed by the second revision, still has ten bytes of text."""
    element = standard.element("DDF1/EF05", "issue-serial")
    test_an_element_is_a_record_with_its_tag_and_length(terminal, element, standard, expected)


@requirement("card.ddf1.ef07.length-prefix")
def test_the_photo_starts_with_its_length(terminal: Terminal, standard: Standard) -> None:
    """Two bytes, high byte first, say how long the image behind them is."""
    file = standard.files["DDF1/EF07"]
    open_file(terminal, file, file.read)
    check_photo(terminal, standard.element(file.path, "photo"))


@requirement("card.ddf1.expiry-location")
def test_the_expiry_date_stands_in_the_payment_file(terminal: Terminal, standard: Standard) -> None:
    """With the right satisfied, a record with tag 07 is found in DDF1/EF08."""
    element = next(e for e in standard.elements("DDF1/EF08") if e.tag == EXPIRY)
    record = find_record(terminal, standard, element)
    if record[:1] != bytes((EXPIRY,)):
        raise WrongRecord(
            "DDF1/EF08", wanted=say("a record with tag 07"), found=say("{hex}", hex=record.hex(" ").upper())
        )


@requirement("card.ddf1.expiry-location")
@refusal(twin="test_the_expiry_date_stands_in_the_payment_file")
def test_the_expiry_date_does_not_stand_in_the_issuer_file(terminal: Terminal) -> None:
    """DDF1/EF05 gives out no record with tag 07."""
    terminal.select("DDF1/EF05")
    answer = terminal.card.read_record_tagged(EXPIRY)
    if answer.granted:
        raise WrongRecord(
            "DDF1/EF05",
            wanted=say("no record with tag 07"),
            found=say("the card answered {answer}", answer=answer.describe()),
        )


@requirement("data.type.cn")
def test_every_cn_element_holds_packed_digits(terminal: Terminal, standard: Standard) -> None:
    """All tagged elements of type cn."""
    check_all(terminal, standard, ElementType.CN)


@requirement("data.type.ans")
def test_every_ans_element_holds_text(terminal: Terminal, standard: Standard) -> None:
    """All tagged elements of type ans."""
    check_all(terminal, standard, ElementType.ANS)


def check_all(terminal: Terminal, standard: Standard, type_: ElementType) -> None:
    """Coding of all tagged elements of one type."""
    for element in tagged_elements(standard):
        if element.type is type_:
            check_value(standard, element, find_record(terminal, standard, element)[TAG_AND_LENGTH:], {})


def check_photo(terminal: Terminal, element: Element) -> None:
    """Raise WrongRecord unless the photo's first two bytes are the length of an image that fits behind them."""
    prefix = terminal.standard.limit("photo-length-prefix")
    most = terminal.standard.limit("photo-max")
    head = must_read(terminal.card.read_binary(0, prefix), element.file)
    length = int.from_bytes(head, "big")
    if len(head) != prefix or not 0 < length <= most:
        raise WrongRecord(
            f"{element.file}:{element.id}",
            wanted=say("two bytes of length, from 1 to {most}", most=most),
            found=say("{hex}", hex=head.hex(" ").upper()),
        )
    must_read(terminal.card.read_binary(prefix + length - 1, 1), element.file)
