"""Campaigns in processes of their own: a target that kills its process or never returns is a finding like any other."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from tests.fuzzing.campaign import Figures, Finding
from tests.fuzzing.worker import MIRROR_SIZE, Mirror

ROOT = Path(__file__).parents[2]
IN_MEMORY = Path("/dev/shm")
"""Where a campaign's files lie if the machine has it; they go with the campaign, however that ends."""
LOOK_EVERY_S = 1.0
PATIENCE_S = 60.0
"""How long a process may stay with one input: its own limit of time comes first unless code outside Python hangs."""


def campaign(name: str, inputs: int, seed: int, *, patience_s: float = PATIENCE_S, niceness: int = 0) -> Figures:
    """Run a campaign in a process of its own, which is ended by its id when it does not get on."""
    with tempfile.TemporaryDirectory(prefix="fuzzing-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
        path = Path(folder) / "mirror"
        path.write_bytes(bytes(MIRROR_SIZE))
        mirror = Mirror(path)
        command = ["nice", "-n", str(niceness), sys.executable, "-m", "tests.fuzzing.worker"]
        process = subprocess.Popen(
            [*command, name, str(inputs), str(seed), str(path)],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, complaint, hung = _ended(process, mirror, patience_s)
        if process.returncode == 0:
            return msgspec.json.decode(out, type=Figures)
        begun, last = mirror.seen()
    fault = f"no progress for {patience_s:g} s" if hung else f"the process ended with {process.returncode}"
    where = (complaint.decode(errors="replace").strip().splitlines() or [""])[-1]
    return Figures(
        target=name,
        seed=seed,
        inputs=begun,
        accepted=0,
        refused=0,
        pool=0,
        seconds=0.0,
        growth=0,
        findings=(Finding(fault, where, last),),
    )


def _ended(process: subprocess.Popen[bytes], mirror: Mirror, patience_s: float) -> tuple[bytes, bytes, bool]:
    """What the process wrote, and whether it had to be ended."""
    waited, begun = 0.0, -1
    while True:
        try:
            return (*process.communicate(timeout=LOOK_EVERY_S), False)
        except subprocess.TimeoutExpired:
            now, _ = mirror.seen()
            waited, begun = (waited + LOOK_EVERY_S, begun) if now == begun else (0.0, now)
        if waited >= patience_s:
            process.kill()
            return (*process.communicate(), True)


def save(figures: Figures, folder: Path) -> list[Path]:
    """Write every input that was found, below the target's name; where they lie."""
    paths = []
    for finding in figures.findings:
        path = folder / figures.target / finding.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(finding.data)
        paths.append(path)
    return paths
