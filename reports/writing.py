"""Writing the three forms of a report side by side, whole or not at all.

No clause of the standard is followed here.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from conformance.evidence.package import Package
from reports.machine import as_json, as_junit
from reports.page import as_html
from reports.summary import Summary, summarise


def write(package: Package, out: Path, lang: str = "en") -> Summary:
    """Write `report.html`, `report.json` and `junit.xml` into the folder ``out``; return what they say.

    The folder is made if need be; older reports in it are replaced. Each file appears whole or not at all,
    and none before all three are ready. ``lang``, ``en`` or ``zh``, is the language that the page opens in
    and that of the JUnit file. Raises OSError when the folder cannot be written.
    """
    summary = summarise(package)
    contents = {
        "report.html": as_html(summary, lang),
        "report.json": as_json(summary),
        "junit.xml": as_junit(summary, lang),
    }
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".report-", dir=out) as draft:
        for name, content in contents.items():
            (Path(draft) / name).write_bytes(content)
        for name in contents:
            os.replace(Path(draft) / name, out / name)
    return summary
