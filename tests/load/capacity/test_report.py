"""The page is well-formed, fetches nothing, speaks both languages, and keeps hostile text as text; the PDF is one."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from load.capacity.axes import axis_over
from load.capacity.charts import shown_steps
from load.capacity.lines import as_lines
from load.capacity.report import PdfUnavailable, as_html, as_pdf, basis_name, figure
from load.capacity.search import Bracket, Outcome
from load.capacity.writing import Unwritable, write
from reference.languages import Text
from tests.load.capacity.results import capacity_result, result_with, step
from tests.pages import Elements

HOSTILE = "http://x/<script>alert(1)</script>\"'&"
VOID = frozenset({"meta", "input", "br"})
FOUND = capacity_result(640.0)


def elements_of(page: str) -> Elements:
    return Elements(page, VOID)


def page(lang: str = "en") -> str:
    return as_html(FOUND, lang).decode("utf-8")


def test_the_page_is_well_formed_and_its_ids_are_its_own() -> None:
    elements = elements_of(page())
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = [attributes["aria-labelledby"] for _, attributes in elements.found if "aria-labelledby" in attributes]
    assert all(id in ids for names in named for id in (names or "").split())


def test_the_page_fetches_nothing() -> None:
    elements = elements_of(page())
    assert not {"script", "link", "img", "iframe", "object", "use", "image"} & {tag for tag, _ in elements.found}
    attributes = {name for _, found in elements.found for name in found}
    assert not {"src", "href", "xlink:href", "style", "onclick", "onload"} & attributes
    style = re.search(r"<style>(.*?)</style>", page(), re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_the_policy_allows_this_style_alone() -> None:
    style = re.search(r"<style>(.*?)</style>", page(), re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page().replace("&#39;", "'")


@pytest.mark.parametrize(
    "text", ["verifications a second", "Assumptions", "decision of this project", "platform saturated"]
)
def test_the_page_speaks_english(text: str) -> None:
    assert text in page("zh")


@pytest.mark.parametrize("text", ["饱和点", "假设", "本项目取值", "平台饱和", "甘肃"])
def test_the_page_speaks_chinese(text: str) -> None:
    assert text in page("en")


def test_the_page_opens_in_the_language_asked_for() -> None:
    assert 'id="lang-zh" value="zh" aria-label="中文" checked' in page("zh")
    assert 'id="lang-en" value="en" aria-label="English" checked' in page("en")
    assert '<html lang="zh">' in page("zh")


def test_every_chart_has_title_and_description_and_a_table_beside_it() -> None:
    charts = [attributes for tag, attributes in elements_of(page()).found if tag == "svg" and "role" in attributes]
    assert len(charts) == 2 * 4
    for section in re.findall(r"<section.*?</section>", page(), re.DOTALL):
        if "<figure>" in section:
            assert section.count("<title ") == section.count("<desc ") == 2
            assert "<table>" in section


def test_every_assumption_and_step_stands_on_the_page() -> None:
    whole = page()
    assert all(f"<code>{row.id}</code>" in whole for row in FOUND.assumptions)
    assert all(row.region.title.en in whole and row.region.title.zh in whole for row in FOUND.projection)
    failed = [step.rate for step in FOUND.steps if step.outcome is Outcome.PLATFORM_SATURATED]
    assert whole.count('class="platform-saturated"') == len(failed) + len(set(failed))


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    file = tmp_path / "<b>changes&.toml"
    file.write_text(
        '[regions.x]\ntitle = "<img src=x>"\nresidents = 1e6\ncards-per-resident = 1\nuses-per-card-year = 1\n'
    )
    found = capacity_result(640.0, target=HOSTILE, currency="<i>", assumptions=file)
    elements = elements_of(as_html(found, "en").decode("utf-8"))
    assert not {"script", "img", "i"} & {tag for tag, _ in elements.found}
    assert as_pdf(found, "en").startswith(b"%PDF-")


@pytest.mark.parametrize("foreign", [False, True])
@pytest.mark.parametrize("saturation", [0.5, 640.0, 1e9])
def test_every_end_of_a_search_makes_a_page(saturation: float, foreign: bool) -> None:
    found = capacity_result(saturation, foreign=foreign, price=None)
    elements = elements_of(as_html(found, "zh").decode("utf-8"))
    assert any(tag == "h1" for tag, _ in elements.found)
    assert as_lines(found)[-1] == found.headline


def test_wrong_answers_stand_on_the_page() -> None:
    steps = (step(200.0), step(400.0, Outcome.WRONG, 2))
    whole = as_html(result_with(Bracket(held=200.0, ended="wrong"), steps), "zh").decode("utf-8")
    assert all(text in whole for text in ("run-&lt;7&gt;", "错误通过", "code.forged", 'class="overall failed"'))


def test_a_search_that_made_no_step_makes_a_page() -> None:
    found = result_with(Bracket(), ())
    assert shown_steps(found) == []
    assert elements_of(as_html(found, "en").decode("utf-8")).found


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_folder_holds_page_pdf_and_json(tmp_path: Path, lang: str) -> None:
    assert write(FOUND, "", str(tmp_path / "out"), lang) is None
    assert (tmp_path / "out" / "capacity.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "out" / "capacity.html").read_text("utf-8") == page(lang)
    told = json.loads((tmp_path / "out" / "capacity.json").read_text("utf-8"))
    assert (told["kind"], told["schema_version"]) == ("load.capacity", 1)
    assert told["saturation"]["bracket"]["held"] <= 640 < told["saturation"]["bracket"]["failed"]
    assert {one["outcome"] for one in told["steps"]} == {"held", "platform-saturated"}


def test_without_weasyprint_everything_else_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(found: object, lang: str) -> bytes:
        raise PdfUnavailable(Text("not installed", "未安装"))

    (tmp_path / "capacity.pdf").write_bytes(b"of an earlier run")
    monkeypatch.setattr("load.capacity.writing.as_pdf", lacking)
    assert write(FOUND, "", str(tmp_path), "en") is not None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["capacity.html", "capacity.json"]


def test_a_pdf_without_weasyprint_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(PdfUnavailable, match=r"healthcard\[pdf\]"):
        as_pdf(FOUND, "en")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unwritable, match="file"):
        write(FOUND, "", str(tmp_path / "file" / "out"), "en")


@settings(deadline=None)
@given(st.lists(st.floats(min_value=1e-3, max_value=1e7), max_size=8))
def test_an_axis_holds_its_values_and_marks_round_ones(values: list[float]) -> None:
    axis = axis_over(values, 0.0, 600.0)
    assert all(axis.low <= value * 1.00001 and value <= axis.high * 1.00001 for value in values)
    places = [axis.at(value) for value in axis.marks(30.0)]
    assert places == sorted(places)
    assert all(0 <= place <= 600 for place in places)


def test_figures_are_short_and_unknown_ones_say_so() -> None:
    assert figure(1234567.0) == "1\u202f234\u202f567"
    assert figure(0.15234) == "0.152"
    assert str(figure(None)) == "unknown"
    assert {basis_name(basis).zh for basis in ("published", "computed", "decision", "given")} >= {"公开数据"}
