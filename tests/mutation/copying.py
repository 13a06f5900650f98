"""The copy of the tree that mutants are made in, with user-visible wording put out of the mutation tool's reach.

Decision: wording inside ``say("…")`` is proofread, not tested word by word, so a mutant of it says nothing about the
judging code. The tool leaves triple-quoted strings alone; in the copy these literals are triple-quoted.
"""

from __future__ import annotations

import io
import shutil
import tokenize
from pathlib import Path

ROOMS = ("conformance", "healthcard", "load", "reference", "reports", "simulators", "tests")
FILES = ("pyproject.toml", "README.md")
LAYOUT = (tokenize.NL, tokenize.COMMENT)


def copy_tree(root: Path, into: Path, settings: Path) -> None:
    """Copy everything that the tests need, with ``settings`` as its setup.cfg."""
    for room in ROOMS:
        ignored = shutil.ignore_patterns("__pycache__", ".hypothesis")
        shutil.copytree(root / room, into / room, ignore=ignored, dirs_exist_ok=True)
    for name in FILES:
        shutil.copy(root / name, into / name)
    shutil.copy(settings, into / "setup.cfg")
    for module in sorted((into / "conformance").rglob("*.py")):
        module.write_text(wording_kept(module.read_text(encoding="utf-8")), encoding="utf-8")


def wording_kept(source: str) -> str:
    """The source with the literals that `say` is called with first in three quotation marks."""
    lines = source.splitlines(keepends=True)
    tokens = [one for one in tokenize.generate_tokens(io.StringIO(source).readline) if one.type not in LAYOUT]
    wording = []
    for at, token in enumerate(tokens[:-1]):
        if token.string == "say" and tokens[at + 1].string == "(":
            following = at + 2
            while tokens[following].type == tokenize.STRING:
                wording.append(tokens[following])
                following += 1
    for literal in reversed(wording):
        (row, start), (_, end) = literal.start, literal.end
        line = lines[row - 1]
        if literal.string.startswith('"') and not literal.string.startswith('"""'):
            lines[row - 1] = f'{line[:start]}""{literal.string}""{line[end:]}'
    return "".join(lines)
