"""The selections that a family of requirements goes over: which rows, and what its templates may name.

Follows the card's tree of APP11 chapter 4. Every subject names its ``directory``; files come with their
``place``, because APP11 treats the visit files EE01… and ED01… as one place each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from reference.languages import Text
from reference.standard.rows import Directory, DirectoryKind, Element, File, FileKind, Key, KeyRole, Protection
from reference.standard.tables import Standard

Subject = dict[str, object]
Selection = Callable[[Standard], Iterator[Subject]]

SINGLE_FILES = "EF"
"""Identifiers EFxx name single files; others (EExx, EDxx) number files of one layout."""
SIGNATURE, CERTIFICATE = "signature", "sam-certificate"
"""The elements that end every visit file (APP11 tables 4-15 and 4-16)."""


@dataclass(frozen=True)
class Place:
    """Where a requirement stands: one file, or the files of one layout together."""

    id: str
    """Its part of a requirement id: ``card.df02.ef05``, ``card.df03.ee``."""
    en: str
    zh: str
    title: Text


@dataclass(frozen=True)
class Group:
    """Elements of a visit file that are repeated together: ``diagnosis-1.name`` … ``diagnosis-3.healing``."""

    name: str
    starts: tuple[int, ...]
    """Offsets at which the repetitions begin."""

    @property
    def count(self) -> int:
        """How often the group is repeated."""
        return len(self.starts)

    @property
    def last(self) -> int:
        """Where the last repetition begins."""
        return self.starts[-1]

    @property
    def stride(self) -> int:
        """Bytes from one repetition to the next."""
        return self.starts[1] - self.starts[0]


def _directory(standard: Standard, path: str) -> Directory:
    return standard.directories[path]


def _layout(file: File) -> tuple[str, str]:
    """What files of one place have in common: the directory, and their identifier or its letters."""
    return file.directory, file.fid if file.fid.startswith(SINGLE_FILES) else file.fid[:2]


def _place(standard: Standard, files: list[File]) -> Place:
    first, last = files[0], files[-1]
    if first.fid.startswith(SINGLE_FILES):
        return Place(first.id, first.path, first.path, first.title)
    numbered = " 0123456789"
    return Place(
        f"{_directory(standard, first.directory).id}.{first.fid[:2].lower()}",
        f"{first.path} to {last.fid}",
        f"{first.path} 至 {last.fid}",
        Text(first.title.en.rstrip(numbered), first.title.zh.rstrip(numbered)),
    )


def _places(standard: Standard) -> Iterator[tuple[Place, list[File]]]:
    for _, files in groupby(standard.files.values(), key=_layout):
        members = list(files)
        yield _place(standard, members), members


def _files(chosen: Callable[[File], bool]) -> Selection:
    """Places whose files are chosen: ``directory``, ``place``, ``file`` (the first of the place)."""

    def selection(standard: Standard) -> Iterator[Subject]:
        for place, files in _places(standard):
            if chosen(files[0]):
                yield {
                    "directory": _directory(standard, files[0].directory),
                    "place": place,
                    "file": files[0],
                }

    return selection


def _elements(tagged: bool) -> Selection:
    """Elements of single files, with or without tag: ``directory``, ``place``, ``file``, ``element``.

    The elements of the visit files have one row for their whole layout, and one for each group.
    """

    def selection(standard: Standard) -> Iterator[Subject]:
        for subject in _files(lambda file: file.fid.startswith(SINGLE_FILES))(standard):
            file = subject["file"]
            assert isinstance(file, File)
            for element in standard.elements(file.path):
                if (element.tag is not None) is tagged:
                    yield subject | {"element": element}

    return selection


def _coded_elements(standard: Standard) -> Iterator[Subject]:
    """Elements with a code table, those of the visit files once for their layout: ``directory``, ``place``, ``file``,
    ``element``. The flags of the visit indexes are left out: a row on their values says more.
    """
    for subject in _files(lambda file: file.kind is not FileKind.FIXED)(standard):
        file = subject["file"]
        assert isinstance(file, File)
        yield from (subject | {"element": element} for element in standard.elements(file.path) if element.codes)


def _visit_files(standard: Standard) -> Iterator[Subject]:
    """Files of one layout: beside what `_files` offers ``layout`` (``ee``), ``count`` (of the elements),
    ``signature`` and ``certificate`` (elements).
    """
    for subject in _files(lambda file: not file.fid.startswith(SINGLE_FILES))(standard):
        file = subject["file"]
        assert isinstance(file, File)
        yield subject | {
            "layout": file.place.rpartition(".")[2],
            "count": len(standard.elements(file.path)),
            "signature": standard.element(file.path, SIGNATURE),
            "certificate": standard.element(file.path, CERTIFICATE),
        }


def _groups(standard: Standard) -> Iterator[Subject]:
    """Repeated groups of the visit files: beside what `_visit_files` offers ``group`` and ``first``, the element
    with which the group begins.
    """
    for subject in _visit_files(standard):
        file = subject["file"]
        assert isinstance(file, File)
        repeated = [element for element in standard.elements(file.path) if "." in element.id]
        for name, members in groupby(repeated, key=lambda element: element.id.partition("-")[0]):
            firsts = [next(repetition) for _, repetition in groupby(members, key=_repetition)]
            group = Group(name, tuple(element.offset for element in firsts))
            yield subject | {"group": group, "first": firsts[0]}


def _repetition(element: Element) -> str:
    """The repetition that the element of a group stands in: ``diagnosis-2``."""
    return element.id.partition(".")[0]


def _directories(chosen: Callable[[Standard, Directory], bool]) -> Selection:
    """Directories below the MF: ``directory``."""

    def selection(standard: Standard) -> Iterator[Subject]:
        for directory in standard.directories.values():
            if directory.kind is not DirectoryKind.MF and chosen(standard, directory):
                yield {"directory": directory}

    return selection


def _keys(role: KeyRole) -> Selection:
    """Keys of one role: ``directory``, ``key``, ``files`` (the places that it governs, as a text)."""

    def selection(standard: Standard) -> Iterator[Subject]:
        for key in standard.keys.values():
            if key.role is role:
                yield {
                    "directory": _directory(standard, key.directory),
                    "key": key,
                    "files": _opened(standard, key),
                }

    return selection


def _opened(standard: Standard, key: Key) -> Text:
    places = [place for place, files in _places(standard) if key.id in (files[0].read, files[0].update, files[0].erase)]
    inside = len(key.directory) + 1
    return Text(", ".join(place.en[inside:] for place in places), "、".join(place.zh[inside:] for place in places))


def _secured(standard: Standard, directory: Directory) -> bool:
    return any(
        file.directory == directory.path and file.protection is Protection.CIPHER_AND_MAC
        for file in standard.files.values()
    )


SELECTIONS: dict[str, Selection] = {
    "directories": _directories(lambda standard, directory: True),
    "applications": _directories(lambda standard, directory: directory.kind is DirectoryKind.ADF),
    "directories updated with cipher and MAC": _directories(_secured),
    "files of variable records": _files(lambda file: file.kind is FileKind.VARIABLE),
    "files of fixed records": _files(lambda file: file.kind is FileKind.FIXED),
    "cyclic files": _files(lambda file: file.kind is FileKind.CYCLIC),
    "binary files": _files(lambda file: file.kind is FileKind.BINARY),
    "files free to read": _files(lambda file: file.read is None),
    "files with a read key": _files(lambda file: file.read is not None),
    "files with an update key": _files(lambda file: file.update is not None),
    "files never rewritten": _files(lambda file: file.update is None),
    "files with an erase key": _files(lambda file: file.erase is not None),
    "files updated with cipher and MAC": _files(lambda file: file.protection is Protection.CIPHER_AND_MAC),
    "files updated with a MAC alone": _files(lambda file: file.protection is Protection.MAC),
    "visit files": _visit_files,
    "repeated groups of the visit files": _groups,
    "tagged elements": _elements(tagged=True),
    "untagged elements": _elements(tagged=False),
    "elements with a code table": _coded_elements,
    "read keys": _keys(KeyRole.READ),
    "update keys": _keys(KeyRole.UPDATE),
    "lock keys": _keys(KeyRole.APPLICATION_LOCK),
}
"""Every selection by the name that families use."""
