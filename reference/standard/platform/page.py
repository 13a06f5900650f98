"""The functions as a page of Markdown for people: counts, then a table an area, with links to the tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from reference.standard.platform.loader import Function, State, functions, sources

HEAD = """# What the platform does, and what it does not yet

The planning documents of the residents health card and of its electronic form ask {number} functions of the platform.
Each is one row: **done**, with the tests that show it; **open**; or **context**, which leaves nothing to do, with the
reason. `healthcard platform coverage` lists the same rows; this page is written from the same table by
`python -m reference.standard.platform docs/platform-coverage.md`, and a test holds it current.
"""
SOURCES = "## Where the functions are named\n"


def written() -> str:
    """The whole page."""
    rows = functions()
    areas = dict.fromkeys(row.area for row in rows)
    parts = [HEAD.format(number=len(rows)), _counts(rows, areas)]
    parts += [_area(area, [row for row in rows if row.area == area]) for area in areas]
    return "\n".join([*parts, SOURCES, _sources()])


def _counts(rows: Iterable[Function], areas: Iterable[str]) -> str:
    counted = Counter((row.area, row.state) for row in rows)
    lines = [_line("area", *State), _line("---", *["---:"] * len(State))]
    lines += [_line(f"[{area}](#{area.lower()})", *(counted[area, state] or "" for state in State)) for area in areas]
    total = Counter(row.state for row in rows)
    return "\n".join([*lines, _line("all", *(total[state] for state in State)), ""])


def _area(area: str, rows: Iterable[Function]) -> str:
    lines = [f"## {area}", "", _line("id", "function", "功能", "named in", "state", "shown by, or why not")]
    lines.append(_line(*["---"] * 6))
    lines += [
        _line(row.id, row.name.en, row.name.zh, ", ".join(row.sources), row.state, _last_cell(row)) for row in rows
    ]
    return "\n".join([*lines, ""])


def _last_cell(row: Function) -> str:
    if row.reason is not None:
        return f"{row.reason.en} {row.reason.zh}"
    files = dict.fromkeys(test.partition("::")[0] for test in row.tests)
    return ", ".join(f"[{file.rpartition('/')[2]}](../{file})" for file in files)


def _sources() -> str:
    lines = [_line("named in", "basis", "document", "文件"), _line(*["---"] * 4)]
    lines += [_line(row.id, row.basis, row.title.en, row.title.zh) for row in sources().values()]
    return "\n".join([*lines, ""])


def _line(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"
