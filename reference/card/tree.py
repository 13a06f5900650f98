"""The card's file tree: which file a SELECT reaches from where.

Follows APP11 4.1 to 4.5 and ISO/IEC 7816-4 7.1.1 (selection by file identifier and by DF name).
"""

from __future__ import annotations

from reference.standard import Standard
from reference.standard.rows import Directory, File

MASTER_FILE = ""


def parent(path: str) -> str:
    """Path of the directory above; the MF is its own parent."""
    return path.rpartition("/")[0]


def select_by_identifier(standard: Standard, current: str, fid: str) -> Directory | File | None:
    """What ``fid`` (four hex digits) means while ``current`` is the selected directory.

    The MF is reached from everywhere; then the current directory itself, what stands in it, its parent, and the
    directories beside it. An elementary file is reached only from inside its own directory (APP11 4.2 (1), 4.3).
    """
    if fid == standard.directories[MASTER_FILE].fid:
        return standard.directories[MASTER_FILE]
    inside = f"{current}/{fid}" if current else fid
    if inside in standard.files:
        return standard.files[inside]
    for directory in standard.directories.values():
        near = directory.path in (current, parent(current)) or parent(directory.path) in (
            current,
            parent(current),
        )
        if directory.fid == fid and near:
            return directory
    return None


def select_by_name(standard: Standard, name: bytes) -> Directory | None:
    """The directory whose DF name is ``name`` or begins with it (APP11 4.5); the first in table order."""
    wanted = name.hex().upper()
    return next((d for d in standard.directories.values() if wanted and d.name.upper().startswith(wanted)), None)


def path_to(standard: Standard, path: str) -> tuple[str, ...]:
    """The file identifiers to select, from the MF, to reach a directory or file."""
    steps = path.split("/") if path else []
    root = standard.directories[MASTER_FILE].fid
    fids = []
    for depth in range(1, len(steps) + 1):
        here = "/".join(steps[:depth])
        row = standard.directories.get(here) or standard.files[here]
        fids.append(row.fid)
    return (root, *fids)
