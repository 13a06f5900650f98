"""The capacity report for people: an HTML page with both languages inside itself, and a PDF in one.

The page fetches nothing: its content security policy allows its own style and nothing else; the language is switched
without a script. The PDF is the same page, set by WeasyPrint. No clause of the standard is followed here.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from conformance.evidence.verdicts import VERDICT_NAMES
from load.capacity import charts
from load.capacity.assumptions import Basis
from load.capacity.lines import broken_off, outcome_name
from load.capacity.result import CapacityResult
from load.capacity.where_time_goes import table
from reference.ecard.moments import SECOND
from reference.languages import Text, say


class PdfUnavailable(Exception):
    """What sets the PDF is not installed; ``text`` says how to get it."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def as_html(found: CapacityResult, lang: str) -> bytes:
    """The page, UTF-8. ``lang``, ``en`` or ``zh``, is the language that it opens in."""
    return _page(found, lang, ("en", "zh")).encode("utf-8")


def as_pdf(found: CapacityResult, lang: str) -> bytes:
    """The report as PDF in one language. Raises PdfUnavailable."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:
        raise PdfUnavailable(
            say(
                "No PDF was written, since WeasyPrint cannot be used ({reason}): pip install 'healthcard[pdf]'.",
                reason=error,
            )
        ) from None
    written: bytes = HTML(string=_page(found, lang, (lang,)), url_fetcher=_fetch_nothing).write_pdf()
    return written


def _fetch_nothing(url: str) -> dict[str, object]:
    raise ValueError(f"the report fetches nothing: {url}")


def _page(found: CapacityResult, lang: str, langs: tuple[str, ...]) -> str:
    style = resources.files("load").joinpath("templates", "capacity.css").read_text("utf-8").strip()
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    environment = Environment(
        loader=PackageLoader("load"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: _shown(value, langs),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"figure": figure}
    return environment.get_template("capacity.html.j2").render(
        found=found,
        lang=lang,
        langs=langs,
        say=say,
        charts=charts,
        style=Markup(style),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        started=datetime.fromtimestamp(found.started_ms / SECOND, UTC).strftime("%Y-%m-%d %H:%M UTC"),
        outcome_name=outcome_name,
        broken_off=broken_off,
        verdict_names=VERDICT_NAMES,
        basis_name=basis_name,
        wrong_name=wrong_name,
        colours={category.id: category.colour for category in table().categories},
        total_us=sum(share.us for share in found.time.shares),
    )


def basis_name(basis: Basis) -> Text:
    """The basis of an assumption, in words."""
    match basis:
        case "published":
            return say("published figure")
        case "computed":
            return say("computed from published figures")
        case "decision":
            return say("decision of this project")
        case "given":
            return say("given by the user")


def wrong_name(wrong: str) -> Text:
    """What is wrong with an answer, in words."""
    known = {
        "wrong-accept": say("wrong accept"),
        "wrong-refusal": say("wrong refusal"),
        "wrong-reason": say("wrong reason"),
    }
    return known[wrong]


def figure(value: float | None, digits: int = 3) -> Text | str:
    """A number with so many significant digits and thousands apart; ``unknown`` for none."""
    if value is None:
        return say("unknown")
    if abs(value) >= 10.0 ** (digits - 1):
        return f"{value:,.0f}".replace(",", "\u202f")
    return f"{value:.{digits}g}"


def _shown(value: object, langs: tuple[str, ...]) -> object:
    """What a template prints: a Text in the page's languages, of which the reader sees one."""
    if not isinstance(value, Text):
        return "" if value is None else value
    if len(langs) == 1 or value.en == value.zh:
        return escape(value.inside(langs[0]))
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(value.en, value.zh)
