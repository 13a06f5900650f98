"""What a platform on which a fault is staged is held to: its promises, each with the figures that bound it.

Source: decisions of the project (`promises.toml`, `load/soak/bounds.toml`).
"""

from __future__ import annotations

from typing import Final

from conformance.evidence.staged_faults import ANSWERED, FaultBound, FaultFigure, StagedFault
from conformance.evidence.under_faults import RECOVERY
from load.faults.episode import HEALTHY, PARTS
from load.faults.promises import STALE, promises, recovery_seconds, seconds
from load.soak.bounds import bounds as of_a_soak

NOT_MEANWHILE: Final[dict[StagedFault, tuple[str, FaultFigure]]] = {
    "crypto-machine": ("fault.crypto-machine.nothing-unchecked", "accepted_meanwhile"),
    "disk-full": ("fault.disk-full.no-acceptance", "accepted_meanwhile"),
    "clock-stepped": (STALE, "served_meanwhile"),
}
"""The promise that something does not happen while a fault is there, and what counts it."""
STAYS_USED: Final = "fault.clock-stepped.single-use"


def bounds(fault: StagedFault, lasts: float) -> tuple[FaultBound, ...]:
    """All bounds of a staged fault that lasts for so many seconds at least."""
    found = [_none(promise.id, figure) for promise in promises().values() for figure in promise.counts]
    if fault in NOT_MEANWHILE:
        found.append(_none(*NOT_MEANWHILE[fault]))
    if fault == "clock-stepped":
        found += [_none(STAYS_USED, "double_uses"), _most(STALE, "recovered_after_s", seconds(STALE))]
    elif fault == "worker-killed":
        silence = next(bound.limit for bound in of_a_soak(kills=True) if bound.figure == "longest_silence_s")
        found += [_most(RECOVERY, "longest_gap_s", seconds(RECOVERY)), _most(RECOVERY, "longest_silence_s", silence)]
        found.append(_none(RECOVERY, "given_up"))
    else:
        recovery = f"fault.{fault}.recovery"
        found += [_most(recovery, "recovered_after_s", seconds(recovery)), _none(recovery, "given_up")]
    if fault == "database" and lasts > seconds(ANSWERED):
        found.append(_most(ANSWERED, "longest_wait_s", seconds(ANSWERED)))
    if fault in PARTS:
        found += [
            _most(HEALTHY, "told_after_s", seconds(HEALTHY)),
            _most(HEALTHY, "well_after_s", recovery_seconds(fault) + seconds(HEALTHY)),
            _none(HEALTHY, "untrue_health"),
        ]
    return tuple(found)


def _none(requirement: str, figure: FaultFigure) -> FaultBound:
    return _most(requirement, figure, 0)


def _most(requirement: str, figure: FaultFigure, limit: float) -> FaultBound:
    return FaultBound(requirement=requirement, figure=figure, side="most", limit=limit)
