"""The ten-second smoke of the load tests: generator, gates, and a soak with a kill; correctness and validity alone."""

from __future__ import annotations

from pathlib import Path

from load.gates import bounds_of
from load.result import result_of
from load.running import run
from load.self_target import self_target
from load.settings import RunSettings
from load.soak.run import soak
from load.soak.settings import SoakSettings
from reference.command_line import Exit

ANY_LAG_MS = 60_000.0
"""A build server is slow: the smoke judges what is right, not what is fast."""


def test_generator_gates_and_soak_hold_for_some_seconds(tmp_path: Path) -> None:
    with self_target("sichuan", 100, 1) as target:
        settings = RunSettings(url=target.url, cases=str(target.cases), rate=40, duration=2)
        measured = run(settings)
        recorded = target.uses.recorded(measured)
    result = result_of(settings, measured, recorded, bounds_of("correctness"), "correctness", lag_bound_ms=ANY_LAG_MS)
    assert result.exit_code is Exit.CONFORMANT
    assert result.valid

    soaked = soak(SoakSettings(seconds=4, kill_every=0.5, cards=300, connections=32, wave=4000))
    assert soaked.findings.words == []
    assert soaked.right
    assert soaked.valid, soaked.why_invalid
    assert soaked.recovered
    assert soaked.exit_code is Exit.CONFORMANT, soaked.verdicts
    assert soaked.kills >= 1
