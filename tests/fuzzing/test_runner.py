"""The runner itself: it finds what it is there to find, with the input, and says the same for the same seed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.fuzzing import campaign as campaigns
from tests.fuzzing.__main__ import cells, shares
from tests.fuzzing.campaign import Finding, run, tried
from tests.fuzzing.mutation import MUTATIONS, Mutation, mutated
from tests.fuzzing.runner import campaign, save
from tests.fuzzing.targets import named, names

BROKEN = "tests.fuzzing.broken."
SEEDS = (b"honest", b"?")


def test_an_undocumented_error_is_found_with_its_input_and_its_place() -> None:
    figures = run("raises", named(BROKEN + "raises"), SEEDS, 3000, seed=1)
    assert figures.findings
    assert all(b"!" in finding.data and not finding.data.startswith(b"?") for finding in figures.findings)
    assert {finding.fault for finding in figures.findings} == {"KeyError: '!'"}
    assert "raises.py:" in figures.findings[0].where
    assert figures.accepted > 0
    assert figures.refused > 0


def test_the_same_seed_gives_the_same_inputs_and_another_seed_others() -> None:
    def inputs(seed: int) -> list[bytes]:
        seen: list[bytes] = []
        run("raises", named(BROKEN + "raises"), SEEDS, 300, seed, seen.append)
        return seen

    assert inputs(1) == inputs(1)
    assert inputs(1)[len(SEEDS) :] != inputs(2)[len(SEEDS) :]


def test_an_input_refused_in_a_new_way_joins_the_pool() -> None:
    figures = run("raises", named(BROKEN + "raises"), (b"a?b",), 3000, seed=1)
    assert figures.pool > 1


def test_an_endless_loop_is_found_although_it_swallows_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "SECONDS_AN_INPUT", 0.05)
    figures = run("loops", named(BROKEN + "loops"), (b"", b"x"), 2, seed=1)
    assert [(finding.fault[:7], finding.data) for finding in figures.findings] == [("TooSlow", b"x")]


def test_a_greedy_target_is_found_by_its_memory_limit() -> None:
    figures = campaign(BROKEN + "takes_memory", 20, seed=1)
    assert {finding.fault.partition(":")[0] for finding in figures.findings} == {"MemoryError"}


def test_a_target_that_keeps_memory_is_found_by_its_growth() -> None:
    figures = campaign(BROKEN + "keeps_memory", 2 * campaigns.MOST_GROWTH + 200, seed=1)
    assert [finding.fault for finding in figures.findings] == ["memory grows"]
    assert figures.growth > campaigns.MOST_GROWTH


def test_a_process_that_dies_leaves_its_last_input() -> None:
    (finding,) = campaign(BROKEN + "dies", 20, seed=1).findings
    assert finding.fault == "the process ended with 7"
    assert finding.data == b"x"


def test_a_process_that_hears_no_alarm_is_ended_and_leaves_its_last_input() -> None:
    (finding,) = campaign(BROKEN + "hangs", 20, seed=1, patience_s=2).findings
    assert finding.fault == "no progress for 2 s"
    assert finding.data == b"x"


def test_what_was_found_is_saved_below_its_target(tmp_path: Path) -> None:
    figures = run("raises", named(BROKEN + "raises"), (b"!",), 1, seed=1)
    (path,) = save(figures, tmp_path)
    assert path.parent == tmp_path / "raises"
    assert path.read_bytes() == b"!"


def test_every_mutation_can_take_the_empty_input_and_keeps_to_the_length() -> None:
    for mutation in MUTATIONS:
        for seed in range(30):
            mutation(random.Random(seed), bytearray(), (), ())
    chance = random.Random(1)
    assert all(len(mutated(chance, b"abc" * 100, [b"xyz"], [b"word"], 200)) <= 200 for _ in range(300))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: getattr(mutation, "__name__", ""))
def test_every_mutation_changes_something(mutation: Mutation) -> None:
    data = b'{"a": 12, "b": [1, 2]}'
    made = {bytes(mutation(random.Random(seed), bytearray(data), [b"other"], [b"word"])) for seed in range(40)}
    assert len(made - {data}) > 1


def test_a_refusal_is_no_finding() -> None:
    assert not isinstance(tried(named(BROKEN + "raises"), b"?"), Finding)


def test_the_shares_of_a_long_run_come_to_what_was_asked_for() -> None:
    assert sum(shares(names(), 1_000_000).values()) >= 1_000_000
    assert min(shares(names(), 1_000_000).values()) >= 1_000


def test_a_row_of_the_table_shows_the_figures() -> None:
    figures = run("raises", named(BROKEN + "raises"), SEEDS, 1200, seed=1)
    assert cells(figures)[:2] == ("raises", "1,200")
