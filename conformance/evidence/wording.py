"""The words for the values that plan and evidence hold, in both languages; verdicts have theirs in `verdicts`.

No clause of the standard is followed here; APP11 4.1 has the file types.
"""

from __future__ import annotations

from reference.languages import Text, say
from reference.standard.rows import Basis, FileKind, Level

LEVEL_NAMES: dict[Level, Text] = {
    Level.SHALL: say("shall"),
    Level.SHOULD: say("should"),
    Level.MAY: say("may"),
}

BASIS_NAMES: dict[Basis, Text] = {
    Basis.NORMATIVE: say("normative"),
    Basis.FIELD: say("field"),
    Basis.SIBLING: say("sibling"),
    Basis.DECISION: say("decision"),
}

FILE_KIND_NAMES: dict[FileKind, Text] = {
    FileKind.VARIABLE: say("records of variable length"),
    FileKind.FIXED: say("records of fixed length"),
    FileKind.CYCLIC: say("cyclic records"),
    FileKind.BINARY: say("binary"),
}
