"""Gates and the exit code that they set: one meaning each."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from load.gates import UnusableGates, bounds_of, gates, tiers
from load.measuring import Counts, Latencies, Measured
from load.result import LoadResult, result_of
from load.settings import RunSettings
from reference.command_line import Exit

COUNTED = {
    "scheduled": 100,
    "started": 100,
    "answered": 100,
    "outcomes": {"static": {"accepted": 50}, "dynamic": {"accepted": 25}, "forged": {"code.forged": 25}},
}


def found(
    *, lag: float = 0.001, seconds: float = 0.1, tier: str = "city", ended: bool = True, **counts: int
) -> LoadResult:
    """A run of 100 answers, as the test bends it."""
    latency, late = Latencies(), Latencies()
    latency.record(seconds)
    late.record(lag)
    measured = Measured(
        ended=ended,
        seconds=1.0,
        counts=msgspec.convert(COUNTED | counts, Counts),
        response=latency.encoded(),
        service=latency.encoded(),
        lag=late.encoded(),
        wake=late.encoded(),
    )
    return result_of(RunSettings(url="http://127.0.0.1:1", cases=""), measured, None, bounds_of(tier), tier)


def test_every_gate_holds_in_a_good_run() -> None:
    result = found()
    assert result.exit_code is Exit.CONFORMANT
    assert result.valid


def test_one_wrong_accept_fails_the_run_even_when_the_generator_lagged() -> None:
    assert found(wrong_accepts=1, lag=5).exit_code is Exit.NOT_CONFORMANT


def test_a_slow_platform_fails_its_gate() -> None:
    result = found(seconds=2)
    assert result.exit_code is Exit.NOT_CONFORMANT
    assert {gate.id for gate in result.gates if gate.held is False} == {"load.qr.p95", "load.qr.p99"}


def test_a_lagging_generator_makes_the_run_invalid_not_slow() -> None:
    """Trap 14: an exit code that means two things."""
    result = found(lag=0.5, seconds=2)
    assert result.exit_code is Exit.INCOMPLETE
    assert not result.valid


def test_a_schedule_that_was_not_worked_off_makes_the_run_invalid() -> None:
    assert found(ended=False).exit_code is Exit.INCOMPLETE


def test_a_run_without_answers_is_invalid() -> None:
    assert found(answered=0).exit_code is Exit.INCOMPLETE


def test_percentiles_are_not_rounded_to_two_digits() -> None:
    """Trap 14: percentiles that are rounded."""
    assert found(seconds=0.12345).p99_ms == pytest.approx(123.45, rel=0.001)


def test_the_json_has_the_promised_figures() -> None:
    written = msgspec.to_builtins(found())
    promised = {
        *("throughput", "p50_ms", "p95_ms", "p99_ms", "p999_ms", "wrong_accepts", "wrong_refusals", "wrong_reasons"),
        *("lost_events", "double_uses", "generator_lag_p99_ms", "valid", "gates", "error_share"),
    }
    assert promised <= set(written)
    assert msgspec.convert(written, LoadResult) == found()


@pytest.mark.parametrize("tier", list(tiers()))
def test_every_tier_keeps_the_gates_of_correctness(tier: str) -> None:
    bounds = bounds_of(tier)
    assert all(bounds[gate.id] == 0 for gate in gates().values() if gate.always == 0)


@pytest.mark.parametrize(
    "content",
    [
        '[bounds]\n"load.qr.no-wrong-accept" = 3',
        '[bounds]\n"load.qr.speed" = 3',
        "[bounds",
        '[bounds]\n"load.qr.p95" = -1',
    ],
)
def test_a_file_of_bounds_that_cannot_be_used_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "gates.toml"
    file.write_text(content)
    with pytest.raises(UnusableGates):
        bounds_of(str(file))
