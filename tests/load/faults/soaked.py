"""A soak as it would have been measured, for tests of its verdicts: right, whole, and bent as a test asks."""

from __future__ import annotations

from typing import Any

import msgspec

from conformance.evidence.under_faults import SoakRun
from load.faults.ledger import Findings
from load.soak.result import Soaked, SoakResult, judged, record_of
from load.soak.settings import SoakSettings

SETTINGS = SoakSettings(codes=1000, kill_every=5.0)
SOAKED = Soaked(
    started_ms=1_790_000_000_000,
    ended_ms=1_790_000_060_000,
    codes=1000,
    lost_answers=12,
    not_sent=3,
    turned_away=4,
    given_up=0,
    replayed_requests=20,
    kills=3,
    replaced=3,
    workers=2,
    seconds=15.0,
    codes_per_second=66.7,
    server_cpu_us=400.0,
    client_cpu_us=300.0,
    longest_silence=0.4,
    longest_gap=1.2,
    memory_mib=120.0,
    memory_growth=1.01,
    client_memory_mib=200.0,
    accepted=200,
    outcomes={"dynamic": {"accepted": 200}, "replayed": {"code.consumed": 100}, "forged": {"code.forged": 700}},
    kinds=("dynamic", "replayed", "forged"),
    findings=Findings(),
)


def soaked(**bent: Any) -> Soaked:
    """The measurements, with some of them bent; those of the findings by their own names."""
    found = {name: bent.pop(name) for name in Findings.__struct_fields__ if name in bent}
    return msgspec.structs.replace(SOAKED, findings=Findings(**found), **bent)


def asked(**bent: Any) -> SoakSettings:
    """What the soak was asked for, with some of it bent."""
    return msgspec.structs.replace(SETTINGS, **bent)


def run(settings: SoakSettings = SETTINGS, **bent: Any) -> SoakRun:
    """The record of the soak."""
    return record_of(settings, soaked(**bent))


def result(settings: SoakSettings = SETTINGS, **bent: Any) -> SoakResult:
    """The result of the soak."""
    return judged(settings, soaked(**bent))
