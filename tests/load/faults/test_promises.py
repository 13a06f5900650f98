"""Every promise has its words in both languages, a bound where it bounds a time, and a test that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from load.faults.promises import promises, seconds

TESTS = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))


@pytest.mark.parametrize("id", sorted(promises()))
def test_every_promise_is_named_by_a_test(id: str) -> None:
    assert id in TESTS


@pytest.mark.parametrize("id", sorted(promises()))
def test_every_promise_is_a_decision_and_told_in_both_languages(id: str) -> None:
    promise = promises()[id]
    assert promise.basis == "decision"
    assert promise.source.startswith("DECISION ")
    assert promise.id.split(".")[:2] == ["fault", promise.fault]
    assert all((promise.text.en, promise.text.zh, promise.why.en, promise.why.zh))


def test_recoveries_are_bounded() -> None:
    assert {id for id in promises() if id.endswith(".recovery")} == {
        f"fault.{fault}.recovery" for fault in ("worker-killed", "crypto-machine", "database", "disk-full")
    }
    assert all(0 < seconds(id) < 60 for id in promises() if id.endswith(".recovery"))
    with pytest.raises(ValueError, match="bounds no time"):
        seconds("fault.every.single-use")
