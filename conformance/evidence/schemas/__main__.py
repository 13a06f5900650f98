"""Rewrite the JSON Schemas of the evidence: `python -m conformance.evidence.schemas`."""

from __future__ import annotations

import json
from pathlib import Path

from conformance.evidence.schemas import generated


def main() -> None:
    """Write every schema beside this module."""
    for name, schema in generated().items():
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        Path(__file__).with_name(name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
