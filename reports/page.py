"""The report for people: one HTML page that carries style, script and both languages inside itself.

No clause of the standard is followed here. The page fetches nothing: its content security policy names the
digests of its own style and script and forbids everything else: hostile text in the evidence stays text.
"""

from __future__ import annotations

import base64
import hashlib
import textwrap
from importlib import resources

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from conformance.evidence.decoding import Decoded, decode, tables_for
from conformance.evidence.model import Exchange, Verdict
from conformance.evidence.staged_fault_findings import FAULT_NAMES
from conformance.evidence.verdicts import VERDICT_NAMES, tally
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import Basis, Level
from reports import wording
from reports.fault_figures import doubts, soaked, staged
from reports.load_figures import drawn
from reports.summary import JudgedTest, Summary, reason_not_applicable

HEX_LINE = 64
"""Hexadecimal digits on one line of a long value."""

FOLDED_FROM = 4 * HEX_LINE
"""Values longer than this are folded away."""

EXCHANGES_SHOWN = 200
"""How many exchanges of one test the page carries; the package has them all."""

WRONG_SHOWN = 50
"""How many wrong answers of a load run the page carries."""

EXCHANGES_BEFORE = 5
"""How many exchanges before the first telling one stand open; those before are folded away."""


def as_html(summary: Summary, lang: str) -> bytes:
    """The page, UTF-8. ``lang`` is the language that it opens in: ``en`` or ``zh``."""
    tables = tables_for(summary.plan.profile)
    environment = templates()
    style, script = part("style.css"), part("page.js")
    page = environment.get_template("report.html.j2").render(
        summary=summary,
        manifest=summary.manifest,
        plan=summary.plan,
        lang=lang,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=policy_for(style, script),
        switches=tables.switches if tables else {},
        requirement_of={row.planned.id: row for row in summary.requirements}.get,
        transcript=lambda test: transcript(test, tables),
        drawn=None if summary.load is None else drawn(summary.load),
        soaked=None if summary.soak is None else soaked(summary.soak),
        staged=None if summary.fault is None else staged(summary.fault),
        doubts=() if summary.fault is None else doubts(summary.fault),
        fault_name="" if summary.fault is None else FAULT_NAMES[summary.fault.fault],
    )
    return page.encode("utf-8")


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange as the page shows it: its number from 1, its words, and whether a finding points at it."""

    number: int
    exchange: Exchange
    decoded: Decoded
    telling: bool


class Transcript(msgspec.Struct, frozen=True, kw_only=True):
    """The exchanges of one test: those before the telling ones, which are folded away, and the rest."""

    before: tuple[Step, ...]
    near: tuple[Step, ...]
    left_out: int
    """How many exchanges only the package has."""


def transcript(test: JudgedTest, tables: Standard | None) -> Transcript:
    """The exchanges that explain a test's verdict, decoded."""
    total = len(test.exchanges)
    telling = set(range(total)).intersection(finding.exchange for finding in test.result.findings)
    last = max(telling, default=total - 1)
    begin = max(0, last + EXCHANGES_BEFORE + 1 - EXCHANGES_SHOWN)
    steps = tuple(
        Step(number=index + 1, exchange=exchange, decoded=decode(exchange, tables), telling=index in telling)
        for index, exchange in enumerate(test.exchanges)
        if begin <= index < begin + EXCHANGES_SHOWN
    )
    near_from = min(telling, default=total - 1) - EXCHANGES_BEFORE
    return Transcript(
        before=tuple(step for step in steps if step.number <= near_from),
        near=tuple(step for step in steps if step.number > near_from),
        left_out=total - len(steps),
    )


def both_languages(text: Text) -> Markup:
    """The text in both languages, of which the page shows one; once only where they are the same."""
    english, chinese = wording.visible(text.en), wording.visible(text.zh)
    if english == chinese:
        return escape(english)
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(english, chinese)


def shown(value: object) -> object:
    """What a template's ``{{ … }}`` prints: a Text in both languages, a string with all of it visible."""
    if isinstance(value, Text):
        return both_languages(value)
    if isinstance(value, str) and not isinstance(value, Markup):
        return wording.visible(value)
    return "" if value is None else value


def hex_lines(digits: str) -> str:
    """Hexadecimal digits by the byte, broken into lines."""
    return "\n".join(
        " ".join(textwrap.wrap(digits[start : start + HEX_LINE], 2)) for start in range(0, len(digits), HEX_LINE)
    )


def bar(counts: dict[Verdict, int]) -> list[tuple[Verdict, float, float]]:
    """The counts as sections of a bar 1000 units wide: verdict, start, width."""
    total = sum(counts.values())
    sections, start = [], 0.0
    for verdict, number in counts.items():
        if number:
            width = round(1000 * number / total, 2)
            sections.append((verdict, round(start, 2), width))
            start += width
    return sections


def templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"hex_lines": hex_lines, "named": lambda value, names: wording.named(names, value)}
    environment.globals |= {
        "say": say,
        "wording": wording,
        "verdict_names": VERDICT_NAMES,
        "Verdict": Verdict,
        "Level": Level,
        "Basis": Basis,
        "bar": bar,
        "verdicts_of": lambda rows: tally(row.verdict for row in rows if row.verdict is not None),
        "reason_not_applicable": reason_not_applicable,
        "FOLDED_FROM": FOLDED_FROM,
        "WRONG_SHOWN": WRONG_SHOWN,
    }
    return environment


def part(name: str) -> str:
    """Style or script as it stands in the page."""
    return resources.files(__package__).joinpath("templates", name).read_text("utf-8").strip()


def policy_for(style: str, script: str) -> str:
    """The content security policy: this style, this script, nothing else, from nowhere."""
    return (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"
