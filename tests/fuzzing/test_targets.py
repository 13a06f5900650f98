"""Every target over its committed corpus and a bounded number of mutations: fixed seed, a few seconds each."""

from __future__ import annotations

import pytest

from tests.fuzzing.campaign import Finding, tried
from tests.fuzzing.corpus_files import CORPUS, corpus_of
from tests.fuzzing.runner import campaign
from tests.fuzzing.targets import named, names

SEED = 4
INPUTS_A_SHARE = 150
LARGEST_CORPUS = 2_000_000


@pytest.mark.parametrize("name", names())
def test_a_target_survives_a_bounded_run(name: str) -> None:
    wanted = INPUTS_A_SHARE * named(name).SHARE + len(corpus_of(name))
    figures = campaign(name, wanted, SEED)
    assert [(finding.fault, finding.where) for finding in figures.findings] == []
    assert figures.inputs == wanted == figures.accepted + figures.refused


@pytest.mark.parametrize("name", names())
def test_the_corpus_of_a_target_holds_something_honest_and_nothing_that_breaks_it(name: str) -> None:
    """Inputs that once broke something stay in the corpus, and stay harmless."""
    target = named(name)
    outcomes = [tried(target, data) for data in corpus_of(name)]
    assert [outcome for outcome in outcomes if isinstance(outcome, Finding)] == []
    assert () in outcomes[1:], "no seed is accepted any more: run python -m tests.fuzzing.corpus_files"


def test_every_folder_of_the_corpus_has_its_target_and_the_whole_is_small() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(names())
    assert sum(path.stat().st_size for path in CORPUS.rglob("*.bin")) < LARGEST_CORPUS
