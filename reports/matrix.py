"""The detection matrix as a page of the report's style: one file, both languages, nothing fetched, no script.

No clause of the standard is followed here: what is printed stands in the matrix.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from pathlib import Path

from markupsafe import Markup

from conformance.evidence.matrix import REQUIRED_RIGHT, TOLERATED_NOISE, Catch, Matrix
from reports.page import part, policy_for, templates


def write(matrix: Matrix, file: Path, lang: str = "en") -> None:
    """Write the page, whole or not at all. ``lang``, ``en`` or ``zh``, is the language that it opens in.

    Raises OSError when it cannot be written.
    """
    content = as_html(matrix, lang)
    with tempfile.TemporaryDirectory(prefix=".matrix-", dir=file.parent) as folder:
        draft = Path(folder) / file.name
        draft.write_bytes(content)
        os.replace(draft, file)


def as_html(matrix: Matrix, lang: str) -> bytes:
    """The page, UTF-8."""
    style = part("style.css")
    page = (
        templates()
        .get_template("mutants.html.j2")
        .render(
            matrix=matrix,
            areas=areas(matrix),
            required=REQUIRED_RIGHT,
            tolerated=TOLERATED_NOISE,
            lang=lang,
            style=Markup(style),  # noqa: S704 - our own file
            policy=policy_for(style, ""),
        )
    )
    return page.encode("utf-8")


def areas(matrix: Matrix) -> dict[str, list[Catch]]:
    """The mutants by the area of the requirement that they break: the first two parts of its id."""
    rows = sorted(matrix.catches, key=lambda catch: catch.breaks[0])
    return {area: list(group) for area, group in itertools.groupby(rows, lambda catch: area_of(catch.breaks[0]))}


def area_of(requirement: str) -> str:
    """``card.df02`` of ``card.df02.ef05.type``."""
    return ".".join(requirement.split(".")[:2])
