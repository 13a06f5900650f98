"""The visits that a sample holds: which records their index marks as valid, and what stands in their files.

Follows APP11 tables 4-13 to 4-16 and REV2 item 17. On a sample without a visit nothing here can be judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.engine.judging import NothingToJudge
from conformance.suites.card.steps import must_read, open_file
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import Element, File
from reference.terminal.terminal import Terminal
from reference.terminal.visits import INPATIENT, OUTPATIENT, VALID, VisitFiles

LAYOUTS = {files.prefix.lower(): files for files in (INPATIENT, OUTPATIENT)}
"""The kinds of visits by the letters that the ids of their requirements have: ``ee``, ``ed``."""


def layouts(standard: Standard) -> Iterator[str]:
    """The layouts of visit files."""
    return iter(LAYOUTS)


def elements_of(standard: Standard, layout: str) -> tuple[Element, ...]:
    """The elements of a visit file, as those of the first file of its layout."""
    return standard.elements(LAYOUTS[layout].path(1))


def group_of(element: Element) -> str:
    """The repeated group that an element belongs to (``diagnosis``); empty for an element of its own."""
    return element.id.partition("-")[0] if "." in element.id else ""


def groups(standard: Standard) -> Iterator[tuple[str, str]]:
    """Each layout with each of its repeated groups, in the order of the table."""
    for layout in layouts(standard):
        names = dict.fromkeys(group_of(element) for element in elements_of(standard, layout))
        yield from ((layout, name) for name in names if name)


def coded_elements(standard: Standard) -> Iterator[Element]:
    """The elements of visit files that have a code table, once for each layout."""
    for layout in layouts(standard):
        yield from (element for element in elements_of(standard, layout) if element.codes)


def recorded(terminal: Terminal, files: VisitFiles) -> list[File]:
    """The files whose records are marked as valid. Raises NothingToJudge where there is none."""
    index = terminal.standard.files[files.index]
    open_file(terminal, index, index.read)
    found = [
        terminal.standard.files[files.path(number)]
        for number in range(1, index.records + 1)
        if must_read(terminal.card.read_record(number), index.path) == VALID
    ]
    if not found:
        raise NothingToJudge(say("no record of {file} is marked as valid: the sample holds no visit", file=index.path))
    return found


def read_elements(terminal: Terminal, file: File, elements: list[Element]) -> list[bytes]:
    """The bytes of neighbouring elements of a visit file; fewer where the file ends before them. Raises FlowBroken."""
    open_file(terminal, file, file.read)
    block, start = terminal.standard.limit("read-binary-chunk"), elements[0].offset
    end = elements[-1].offset + elements[-1].length
    content = b""
    for at in range(start, end, block):
        wanted = min(block, end - at)
        part = must_read(terminal.card.read_binary(at, wanted), file.path)
        content += part
        if len(part) != wanted:
            break
    return [content[element.offset - start :][: element.length] for element in elements]
