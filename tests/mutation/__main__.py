"""Mutation testing of the code that judges: `make mutation`, or `python -m tests.mutation --out out/mutation`.

mutmut changes the code in a copy of the tree, one small thing at a time, and runs the fast tests that reach the changed
function. Prints a table by module and the survivors; ends with 1 when the score is below `WANTED` or a survivor has no
reason in `survivors.toml`. Nothing of the standard is followed here (docs/mutation-testing.md).
"""

from __future__ import annotations

import argparse
import configparser
import importlib.util
import json
import os
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

from tests.mutation.copying import copy_tree

HERE = Path(__file__).parent
ROUNDS = ("direct", "small_runs")
WANTED = 90
"""Percent of mutants that must be found."""
FOUND = frozenset({1, 3, 24, 36, 152, 255, -24})
"""What mutmut notes of a mutant that a test found, that ended the tests, or that ran out of its time."""

Outcomes = dict[str, int]
"""Exit codes by the names of mutants."""


def main() -> int:
    """Run all rounds and show what came out."""
    options = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    options.add_argument("--out", type=Path, default=Path("out/mutation"), help="folder for the copies of the tree")
    options.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="mutants tested at a time")
    options.add_argument("--only", nargs="*", default=[], help="names of mutants; * stands for any characters")
    given = options.parse_args()
    if importlib.util.find_spec("mutmut") is None:
        sys.stderr.write("mutmut is missing: pip install -e '.[tests,mutation]'.\n")
        return 2
    outcomes: Outcomes = {}
    for name in rounds_with(given.only):
        copy = (given.out / name).resolve()
        copy_tree(Path.cwd(), copy, HERE / f"{name}.cfg")
        _mutate(copy, given.workers, given.only)
        if not (noted := outcomes_in(copy)):
            sys.stderr.write(f"{copy}: mutmut tested nothing; see what it says above.\n")
            return 2
        outcomes |= noted
    if not outcomes:
        sys.stderr.write("No module that is mutated has mutants of these names.\n")
        return 2
    reasons = tomllib.loads((HERE / "survivors.toml").read_text(encoding="utf-8"))
    for line in table(outcomes):
        sys.stdout.write(line + "\n")
    unexplained = [name for name in survivors(outcomes) if name not in reasons]
    for name in survivors(outcomes):
        sys.stdout.write(f"\n{name}\n  {reasons.get(name, {}).get('reason', 'NOT EXPLAINED')}\n")
    return 1 if score(list(outcomes.values())) < WANTED or unexplained else 0


def modules(name: str) -> list[str]:
    """The modules whose mutants a round tests."""
    settings = configparser.ConfigParser()
    settings.read(HERE / f"{name}.cfg", encoding="utf-8")
    return [path.removesuffix(".py").replace("/", ".") for path in settings["mutmut"]["only_mutate"].split()]


def rounds_with(names: list[str]) -> list[str]:
    """The rounds that have mutants of these names; all where none is named. mutmut fails where it has none of them."""
    wanted = {pattern for name in names for pattern in (name, name.rpartition(".")[0])}
    return [
        one
        for one in ROUNDS
        if not names or any(fnmatch(module, pattern) for module in modules(one) for pattern in wanted)
    ]


def _mutate(copy: Path, workers: int, names: list[str]) -> None:
    """One round. Small suites lie in a folder of their own, since pytest looks at everything beside them."""
    temporary = copy.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(workers), *names]
    subprocess.run(command, cwd=copy, env=os.environ | {"TMPDIR": str(temporary)}, check=False)


def outcomes_in(copy: Path) -> Outcomes:
    """What mutmut noted of the mutants of a copy; those that were not tested are left out."""
    noted = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(copy.glob("mutants/**/*.meta")))
    return {name: code for each in noted for name, code in each["exit_code_by_key"].items() if code is not None}


def survivors(outcomes: Outcomes) -> list[str]:
    """The mutants that no test found."""
    return sorted(name for name, code in outcomes.items() if code not in FOUND)


def score(codes: list[int]) -> float:
    """Percent of the mutants that were found."""
    return 100 * sum(code in FOUND for code in codes) / max(1, len(codes))


def table(outcomes: Outcomes) -> list[str]:
    """By module: mutants, found, survived and score, as a table in Markdown."""
    by_module: dict[str, list[int]] = {}
    for name, code in outcomes.items():
        by_module.setdefault(name.rpartition(".")[0].replace(".", "/") + ".py", []).append(code)
    rows = [*sorted(by_module.items()), ("together", list(outcomes.values()))]
    lines = ["| Module | Mutants | Found | Survived | Score |", "| --- | ---: | ---: | ---: | ---: |"]
    for module, codes in rows:
        found = sum(code in FOUND for code in codes)
        lines.append(f"| {module} | {len(codes)} | {found} | {len(codes) - found} | {score(codes):.1f} % |")
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
