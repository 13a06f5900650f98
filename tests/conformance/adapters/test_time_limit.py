"""Time limits for calls that cannot be interrupted."""

from __future__ import annotations

import threading

import pytest

from conformance.adapters.time_limit import Expired, TimedCalls


def test_a_call_in_time_gives_its_result_or_raises_its_error() -> None:
    calls = TimedCalls("test")
    assert calls.run(10, divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        calls.run(10, divmod, 1, 0)
    calls.close()


def test_a_late_call_is_given_up_and_its_result_never_taken_for_another_ones() -> None:
    calls, gate = TimedCalls("test"), threading.Event()
    with pytest.raises(Expired):
        calls.run(0.01, lambda: gate.wait(30) and "late")
    gate.set()
    assert calls.run(10, lambda: "next") == "next"
    calls.close()


def test_calls_run_in_one_thread_until_closed() -> None:
    calls = TimedCalls("test")
    first, second = (calls.run(10, threading.current_thread) for _ in range(2))
    calls.close()
    first.join(10)
    assert first is second
    assert not first.is_alive()
