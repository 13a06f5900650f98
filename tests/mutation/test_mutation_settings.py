"""The settings of mutation testing hold: all judging modules are in it, and its tests and survivors exist."""

from __future__ import annotations

import ast
import configparser
import tomllib
from pathlib import Path

import pytest

from tests.mutation.__main__ import HERE, ROUNDS, rounds_with, score, survivors, table
from tests.mutation.copying import wording_kept

ROOT = HERE.parent.parent
JUDGING = {
    "conformance/comparing.py",
    "conformance/rederiving.py",
    *(f"conformance/engine/{name}.py" for name in ("changed_samples", "judging", "planning", "waivers")),
    *(
        f"conformance/evidence/{name}.py"
        for name in (
            "damage",
            "opening",
            "package",
            "personal_bytes",
            "redaction",
            "sealing",
            "signing",
            "two_parts",
            "unsealing",
            "verdicts",
            "waiving",
        )
    ),
}


def setting(name: str, key: str) -> list[str]:
    read = configparser.ConfigParser()
    read.read(HERE / f"{name}.cfg", encoding="utf-8")
    return read["mutmut"][key].split()


def test_every_judging_module_is_mutated_in_one_round() -> None:
    mutated = [path for name in ROUNDS for path in setting(name, "only_mutate")]
    assert sorted(mutated) == sorted(JUDGING)
    assert all((ROOT / path).is_file() for path in mutated)


@pytest.mark.parametrize("name", ROUNDS)
def test_the_tests_that_judge_the_mutants_exist(name: str) -> None:
    assert [path for path in setting(name, "pytest_add_cli_args_test_selection") if not (ROOT / path).is_file()] == []


def test_every_survivor_that_is_listed_has_its_change_and_a_reason() -> None:
    listed = tomllib.loads((HERE / "survivors.toml").read_text(encoding="utf-8"))
    modules = {path.removesuffix(".py").replace("/", ".") for path in JUDGING}
    assert listed
    for name, row in listed.items():
        assert name.rpartition(".")[0] in modules, name
        assert row.keys() == {"change", "kind", "reason"}, name
        assert row["kind"] in ("equivalent", "gap"), name


@pytest.mark.parametrize("path", sorted((ROOT / "conformance").rglob("*.py"), key=str))
def test_triple_quoting_the_wording_changes_no_meaning(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert ast.dump(ast.parse(wording_kept(source))) == ast.dump(ast.parse(source))


def test_only_the_first_literals_of_say_are_kept_from_mutation() -> None:
    source = 'say(\n    "one {x} "  # why\n    "two",\n    x="three",\n)\nsaid("four")\nsay(five)\n'
    expected = 'say(\n    """one {x} """  # why\n    """two""",\n    x="three",\n)\nsaid("four")\nsay(five)\n'
    assert wording_kept(source) == expected


def test_named_mutants_are_tested_in_the_rounds_that_have_them_alone() -> None:
    assert rounds_with([]) == list(ROUNDS)
    assert rounds_with(["conformance.evidence.damage.*"]) == ["direct"]
    assert rounds_with(["conformance.rederiving.x_rederive__mutmut_18"]) == ["small_runs"]
    assert rounds_with(["conformance.evidence.*"]) == list(ROUNDS)
    assert rounds_with(["conformance.nowhere.*"]) == []


def test_the_table_counts_what_was_found() -> None:
    outcomes = {"a.b.x_f__mutmut_1": 1, "a.b.x_f__mutmut_2": 0, "a.c.x_g__mutmut_1": 36, "a.c.x_g__mutmut_2": 33}
    assert survivors(outcomes) == ["a.b.x_f__mutmut_2", "a.c.x_g__mutmut_2"]
    assert (score([]), score([1, 0])) == (0, 50)
    assert table(outcomes)[2:] == [
        "| a/b.py | 2 | 1 | 1 | 50.0 % |",
        "| a/c.py | 2 | 1 | 1 | 50.0 % |",
        "| together | 4 | 2 | 2 | 50.0 % |",
    ]
