"""What a soak is held to: the gates of correctness, the promises that killing workers tries, and its own bounds.

Each bound names a requirement of the catalogue. Source: decisions of the project (`bounds.toml`, `load/gates.toml`,
`load/faults/promises.toml`).
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from conformance.evidence.under_faults import RECOVERY, SoakBound
from load.faults.promises import promises, seconds
from load.gates import gates

TABLE = Path(__file__).with_name("bounds.toml")
KILLED = "load.soak.workers-killed"


def bounds(*, kills: bool) -> tuple[SoakBound, ...]:
    """All bounds of a soak. ``kills``: whether workers are to be killed in it."""
    always = [
        {"requirement": gate.id, "figure": gate.figure, "side": gate.bound, "limit": gate.always}
        for gate in gates().values()
        if gate.always is not None
    ]
    counted = [
        {"requirement": promise.id, "figure": figure, "side": "most", "limit": 0}
        for promise in promises().values()
        for figure in promise.counts
    ]
    replaced = {"requirement": RECOVERY, "figure": "longest_gap_s", "side": "most", "limit": seconds(RECOVERY)}
    own = tomllib.loads(TABLE.read_text(encoding="utf-8"))["bound"]
    asked = [row for row in own if kills or row["requirement"] != KILLED]
    return msgspec.convert((*always, *counted, replaced, *asked), tuple[SoakBound, ...])
