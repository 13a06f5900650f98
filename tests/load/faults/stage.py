"""Puts a platform with cards and codes on the stage, in processes of its own, and lets a fault come over it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from conformance.evidence.model import Verdict
from conformance.evidence.staged_faults import StagedFault
from load.faults.episode import Comes
from load.faults.own import staged_on_own
from load.faults.result import FaultResult
from load.faults.serving import SERVE, Serving
from load.faults.settings import FaultSettings
from reference.command_line import Exit
from reference.store import Store


def variation(name: str) -> Sequence[str]:
    """The command of a server with a fault of construction; the right one for an empty name."""
    return (sys.executable, "-m", "tests.load.faults.faulty_server", name, "serve") if name else SERVE


def staged(
    fault: StagedFault,
    built: str = "",
    database: str = "",
    comes: Callable[[Serving, Store], Comes] | None = None,
    lasts: float = 2.0,
) -> FaultResult:
    """A fault on a fresh platform; ``built`` names a variation of it."""
    settings = FaultSettings(
        fault=fault,
        lasts=lasts,
        command=tuple(variation(built)),
        database=database,
        connections=16 if fault == "worker-killed" else 8,
    )
    return staged_on_own(settings, comes)


def failed(result: FaultResult) -> set[str]:
    """The promises that were broken."""
    return {id for id, verdict in result.verdicts.items() if verdict is Verdict.FAILED}


def assert_breaks(result: FaultResult, broken: set[str]) -> None:
    """The run broke these promises, and a right platform none, which could be seen."""
    assert broken or result.valid, result
    assert broken <= failed(result), result
    assert broken or result.exit_code is Exit.CONFORMANT, result
    assert result.exit_code is (Exit.NOT_CONFORMANT if broken else Exit.CONFORMANT)
