"""Writes the report: JSON where it is asked for, and the folder with page, PDF and JSON."""

from __future__ import annotations

from pathlib import Path

import msgspec
import typer

from load.capacity.report import PdfUnavailable, as_html, as_pdf
from load.capacity.result import CapacityResult
from reference.languages import Text, say


class Unwritable(Exception):
    """A file that cannot be written; ``text`` names it and the reason."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def write(found: CapacityResult, json_file: str, out: str, lang: str) -> Text | None:
    """Write what is asked for; why there is no PDF, where there is none. Raises Unwritable."""
    encoded = msgspec.json.format(msgspec.json.encode(found))
    if json_file == "-":
        typer.echo(encoded.decode())
    try:
        if json_file not in ("", "-"):
            Path(json_file).write_bytes(encoded)
        return _folder(found, encoded, Path(out), lang) if out else None
    except OSError as error:
        raise Unwritable(say("{file}: {reason}", file=error.filename, reason=error.strerror)) from None


def _folder(found: CapacityResult, encoded: bytes, out: Path, lang: str) -> Text | None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "capacity.json").write_bytes(encoded)
    (out / "capacity.html").write_bytes(as_html(found, lang))
    try:
        (out / "capacity.pdf").write_bytes(as_pdf(found, lang))
    except PdfUnavailable as lacking:
        # A PDF of an earlier run beside the new page would be taken for this one's.
        (out / "capacity.pdf").unlink(missing_ok=True)
        return lacking.text
    return None
