"""The detection matrix: the same whatever the number of processes, counted right, and shown by command and page."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from conformance.evidence.matrix import Catch, Matrix
from conformance.selfcheck.matrix import chosen, detection_matrix, drawn_up
from conformance.selfcheck.mutation import linked_tests, other_tests, plan_of, related, with_twins
from reference.command_line import Exit
from reference.languages import Text
from reference.standard import load
from reports.matrix import as_html, write
from simulators.cards.mutants import Mutant
from tests.conformance.cli.conftest import Call, call
from tests.reports.test_page import elements_of

__all__ = ["call"]

STANDARD = load()
CAUGHT = Catch(
    mutant="Open<All>",
    why=Text("Anybody reads.", "任何人都能读取。"),
    breaks=("card.df02.ef05.read-needs-rk1df02",),
    wanted="ReadWithoutRight DDF1/DF02/EF05",
    findings=("ReadWithoutRight DDF1/DF02/EF05",),
    caught=True,
    for_the_right_reason=True,
    linked=4,
    sampled=15,
)
LOST = msgspec.structs.replace(CAUGHT, mutant="Silent", findings=(), caught=False, for_the_right_reason=False)


def drawn(*catches: Catch) -> Matrix:
    return drawn_up(STANDARD, catches, full=False)


def mutant(name: str) -> Mutant:
    return next(found for found in chosen(STANDARD) if found.name == name)


def test_the_matrix_is_the_same_with_one_process_and_with_two() -> None:
    mutants = chosen(STANDARD, "card.extauth.challenge-8") + chosen(STANDARD, "card.multiapp.mf-root")
    told: list[Catch] = []
    one = detection_matrix(STANDARD, mutants, jobs=1, finished=told.append)
    two = detection_matrix(STANDARD, mutants, jobs=2)
    assert one == two
    assert tuple(told) == one.catches
    assert (one.mutants, one.caught, one.caught_for_right_reason) == (2, 2, 2)
    assert not one.whole
    assert one.requirements_without_mutant == ()


def test_a_survivor_is_counted_listed_and_not_enough() -> None:
    good, bad = drawn(CAUGHT), drawn(CAUGHT, LOST)
    assert good.holds
    assert not bad.holds
    assert (bad.mutants, bad.caught, bad.right_share) == (2, 1, 0.5)
    (survivor,) = bad.survivors
    assert (survivor.mutant, survivor.reason) == ("Silent", None)


def test_a_catch_for_another_reason_is_a_survivor() -> None:
    other = msgspec.structs.replace(CAUGHT, findings=("FileMissing DDF1",), for_the_right_reason=False)
    matrix = drawn(other)
    assert (matrix.caught, matrix.caught_for_right_reason) == (1, 0)
    assert matrix.survivors[0].findings == ("FileMissing DDF1",)


def test_noise_beyond_the_tolerated_share_is_not_enough() -> None:
    noisy = msgspec.structs.replace(CAUGHT, noise=("tree.x",))
    quiet = [msgspec.structs.replace(CAUGHT, mutant=f"m{number}") for number in range(3)]
    assert not drawn(noisy).holds
    assert drawn(noisy).noise == ("Open<All>: tree.x",)
    assert drawn(noisy, *quiet).noise_share == pytest.approx(1 / 60)
    assert drawn(noisy, *quiet).holds


def test_a_mutant_meets_the_same_other_tests_each_time() -> None:
    plan, found = plan_of(STANDARD, ()), mutant("ClinicalDataOpenToAll")
    linked = linked_tests(plan, found.breaks)
    others = other_tests(plan, found, linked)
    assert others == other_tests(plan, found, linked)
    assert len(others) == 15
    assert others.isdisjoint(linked)
    assert others != other_tests(plan, mutant("AnyProofAccepted"), linked)
    everything = other_tests(plan, found, linked, all_of_them=True)
    assert everything | linked == {test.id for test in plan.tests if test.not_applicable is None} | linked


def test_a_refusal_is_met_with_its_twin() -> None:
    refusal = "read_rights.a_file_stays_closed_without_its_read_key[DDF1/EF06]"
    met = with_twins(plan_of(STANDARD, ()), {refusal})
    assert met == {refusal, "read_rights.a_file_opens_with_its_read_key[DDF1/EF06]"}


def test_what_needs_a_broken_rule_is_related_to_it_and_what_does_not_is_not() -> None:
    found = related(STANDARD, ("card.ddf1.ef07.type",))
    assert {"card.ddf1.ef07.type", "card.ddf1.ef07.photo", "card.ddf1.ef07.length-prefix"} <= found
    assert "card.ddf1.ef05.issuer-name" not in found
    assert "card.extauth.verifies" not in found


def test_a_mutant_that_cannot_be_run_is_no_catch() -> None:
    unknown = msgspec.structs.replace(mutant("AnyProofAccepted"), name="no such mutant")
    matrix = detection_matrix(STANDARD, [unknown], jobs=1)
    (catch,) = matrix.catches
    assert not catch.caught
    assert catch.fault.startswith("KeyError")
    assert matrix.survivors[0].findings == (catch.fault,)


# -- command and page --------------------------------------------------------------------------------------------


def test_the_command_runs_the_mutants_of_one_requirement(call: Call, tmp_path: Path) -> None:
    page, record = tmp_path / "matrix.html", tmp_path / "matrix.json"
    arguments = ("--only", "card.extauth.challenge-8", "--jobs", "1", "--json", record, "--html", page)
    called = call("mutants", *map(str, arguments))
    assert called.code == Exit.CONFORMANT
    assert "caught for the right reason: 1 (100.0%" in called.said
    matrix = msgspec.json.decode(record.read_bytes(), type=Matrix)
    assert [catch.mutant for catch in matrix.catches] == ["ConstantChallenge"]
    assert "ConstantChallenge" in page.read_text(encoding="utf-8")


def test_an_unknown_requirement_is_refused_with_the_next_step(call: Call) -> None:
    called = call("mutants", "--only", "card.no-such")
    assert called.code == Exit.USAGE
    assert "card.no-such" in called.err
    assert "healthcard explain" in called.err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_carries_both_languages_and_fetches_nothing(lang: str) -> None:
    page = as_html(drawn(CAUGHT, LOST), lang).decode("utf-8")
    found = elements_of(page).found
    tags = {tag for tag, _ in found}
    assert f'<html lang="{lang}">' in page
    assert "Detection matrix" in page
    assert "检出矩阵" in page
    assert "Open&lt;All&gt;" in page
    assert tags.isdisjoint({"script", "link", "img", "iframe"})
    targets = [attributes["href"] or "" for _, attributes in found if "href" in attributes]
    assert all(target.startswith("#") for target in targets)
    (policy,) = (attributes["content"] or "" for _, attributes in found if attributes.get("http-equiv"))
    assert policy.startswith("default-src 'none'")


def test_the_page_appears_whole(tmp_path: Path) -> None:
    file = tmp_path / "matrix.html"
    write(drawn(CAUGHT), file)
    assert file.read_bytes() == as_html(drawn(CAUGHT), "en")
    assert list(tmp_path.iterdir()) == [file]
    with pytest.raises(OSError, match="missing"):
        write(drawn(CAUGHT), tmp_path / "missing" / "matrix.html")
