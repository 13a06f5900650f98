"""Campaigns guided by coverage, where atheris is installed: `python -m tests.fuzzing.guided TARGET [OPTION …]`.

Options are those of libFuzzer (``-runs=N``, ``-seed=N``, ``-artifact_prefix=FOLDER/``). The first finding ends it.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzzing.campaign import Figures, Finding, tried
from tests.fuzzing.corpus_files import CORPUS
from tests.fuzzing.runner import ROOT
from tests.fuzzing.targets import named

CODE = ["reference", "simulators", "conformance", "tomllib"]
LIMITS = ("-timeout=10", "-rss_limit_mb=2048", "-max_len=8192")
LIMIT_S = 3600


def available() -> bool:
    """Whether atheris can be imported."""
    return importlib.util.find_spec("atheris") is not None


def guided(name: str, runs: int, seed: int, out: Path) -> Figures:
    """A guided campaign in a process of its own. What was accepted and refused is not counted."""
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    before, started = set(folder.iterdir()), time.monotonic()
    command = [sys.executable, "-m", "tests.fuzzing.guided", name, f"-runs={runs}", f"-seed={seed}"]
    done = subprocess.run(
        [*command, f"-artifact_prefix={folder.resolve()}/"],
        cwd=ROOT,
        capture_output=True,
        timeout=LIMIT_S,
        check=False,
    )
    new = sorted(set(folder.iterdir()) - before)
    findings = tuple(Finding("found under guidance", str(path), path.read_bytes()) for path in new)
    if done.returncode and not findings:
        findings = (Finding(f"ended with {done.returncode}", done.stderr.decode(errors="replace")[-500:], b""),)
    return Figures(
        target=f"{name} (guided)",
        seed=seed,
        inputs=runs,
        accepted=0,
        refused=0,
        pool=0,
        seconds=time.monotonic() - started,
        growth=0,
        findings=findings,
    )


def main() -> None:
    """Run one target under atheris, from the committed corpus."""
    atheris = importlib.import_module("atheris")
    logging.disable()
    name, *options = sys.argv[1:]
    with atheris.instrument_imports(include=CODE):
        target = named(name)

    def one(data: bytes) -> None:
        outcome = tried(target, data)
        if isinstance(outcome, Finding):
            raise AssertionError(f"{outcome.fault} at {outcome.where}")

    atheris.Setup([sys.argv[0], *LIMITS, *options, str(CORPUS / name)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
