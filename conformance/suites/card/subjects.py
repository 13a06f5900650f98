"""What the card's tests are run on: selections of directories, files, elements and keys from the standard's tables."""

from __future__ import annotations

from collections.abc import Iterator

from reference.card.access import AUTHENTICATING_ROLES
from reference.standard import Standard
from reference.standard.rows import (
    Directory,
    DirectoryKind,
    Element,
    File,
    FileKind,
    Key,
    KeyRole,
    Protection,
)

MANAGEMENT_DATA = "DDF1/DF03"


def directories(standard: Standard) -> Iterator[Directory]:
    """Every directory below the MF."""
    return (row for row in standard.directories.values() if row.kind is not DirectoryKind.MF)


def named_directories(standard: Standard) -> Iterator[Directory]:
    """Every directory with a DF name."""
    return (row for row in directories(standard) if row.name)


def applications(standard: Standard) -> Iterator[Directory]:
    """The applications DF01 to DF03."""
    return (row for row in directories(standard) if row.kind is DirectoryKind.ADF)


def files(standard: Standard) -> Iterator[File]:
    """Every elementary file."""
    return iter(standard.files.values())


def record_files(standard: Standard) -> Iterator[File]:
    """Files with records of any kind."""
    return (file for file in files(standard) if file.kind is not FileKind.BINARY)


def binary_files(standard: Standard) -> Iterator[File]:
    """Files read by byte address."""
    return (file for file in files(standard) if file.kind is FileKind.BINARY)


def fixed_files(standard: Standard) -> Iterator[File]:
    """Files with a fixed number of records of fixed length."""
    return (file for file in files(standard) if file.kind is FileKind.FIXED)


def cyclic_files(standard: Standard) -> Iterator[File]:
    """Cyclic files."""
    return (file for file in files(standard) if file.kind is FileKind.CYCLIC)


def free_files(standard: Standard) -> Iterator[File]:
    """Files that anybody reads."""
    return (file for file in files(standard) if file.read is None)


def closed_files(standard: Standard) -> Iterator[File]:
    """Files with a read key."""
    return (file for file in files(standard) if file.read is not None)


def updated_files(standard: Standard) -> Iterator[File]:
    """Files with an update key whose updating is tested: all outside the management data area."""
    return (file for file in files(standard) if file.update and file.directory != MANAGEMENT_DATA)


def secured_files(standard: Standard) -> Iterator[File]:
    """Files updated with cipher text and MAC."""
    return (file for file in updated_files(standard) if file.protection is Protection.CIPHER_AND_MAC)


def unchangeable_files(standard: Standard) -> Iterator[File]:
    """Files that nothing rewrites after issue."""
    return (file for file in files(standard) if file.update is None)


def secured_directories(standard: Standard) -> Iterator[Directory]:
    """Directories with files that are updated with cipher text and MAC."""
    paths = {file.directory for file in secured_files(standard)}
    return (row for row in directories(standard) if row.path in paths)


def readable_directories(standard: Standard) -> Iterator[Directory]:
    """Directories with record files outside the management data area."""
    return (row for row in directories(standard) if row.path != MANAGEMENT_DATA)


def tagged_elements(standard: Standard) -> Iterator[Element]:
    """Elements that are records of their own, with tag and length."""
    return (e for file in files(standard) for e in standard.elements(file.path) if e.tag is not None)


def tagged_codes(standard: Standard) -> Iterator[Element]:
    """Tagged elements whose values come from a code table."""
    return (element for element in tagged_elements(standard) if element.codes)


def untagged_elements(standard: Standard) -> Iterator[Element]:
    """Elements known by their place, outside the management data area."""
    rows = (file for file in files(standard) if file.directory != MANAGEMENT_DATA)
    return (e for file in rows for e in standard.elements(file.path) if e.tag is None)


def visit_files(standard: Standard) -> Iterator[File]:
    """The inpatient and outpatient files."""
    return (file for file in binary_files(standard) if file.directory == MANAGEMENT_DATA)


def visit_groups(standard: Standard) -> dict[str, list[File]]:
    """The visit files by kind of visit."""
    groups: dict[str, list[File]] = {"inpatient": [], "outpatient": []}
    for file in visit_files(standard):
        groups[file.visit].append(file)
    return groups


def authenticating_keys(standard: Standard) -> Iterator[Key]:
    """Read and update keys outside the management data area."""
    roles = (KeyRole.READ, KeyRole.UPDATE)
    return (key for key in standard.keys.values() if key.role in roles and key.directory != MANAGEMENT_DATA)


def other_keys(standard: Standard, file: File, right: str | None) -> tuple[str, ...]:
    """The other keys of the file's directory that can be authenticated and do not give the right."""
    return tuple(
        key.id
        for key in standard.keys.values()
        if key.directory == file.directory
        and key.role in AUTHENTICATING_ROLES
        and key.reference is not None
        and key.id != right
    )
