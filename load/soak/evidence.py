"""The evidence package of a soak, signed, so that `healthcard report`, `verify` and `compare` take it as any other.

No clause of the standard is followed here.
"""

from __future__ import annotations

from pathlib import Path

from conformance.evidence.package import Package
from conformance.evidence.signing import Signer
from load.evidence import Circumstances, keep
from load.soak.codes import PROFILE
from load.soak.result import Soaked, record_of
from load.soak.settings import SoakSettings


def write_evidence(
    settings: SoakSettings,
    soaked: Soaked,
    out: Path,
    *,
    signer: Signer | None = None,
    lab: str = "",
    operator: str = "",
) -> Package:
    """Write ``out/evidence.zip``; the package as read back from it. ``lab`` and ``operator``: who tested.

    Raises OSError.
    """
    circumstances = Circumstances(
        url="",
        books=True,
        wire=PROFILE,
        started_ms=soaked.started_ms,
        ended_ms=soaked.ended_ms,
        seed=settings.seed,
        lab=lab,
        operator=operator,
    )
    return keep(record_of(settings, soaked), circumstances, out, signer)
