"""Rules over the card suite as a whole: nothing lost, nothing unlinked, nothing that a body must not do."""

from __future__ import annotations

import ast
import inspect
import re
from collections import Counter
from pathlib import Path

import pytest

import conformance.suites.card
from conformance.engine.planning import twin_of
from conformance.engine.run import make_plan, suite
from conformance.evidence.model import Plan
from reference.languages import chinese
from reference.standard import load
from reference.standard.loader import profiles
from reference.standard.rows import FileKind
from tests.runs import demo_stand

LISTED = Path(__file__).with_name("card_tests.txt")
MODULES = sorted(Path(conformance.suites.card.__file__).parent.glob("*.py"))


@pytest.fixture(scope="module", params=profiles())
def plan(request: pytest.FixtureRequest) -> Plan:
    return make_plan(demo_stand(load(request.param)), suite("card"))


def test_the_ordered_list_of_tests_is_the_committed_one() -> None:
    found = [test.id for test in make_plan(demo_stand(), suite("card")).tests]
    listed = LISTED.read_text(encoding="utf-8").splitlines()
    lost, new = sorted(set(listed) - set(found)), sorted(set(found) - set(listed))
    assert listed == found, (
        f"tests that disappeared: {lost}; new tests: {new}; otherwise the order changed. If that is meant, write the "
        f"list anew: python -m tests.conformance.suites > {LISTED.relative_to(Path.cwd())}"
    )


def test_every_testable_requirement_has_a_test_and_no_other_has(plan: Plan) -> None:
    for row in plan.requirements:
        assert bool(row.tests) == (row.not_testable is None), row.id


def test_every_link_of_a_test_points_to_a_requirement(plan: Plan) -> None:
    """Trap 9: a requirement link that points to nothing."""
    known = {row.id: row for row in plan.requirements}
    for test in plan.tests:
        assert test.requirements
        for id in test.requirements:
            assert test.id in known[id].tests


def test_every_test_has_an_id_of_its_own(plan: Plan) -> None:
    assert [id for id, times in Counter(test.id for test in plan.tests).items() if times > 1] == []
    assert len({test.nodeid for test in plan.tests}) == len(plan.tests)


def test_no_id_is_a_section_number(plan: Plan) -> None:
    """Trap 16: section numbers used as ids."""
    for row in plan.requirements:
        assert re.fullmatch(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+", row.id), row.id


def test_every_refusal_has_a_positive_twin_that_differs_from_it(plan: Plan) -> None:
    ids = {test.id: test for test in plan.tests}
    refusals = [test for test in plan.tests if test.side == "negative"]
    assert len(refusals) > 100
    for test in refusals:
        twin = ids[twin_of(test, ids)]
        assert twin.side == "positive", test.id


def test_a_requirement_that_is_refused_is_also_granted(plan: Plan) -> None:
    """Trap 11: beside every refusal of a requirement stands a positive test, of it or its twin's requirement."""
    ids = {test.id: test for test in plan.tests}
    for row in plan.requirements:
        of_row = [ids[id] for id in row.tests]
        if any(test.side == "negative" for test in of_row):
            twins = {twin_of(test, ids) for test in of_row if test.twin}
            assert any(ids[id].side == "positive" for id in twins)


def test_every_test_carries_the_weight_of_all_its_requirements(plan: Plan) -> None:
    rows = {row.id: row for row in plan.requirements}
    for test in plan.tests:
        assert {rows[id].severity for id in test.requirements} == {test.severity}


def test_the_environment_and_the_health_data_are_covered_in_depth(plan: Plan) -> None:
    covered = {row.id for row in plan.requirements if row.tests}
    of_both = {id for id in covered if id.startswith(("card.ddf1.", "card.df02."))}
    assert len(of_both) >= 60
    for area in ("card.ddf1.", "card.df02."):
        inside = {id.removeprefix(area) for id in of_both if id.startswith(area)}
        assert any(".read-needs-" in id for id in inside), area
        assert any(".update-needs-" in id for id in inside), area
        assert any(id.endswith(".type") for id in inside), area
        assert any(".update-sm" in id or "write" in id for id in inside), area


def test_every_file_and_every_element_outside_the_management_data_is_a_subject(plan: Plan) -> None:
    standard = load(plan.profile)
    ids = " ".join(test.id for test in plan.tests)
    for file in standard.files.values():
        assert f"[{file.path}]" in ids, file.path
        if file.directory == "DDF1/DF03":
            continue
        for element in standard.elements(file.path):
            assert f"[{file.path}:{element.id}]" in ids, element.id


def test_all_kinds_of_files_are_tested(plan: Plan) -> None:
    standard = load(plan.profile)
    tested = {kind for kind in FileKind for file in standard.files.values() if file.kind is kind}
    assert tested == set(FileKind)
    of_types = [test.id for test in plan.tests if test.id.startswith("file_types.")]
    for kind in tested:
        paths = {file.path for file in standard.files.values() if file.kind is kind}
        assert any(path in id for id in of_types for path in paths), kind


def test_what_is_used_up_is_said_before_the_run(plan: Plan) -> None:
    spending = {test.id: test.irreversible for test in plan.tests if test.irreversible}
    assert any("wrong-mac" in spent for spent in spending.values())
    assert all(count > 0 for spent in spending.values() for count in spent.values())


def test_the_limits_of_the_suite_are_told_in_both_languages(plan: Plan) -> None:
    assert len(plan.limits) >= 3
    assert all(limit.en and limit.zh and limit.zh != limit.en for limit in plan.limits)


# -- what the modules may hold ---------------------------------------------------------------------------------


def imported(tree: ast.AST) -> set[str]:
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.fixture(params=MODULES, ids=lambda path: path.stem)
def module(request: pytest.FixtureRequest) -> ast.Module:
    path: Path = request.param
    return ast.parse(path.read_text(encoding="utf-8"))


def test_a_suite_learns_nothing_from_a_simulator_and_draws_no_luck(module: ast.Module) -> None:
    """Trap 13: no sleeps and no chance in a suite; and what is right comes from the tables, not from a simulator."""
    forbidden = ("simulators", "random", "secrets", "time", "datetime", "conformance.selfcheck", "hypothesis", "os")
    taken = {name for name in imported(module) if name.split(".")[0] in forbidden or name in forbidden}
    assert taken == set()


def test_a_test_body_holds_no_key(module: ast.Module) -> None:
    """Key operations are the SAM's: no cipher, no derivation, no sixteen literal bytes."""
    taken = {name for name in imported(module) if name.startswith(("reference.crypto", "cryptography", "gmssl"))}
    assert taken <= {"reference.crypto.secure_messaging"}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
            assert len(node.value) < 16, ast.unparse(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.fullmatch(r"[0-9A-Fa-f]{32}", node.value), node.value


def test_a_test_body_draws_no_verdict(module: ast.Module) -> None:
    """Trap 5: a test says what it saw; it knows no verdict and catches nothing broadly."""
    names = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
    assert names.isdisjoint({"Verdict", "Severity", "Exception", "BaseException"})
    for node in ast.walk(module):
        assert not (isinstance(node, ast.ExceptHandler) and node.type is None)
        assert not (isinstance(node, ast.Attribute) and node.attr in ("skip", "xfail", "sleep"))


def test_every_test_tells_what_it_does(module: ast.Module) -> None:
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            assert ast.get_docstring(node), node.name
            assert node.decorator_list, f"{node.name} is linked to no requirement"


def test_no_test_is_a_copy_of_another() -> None:
    """Trap 15: copy-paste test scripts."""
    bodies: Counter[str] = Counter()
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                statements = node.body[1:] if ast.get_docstring(node) else node.body
                if len(statements) > 2:
                    bodies["\n".join(ast.unparse(statement) for statement in statements)] += 1
    assert [body for body, times in bodies.items() if times > 1] == []


def test_titles_of_tests_are_translated(plan: Plan) -> None:
    sentences = {test.id.partition(".")[2].partition("[")[0].replace("_", " ") for test in plan.tests}
    missing = sorted(sentence for sentence in sentences if sentence not in chinese())
    assert missing == []


def test_the_list_is_written_by_the_module_that_the_message_names() -> None:
    from tests.conformance.suites import __main__ as writer

    assert "make_plan" in inspect.getsource(writer)
