"""The detection matrix as a record: which mutants met which tests, and what came of it.

It is evidence about the suite, as a run's results are evidence about a product; pages are made from it alone.
"""

from __future__ import annotations

import msgspec

from reference.languages import Text

SCHEMA_VERSION = 1
REQUIRED_RIGHT = 0.98
"""Least share of mutants that must be caught for the right reason."""
TOLERATED_NOISE = 0.02
"""Greatest share of sampled tests that may fail although nothing that they judge is broken."""


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the matrix's records."""


class Catch(_Record, frozen=True, kw_only=True):
    """How one mutant fared."""

    mutant: str
    why: Text
    """What the fault means in the field."""
    breaks: tuple[str, ...]
    """The requirement that it breaks first, then others that it breaks as well."""
    wanted: str
    """The violation that it must be caught as, with its subject."""
    findings: tuple[str, ...] = ()
    """Violation and subject of everything that tests of the first requirement found."""
    caught: bool = False
    """A test of the first requirement failed or warned; a crash, a hang or a refused preparation is no catch."""
    for_the_right_reason: bool = False
    linked: int = 0
    """Tests of what it breaks that it met, with their twins."""
    sampled: int = 0
    """Other tests that it met."""
    noise: tuple[str, ...] = ()
    """Those among the others that failed although nothing that they judge is linked to what is broken."""
    fault: str = ""
    """Why the mutant could not be run, if it could not."""


class Survivor(_Record, frozen=True, kw_only=True):
    """A mutant that was not caught, or for another reason than its own."""

    mutant: str
    requirement: str
    wanted: str
    findings: tuple[str, ...]
    reason: Text | None
    """Why that is known and accepted; None where nobody has explained it."""


class Matrix(_Record, frozen=True, kw_only=True):
    """The detection matrix of a suite."""

    schema_version: int
    profile: str
    suite_digest: str
    standard_digest: str
    whole: bool
    """Every mutant of every requirement was run; otherwise a part of them was."""
    full: bool
    """Every mutant met every test; otherwise its own and a sample of the others."""
    mutants: int
    caught: int
    caught_for_right_reason: int
    sampled_tests: int
    survivors: tuple[Survivor, ...]
    noise: tuple[str, ...]
    """Mutant and test of each failure that nothing broken explains."""
    requirements_without_mutant: tuple[str, ...]
    catches: tuple[Catch, ...]

    @property
    def right_share(self) -> float:
        """Share of mutants that were caught for the right reason."""
        return self.caught_for_right_reason / self.mutants if self.mutants else 0.0

    @property
    def noise_share(self) -> float:
        """Share of sampled tests that failed although nothing that they judge is broken."""
        return len(self.noise) / self.sampled_tests if self.sampled_tests else 0.0

    @property
    def holds(self) -> bool:
        """Whether the suite is good enough: every rule has its mutant, nearly all are caught, little is noise."""
        return (
            not self.requirements_without_mutant
            and self.right_share >= REQUIRED_RIGHT
            and self.noise_share <= TOLERATED_NOISE
        )
