"""Mutants of data elements: for each row of the element table the slips of a structure or data script.

Follows APP11 4.3, table 3-1 and tables 4-1 to 4-14. City code and length prefix of the photo are rows like the others.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from reference.card.elements import TAG_AND_LENGTH, encode_value
from reference.card.violations import WrongCoding, WrongContent, WrongRecord
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import Element, ElementType, FileKind
from simulators.cards.demo import demo_personalisation
from simulators.cards.image import CardImage
from simulators.cards.mutants.registry import Change, Maker, Variant, family, from_image, from_tables

OTHER_TAG = 0x80
"""Added to a tag it gives one that no element has."""
ERASED = b"\xff"
OTHER_VALUES = {ElementType.ANS: ("7", "8"), ElementType.CN: ("20301231", "19991130"), ElementType.B: ("5A", "A5")}


def tagged(standard: Standard, *types: ElementType) -> Iterator[Element]:
    """The elements that are records of their own, of the types named or of all."""
    rows = (e for path in standard.files for e in standard.elements(path) if e.tag is not None)
    return (element for element in rows if not types or element.type in types)


def untagged(standard: Standard) -> Iterator[Element]:
    """The elements of cyclic files, known by their place in the record."""
    cyclic = (file for file in standard.files.values() if file.kind is FileKind.CYCLIC)
    return (element for file in cyclic for element in standard.elements(file.path))


def subject(element: Element) -> str:
    """The element as findings name it."""
    return f"{element.file}:{element.id}"


def with_element(element: Element, **changes: object) -> Change:
    """The tables with one element changed."""

    def change(standard: Standard) -> Standard:
        rows = standard.elements(element.file)
        bent = tuple(msgspec.structs.replace(row, **changes) if row.id == element.id else row for row in rows)
        return standard.replacing(elements={element.file: bent})

    return change


def with_value(standard: Standard, element: Element, value: bytes) -> Maker:
    """The card that holds other bytes in a tagged element; its tag and length are right."""
    number = standard.elements(element.file).index(element)

    def change(image: CardImage) -> None:
        records = image.files[element.file].records
        records[number] = records[number][:TAG_AND_LENGTH] + value

    return from_image(change)


def another(element: Element, than: bytes) -> bytes:
    """A valid value of the element that differs from the given one."""
    most = element.length if element.type is ElementType.ANS else 2 * element.length
    candidates = (encode_value(element, text[:most]) for text in OTHER_VALUES[element.type])
    return next(value for value in candidates if value != than)


@family(WrongRecord)
def wrong_tag(standard: Standard) -> Iterator[Variant]:
    """The record stands under another tag."""
    for element in tagged(standard):
        yield Variant(
            row=subject(element),
            breaks=element.requirement,
            subject=subject(element),
            why=say("“{element}” stands under another tag: no terminal finds it.", element=element.title),
            make=from_tables(with_element(element, tag=(element.tag or 0) + OTHER_TAG)),
        )


@family(WrongRecord)
def wrong_length(standard: Standard) -> Iterator[Variant]:
    """The record is a byte longer than the table says."""
    for element in tagged(standard):
        yield Variant(
            row=subject(element),
            breaks=element.requirement,
            subject=subject(element),
            why=say("“{element}” is a byte too long: what follows is cut off elsewhere.", element=element.title),
            make=from_tables(with_element(element, length=element.length + 1)),
        )


@family(WrongCoding)
def wrong_coding(standard: Standard) -> Iterator[Variant]:
    """Text that was never written, and numerals with a nibble that is no digit."""
    for element in tagged(standard, ElementType.ANS, ElementType.CN):
        if element.type is ElementType.ANS:
            why = say("“{element}” was left erased: the reader shows rubbish.", element=element.title)
            value = ERASED * element.length
        else:
            why = say("“{element}” holds a nibble that is no digit: no program reads it.", element=element.title)
            value = b"\xa1" + ERASED * (element.length - 1)
        yield Variant(
            row=subject(element),
            breaks=element.requirement,
            subject=subject(element),
            why=why,
            make=with_value(standard, element, value),
        )


@family(WrongCoding)
def date_as_text(standard: Standard) -> Iterator[Variant]:
    """A date in characters, of which the element holds the year alone."""
    for element in tagged(standard, ElementType.CN):
        if element.content == "date":
            yield Variant(
                row=subject(element),
                breaks=element.requirement,
                subject=subject(element),
                why=say(
                    "“{element}” is written in characters: there is room for the year alone.", element=element.title
                ),
                make=with_value(standard, element, b"2012"),
            )


@family(WrongContent)
def value_of_another_holder(standard: Standard) -> Iterator[Variant]:
    """A valid value, but not the one that the order states."""
    ordered = demo_personalisation().values
    for element in tagged(standard):
        stated = ordered.get(element.file, {}).get(element.id)
        if stated is not None:
            yield Variant(
                row=subject(element),
                breaks=element.requirement,
                subject=subject(element),
                why=say("“{element}” is that of another holder: two orders were mixed up.", element=element.title),
                make=with_value(standard, element, another(element, encode_value(element, stated))),
            )


@family(WrongCoding)
def record_shifted(standard: Standard) -> Iterator[Variant]:
    """An erased byte in front of an untagged field: it stands one place too far."""
    for element in untagged(standard):

        def change(image: CardImage, element: Element = element) -> None:
            held = image.files[element.file]
            start, end = element.offset, element.offset + element.length
            held.records = [record[:start] + ERASED + record[start : end - 1] + record[end:] for record in held.records]

        yield Variant(
            row=subject(element),
            breaks=element.requirement,
            subject=subject(element),
            why=say("“{element}” stands one byte too far: it reads as something else.", element=element.title),
            make=from_image(change),
        )


@family(WrongContent)
def flag_left_blank(standard: Standard) -> Iterator[Variant]:
    """Unused flags of a visit index read 20, a blank: the index was filled like text."""
    for file in standard.files.values():
        if file.kind is FileKind.FIXED:

            def change(image: CardImage, path: str = file.path) -> None:
                image.files[path].records[-1] = b"\x20"

            (element,) = standard.elements(file.path)
            yield Variant(
                row=file.path,
                breaks=element.requirement,
                subject=file.path,
                why=say("“{file}” was filled with blanks: an unused flag is neither 00 nor FF.", file=file.title),
                make=from_image(change),
            )


@family(WrongRecord)
def photo_without_length(standard: Standard) -> Iterator[Variant]:
    """The photo stands in its file without the two bytes of its length."""
    for element in (e for path in standard.files for e in standard.elements(path) if e.id == "photo"):
        for requirement in (element.requirement, "card.ddf1.ef07.length-prefix"):

            def change(image: CardImage, element: Element = element) -> None:
                held = image.files[element.file]
                held.binary = held.binary[2:] + bytes(2)

            yield Variant(
                row=requirement,
                breaks=requirement,
                subject=subject(element),
                why=say("The photo stands without its length: a terminal takes JPEG's own first bytes for it."),
                make=from_image(change),
            )


@family(WrongRecord)
def tag_of_two_bytes(standard: Standard) -> Iterator[Variant]:
    """Tags from 31 on in the long form of ASN.1, as a general TLV library writes them."""
    for element in tagged(standard):
        if element.tag == 31:
            number = standard.elements(element.file).index(element)

            def change(image: CardImage, path: str = element.file, number: int = number) -> None:
                records = image.files[path].records
                records[number] = b"\x1f" + records[number]

            yield Variant(
                row=subject(element),
                breaks="card.aef.content",
                subject=subject(element),
                why=say("Tag 31 is written in two bytes, as ASN.1 has it: on this card it is the plain byte 1F."),
                make=from_image(change),
            )


@family(WrongRecord)
def issue_serial_in_digits(standard: Standard) -> Iterator[Variant]:
    """The record with tag 10 in the coding that its old name suggests."""
    element = standard.element("DDF1/EF05", "issue-serial")
    number = standard.elements(element.file).index(element)

    def change(image: CardImage) -> None:
        packed = bytes.fromhex("0000000001")
        image.files[element.file].records[number] = bytes((element.tag or 0, len(packed))) + packed

    yield Variant(
        row=subject(element),
        breaks="card.ddf1.ef05.issue-serial-kept",
        subject=subject(element),
        why=say("The issue serial was changed to packed digits with its new name: terminals read ten characters."),
        make=from_image(change),
    )


@family(WrongRecord)
def expiry_beside_the_issuer(standard: Standard) -> Iterator[Variant]:
    """The expiry date also stands in the free file, as the general flow has it."""

    def change(image: CardImage) -> None:
        payment = image.files["DDF1/EF08"].records
        image.files["DDF1/EF05"].records.append(next(record for record in payment if record[0] == 7))

    yield Variant(
        row="DDF1/EF05",
        breaks="card.ddf1.expiry-location",
        subject="DDF1/EF05",
        why=say("The expiry date stands in the issuer's file as well: a prolonged card shows two."),
        make=from_image(change),
    )


@family(WrongCoding)
def type_mistaken(standard: Standard) -> Iterator[Variant]:
    """One text and one number of the card in the coding of another system."""
    name, sort = standard.element("DDF1/DF01/EF06", "contact-name-1"), standard.element("DDF1/EF06", "ethnic-group")
    yield Variant(
        row="ans",
        breaks="data.type.ans",
        subject=subject(name),
        why=say("Text is padded with FF like an erased memory: other programs show it as characters."),
        make=with_value(standard, name, "联系甲".encode("gb18030").ljust(name.length, ERASED)),
    )
    yield Variant(
        row="cn",
        breaks="data.type.cn",
        subject=subject(sort),
        why=say("Digits are aligned to the right behind F: the others' programs take the F for a digit."),
        make=with_value(standard, sort, b"\xf1"),
    )
