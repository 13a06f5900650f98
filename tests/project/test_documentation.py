"""The documentation tells the truth: its commands, links, files and figures are those of the project."""

from __future__ import annotations

import functools
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer

from conformance.adapters.real_cards import read_order, read_statement
from conformance.engine.run import make_plan, suite
from conformance.selfcheck.stands import simulated_stand
from healthcard.__main__ import UsageError, app
from reference.standard import load
from reference.standard.requirements.accounting import State, accounts
from simulators.cards.mutants import registered
from tests.project.tree import ROOT, named

PAGES = (
    *(ROOT / name for name in ("README.md", "README.zh-CN.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
)
READMES = PAGES[:2]
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
FIGURE = re.compile(r"^\| ([^|]+) \| (\d+) \|$", re.MULTILINE)
FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)+\.\w+")
FOLDER = re.compile(r"[\w.-]+(?:/[\w.-]+)*/")
MADE_BY_A_RUN = ("out/", "my-tables/", "sealed/")
LARGEST_IMAGE = 300_000


def text(page: Path) -> str:
    """A page as it is written."""
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return BLOCK.sub("", text(page))


def command_lines() -> Iterator[tuple[str, list[str]]]:
    """Every line of a shell block that calls `healthcard` or `make`: where it stands, and its words."""
    for page in PAGES:
        for language, block in BLOCK.findall(text(page)):
            if language != "sh":
                continue
            for line in block.replace("\\\n", " ").splitlines():
                words = shlex.split(line)
                if words and words[0] in ("healthcard", "make"):
                    yield named(page), words


def named_verbs() -> Iterator[tuple[str, list[str]]]:
    """Every `healthcard …` inside a sentence: where it stands, and its words."""
    for page in PAGES:
        for words in map(str.split, INLINE.findall(prose(page))):
            if words[0] == "healthcard" and len(words) > 1:
                yield named(page), words


@functools.cache
def front_door() -> Any:
    """The whole command; made of hundreds of functions, which takes a while."""
    return typer.main.get_command(app)


def verb(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words name, as far as they name one, and the words behind it."""
    found = front_door()
    while hasattr(found, "commands") and words and words[0] in found.commands:
        found, words = found.commands[words[0]], words[1:]
    return found, words


@pytest.mark.parametrize(("page", "words"), list(command_lines()), ids=" ".join)
def test_a_command_line_can_be_given_as_it_stands(page: str, words: list[str]) -> None:
    if words[0] == "make":
        makefile = text(ROOT / "Makefile")
        assert all(re.search(rf"^{word.partition('=')[0]}( \?=|:)", makefile, re.MULTILINE) for word in words[1:]), page
        return
    found, arguments = verb(words[1:])
    assert not hasattr(found, "commands"), f"{page}: {shlex.join(words)} names no verb"
    try:
        context = found.make_context(found.name, arguments)
    except UsageError as mistake:
        pytest.fail(f"{page}: {shlex.join(words)}: {mistake}")
    assert context.params


@pytest.mark.parametrize(("page", "words"), list(named_verbs()), ids=" ".join)
def test_a_verb_named_in_a_sentence_exists_with_its_options(page: str, words: list[str]) -> None:
    found, rest = verb(words[1:])
    options = {name for parameter in found.params for name in parameter.opts} | {"--help"}
    assert not hasattr(found, "commands") or not rest, f"{page}: {' '.join(words)}"
    assert {word for word in rest if word.startswith("-")} <= options, f"{page}: {' '.join(words)}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_and_image_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(prose(page)):
        place, _, anchor = unquote(target).partition("#")
        if "://" in place:
            continue
        file = page.parent / place if place else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def anchors(page: Path) -> set[str]:
    """The anchors that a Markdown page's headings give."""
    titles = (title for _, title in HEADING.findall(prose(page)))
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_file_named_in_a_sentence_exists(page: Path) -> None:
    spans = [span for span in INLINE.findall(prose(page)) if FILE.fullmatch(span) or FOLDER.fullmatch(span)]
    lacking = [span for span in spans if not span.startswith(MADE_BY_A_RUN) and not (ROOT / span).exists()]
    assert lacking == []


@pytest.mark.parametrize("image", sorted((ROOT / "docs" / "images").iterdir()), ids=named)
def test_an_image_is_small_and_shown_somewhere(image: Path) -> None:
    assert image.stat().st_size < LARGEST_IMAGE
    assert any(f"images/{image.name}" in text(page) for page in PAGES)


def test_both_readmes_have_the_same_headings_and_commands() -> None:
    english, chinese = (
        [(level, len(BLOCK.findall(section))) for level, section in sections(text(page))] for page in READMES
    )
    assert english == chinese
    assert len(english) > 1


def sections(page: str) -> list[tuple[str, str]]:
    """Level and text of every section, in order."""
    starts = [(match.group(1), match.end()) for match in HEADING.finditer(page)]
    ends = [*(match.start() for match in HEADING.finditer(page)), len(page)][1:]
    return [(level, page[start:end]) for (level, start), end in zip(starts, ends, strict=True)]


@pytest.mark.parametrize("page", READMES, ids=named)
def test_the_figures_are_those_of_catalogue_and_plan(page: Path) -> None:
    standard = load()
    plan = make_plan(simulated_stand(standard), suite("card"))
    testable = sum(row.not_testable is None for row in plan.requirements)
    refusals = sum(test.side == "negative" for test in plan.tests)
    states = [account.state for account in accounts(standard, standard)]
    right = (
        len(plan.requirements),
        testable,
        len(plan.requirements) - testable,
        len(plan.tests),
        refusals,
        len(list(registered(standard))),
        len(states),
        states.count(State.AWAITED),
    )
    printed = FIGURE.findall(text(page))
    assert len(printed) == len(right), f"{named(page)}: the table of figures has not {len(right)} rows"
    wrong = [
        f"{title}: {number}, right is {figure}"
        for (title, number), figure in zip(printed, right, strict=True)
        if int(number) != figure
    ]
    assert wrong == [], f"{named(page)}, table of figures"


def test_the_page_of_limits_repeats_what_the_suite_says_of_itself() -> None:
    page = text(ROOT / "docs" / "limits.md")
    listed = re.findall(r"^- (.+)$", page.partition("## What is open")[0], re.MULTILINE)
    assert listed == [limit.en for limit in suite("card").limits]


def test_statement_and_personalisation_file_are_usable_as_printed(tmp_path: Path) -> None:
    blocks = [
        block for language, block in BLOCK.findall(text(ROOT / "docs/certifying-a-card.md")) if language == "toml"
    ]
    statement, order = tmp_path / "statement.toml", tmp_path / "order.toml"
    for file, block in zip((statement, order), blocks, strict=True):
        file.write_text(block, encoding="utf-8")
    assert read_statement(statement).data_set == "synthetic"
    assert read_order(order, load()) == tomllib.loads(blocks[1])["values"]
