"""How requirements stand to one another: which state one behaviour, and which must hold before another shows.

The rows name ids or patterns with ``*`` and ``?``; here they become ids. ``same_as`` holds both ways. Where a
profile leaves a row out (``only``), relations to it fall away. The rows themselves cite the documents.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase

import msgspec

from reference.languages import say
from reference.standard.errors import StandardError
from reference.standard.rows import Requirement

WILDCARDS = "*?"


def resolved(
    requirements: Mapping[str, Requirement], places: Mapping[str, str], left_out: Collection[str]
) -> dict[str, Requirement]:
    """The requirements with ids in place of patterns.

    ``places`` says for each id where it is written; ``left_out`` are ids that the profile does not have.
    Raises StandardError for an id that does not exist, and for a pattern that matches no other row.
    """
    same: dict[str, set[str]] = {id: set() for id in requirements}
    needs: dict[str, set[str]] = {id: set() for id in requirements}
    for id, requirement in requirements.items():
        for pattern in requirement.same_as:
            for other in _matching(pattern, id, requirements, left_out, f"{places[id]}, same_as"):
                same[id].add(other)
                same[other].add(id)
        for pattern in requirement.needs:
            needs[id] |= _matching(pattern, id, requirements, left_out, f"{places[id]}, needs")
    return {
        id: msgspec.structs.replace(requirement, same_as=tuple(sorted(same[id])), needs=tuple(sorted(needs[id])))
        for id, requirement in requirements.items()
    }


def _matching(
    pattern: str, own: str, requirements: Mapping[str, Requirement], left_out: Collection[str], place: str
) -> set[str]:
    """The ids that one relation names."""
    if any(sign in pattern for sign in WILDCARDS):
        found = {id for id in requirements if id != own and fnmatchcase(id, pattern)}
        known = bool(found)
    else:
        found = {pattern} & requirements.keys() - {own}
        known = bool(found) or pattern in left_out
    if not known:
        raise StandardError(
            place,
            say("no other requirement is called {name}.", name=pattern),
            say("Correct the id; `healthcard requirements` lists them all."),
        )
    return found
