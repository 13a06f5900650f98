"""The messages of the project: where the code says something, and what the catalogues translate.

A message is required where it is sure to be shown: literals given to ``say``, the messages of violation classes,
phrases of templates, titles of suites' tests, first lines of mutants, severities. It may also reach ``say`` through a
variable; then it stands as a literal somewhere in the code.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from conformance.evidence.model import Severity
from reference.card import violations
from reference.card.violations import Violation
from tests.project.tree import PACKAGES, ROOT, files, python_files

CLASS_MESSAGES = ("summary", "expected", "actual", "remedy")


@functools.cache
def syntax(path: Path) -> ast.Module:
    """A Python file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def calls_of_say() -> Iterator[tuple[Path, ast.expr]]:
    """Every call of ``say`` in the shipped packages: the file and the expression that is its message."""
    for path in python_files(*PACKAGES):
        for node in ast.walk(syntax(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                yield path, node.args[0]


def said() -> Iterator[str]:
    """Every literal given to ``say``."""
    for _, message in calls_of_say():
        if isinstance(message, ast.Constant):
            yield str(message.value)


def of_violations() -> Iterator[str]:
    """Every message that a class of violation carries."""
    for found in vars(violations).values():
        if isinstance(found, type) and issubclass(found, Violation) and found is not Violation:
            yield from (getattr(found, name) for name in CLASS_MESSAGES)
            yield from found.causes


def of_templates() -> Iterator[str]:
    """Every phrase that a template says."""
    for path in files(*PACKAGES):
        if path.suffix == ".j2":
            with path.open("rb") as stream:
                for _, _, message, _ in babel_extract(stream, ["say"], [], {}):
                    yield message if isinstance(message, str) else str((message or ("",))[0])


def titles() -> Iterator[str]:
    """The title of every test of the suites: its function's name as a sentence."""
    for path in (ROOT / "conformance" / "suites").rglob("test_*.py"):
        for node in syntax(path).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield node.name.removeprefix("test_").replace("_", " ")


def of_mutants() -> Iterator[str]:
    """The line that says why each mutant matters: the first of what its decorator registers."""
    for path in files("simulators"):
        if path.suffix == ".py" and path.parent.name == "mutants":
            for node in syntax(path).body:
                if isinstance(node, ast.ClassDef | ast.FunctionDef) and _is_mutant(node):
                    yield (ast.get_docstring(node) or "").partition("\n")[0]


def _is_mutant(node: ast.ClassDef | ast.FunctionDef) -> bool:
    calls = (decorator.func for decorator in node.decorator_list if isinstance(decorator, ast.Call))
    return any(isinstance(name, ast.Name) and name.id.endswith("mutant") for name in calls)


@functools.cache
def required() -> frozenset[str]:
    """Every message that must have its Chinese; those without a word in them need none."""
    messages = {*said(), *of_violations(), *of_templates(), *titles(), *of_mutants(), *Severity}
    return frozenset(message for message in messages if re.search("[A-Za-z]", re.sub(r"\{[^{}]*\}", "", message)))


@functools.cache
def sayable() -> frozenset[str]:
    """Every message that a catalogue may hold."""
    return required() | literals() | set(of_templates()) | set(titles())


def literals() -> set[str]:
    """Every string literal of the shipped packages: a message may reach ``say`` through a variable."""
    return {
        node.value
        for path in python_files(*PACKAGES)
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def catalogues() -> dict[str, dict[str, str]]:
    """English to Chinese for each catalogue by file name."""
    found = {}
    for entry in resources.files("reference.languages").joinpath("zh").iterdir():
        if entry.name.endswith(".po"):
            with entry.open("rb") as stream:
                found[entry.name] = {str(message.id): str(message.string) for message in read_po(stream) if message.id}
    return found
