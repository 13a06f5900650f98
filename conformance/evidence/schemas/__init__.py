"""JSON Schemas of the evidence records, made from their types, for those who read packages with other tools.

`python -m conformance.evidence.schemas` rewrites the files beside this module: one for each file of a package
(`plan.json` describes a package's `plan.json`), and `exchange.json` for one line of a transcript.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from conformance.evidence.model import SCHEMA_VERSION, Exchange, Manifest, Plan, Results, Signature
from conformance.evidence.package import EXPECTED, FAULT, LOAD, MANIFEST, PLAN, RESULTS, SIGNATURE, SOAK
from conformance.evidence.sealing import ENVELOPE, Envelope
from conformance.evidence.staged_faults import FaultRun
from conformance.evidence.under_faults import SoakRun
from conformance.evidence.under_load import LoadRun

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EXCHANGE = "exchange.json"
RECORDS: dict[str, Any] = {
    MANIFEST: Manifest,
    SIGNATURE: Signature,
    PLAN: Plan,
    RESULTS: Results,
    EXPECTED: dict[str, dict[str, str]],
    LOAD: LoadRun,
    SOAK: SoakRun,
    FAULT: FaultRun,
    EXCHANGE: Exchange,
    Path(ENVELOPE).name: Envelope,
}
"""The type behind each file of a package, and behind a line of a transcript."""


def generated() -> dict[str, dict[str, Any]]:
    """All schemas by file name."""
    return {
        name: {"$schema": DIALECT, "title": f"{name}, version {SCHEMA_VERSION}", **msgspec.json.schema(shape)}
        for name, shape in RECORDS.items()
    }
