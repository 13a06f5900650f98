"""A staged fault as it would have been measured, for tests of its verdicts: right, whole, and bent as a test asks."""

from __future__ import annotations

from typing import Any

import msgspec

from conformance.evidence.model import Verdict
from conformance.evidence.staged_faults import FaultFigures, FaultRun, StagedFault
from load.faults.bounds import bounds
from load.faults.result import FaultResult, judged

STARTED_MS, ENDED_MS = 1_790_000_000_000, 1_790_000_009_000
FIGURES = FaultFigures(
    wrong_accepts=0,
    wrong_refusals=0,
    wrong_reasons=0,
    double_uses=0,
    lost_events=0,
    repeated_events=0,
    unasked_events=0,
    broken_logs=0,
    accepted_meanwhile=0,
    served_meanwhile=0,
    longest_wait_s=12.4,
    recovered_after_s=0.2,
    given_up=0,
    longest_gap_s=None,
    longest_silence_s=3.1,
    told_after_s=0.4,
    well_after_s=0.3,
    untrue_health=0,
    accepted=60,
)
RUN = FaultRun(
    schema_version=2,
    command="healthcard load fault …",
    fault="crypto-machine",
    staged_by="self",
    lasts_s=20.0,
    connections=8,
    pace_s=0.02,
    database="sqlite",
    bounds=(),
    figures=FIGURES,
    breaking_status=0,
    healing_status=0,
    accepted_before=20,
    unwell_before=0,
    lost_answers=0,
    not_sent=0,
    turned_away=170,
    out_of_time=0,
    broken_off=0,
    kills=0,
    shown_again=5,
    ran_out=False,
    health_read=True,
    served=160,
    seconds=6.0,
    outcomes={"dynamic": {"accepted": 60}, "replayed": {"code.consumed": 30}, "forged": {"code.forged": 70}},
    kinds=("dynamic", "replayed", "forged"),
    words=(),
)
OF_FAULT: dict[StagedFault, dict[str, Any]] = {
    "crypto-machine": {},
    "database": {},
    "disk-full": {},
    "worker-killed": {"kills": 2, "longest_gap_s": 0.6, "longest_silence_s": 0.2, "health_read": False},
    "clock-stepped": {"staged_by": "command", "out_of_time": 90, "health_read": False},
}
"""What a right run of each fault has beside that of a crypto machine."""
UNSEEN = {"turned_away": 0, "longest_silence_s": 0.1, "told_after_s": None, "kills": 0, "out_of_time": 0}
"""Nothing shows the fault."""


def run(fault: StagedFault = "crypto-machine", **bent: Any) -> FaultRun:
    """The record of a fault, with some of it bent; figures by their own names."""
    bent = OF_FAULT[fault] | bent
    if not bent.get("health_read", True):
        bent = {"told_after_s": None, "well_after_s": None} | bent
    figures = {name: bent.pop(name) for name in FaultFigures.__struct_fields__ if name in bent}
    lasts = bent.get("lasts_s", RUN.lasts_s)
    return msgspec.structs.replace(
        RUN, fault=fault, bounds=bounds(fault, lasts), figures=msgspec.structs.replace(FIGURES, **figures), **bent
    )


def result(fault: StagedFault = "crypto-machine", **bent: Any) -> FaultResult:
    """The result of the fault."""
    return judged(run(fault, **bent), STARTED_MS, ENDED_MS)


def those(found: FaultResult, *wanted: Verdict) -> set[str]:
    """The promises with one of these verdicts."""
    return {id for id, verdict in found.verdicts.items() if verdict in wanted}
