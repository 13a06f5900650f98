"""The pytest plugin that turns a suite into a conformance run: subjects from tables, a plan, verdicts, transcripts.

`SuiteRun` is registered for one run, by `run.execute`. Test bodies get ports through the fixtures below and nothing
else: a terminal with card and SAM behind it, the standard's tables, what the sample was personalised with.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterator, Mapping

import pytest

from conformance.engine.changed_samples import may_be_changed
from conformance.engine.judging import judge, settle_twins
from conformance.engine.marks import ATTRIBUTE, marks_of, subject_id
from conformance.engine.planning import Draft, PlanningFault, make_plan
from conformance.engine.stand import USES_UP_CARD, Stand
from conformance.engine.transcript import RecordingChip, Transcript
from conformance.evidence.model import Exchange, Plan, PlannedRequirement, PlannedTest, TestResult, Verdict
from reference.languages import Text, say
from reference.ports import ProductUnreachable
from reference.standard import Standard
from reference.terminal.card_session import CardSession
from reference.terminal.sam_session import SamSession
from reference.terminal.terminal import Terminal

Observer = Callable[[PlannedTest, TestResult, tuple[Exchange, ...]], None]


LOSSES_IN_A_ROW = 3
"""After this many tests in a row that lost the product the run ends, though it may still answer a reset."""


class SuiteRun:
    """One run of a suite against one stand."""

    def __init__(
        self,
        stand: Stand,
        *,
        actor: str,
        limits: tuple[Text, ...],
        on_plan: Callable[[Plan], None],
        on_result: Observer,
        only: frozenset[str] | None = None,
    ) -> None:
        self.stand, self.actor, self.limits = stand, actor, limits
        self.on_plan, self.on_result, self.only = on_plan, on_result, only
        self.plan: Plan | None = None
        self.fault: PlanningFault | None = None
        self.requirements: dict[str, PlannedRequirement] = {}
        self.tests: dict[str, PlannedTest] = {}
        self.by_node: dict[str, PlannedTest] = {}
        self.results: dict[str, TestResult] = {}
        self.raised: BaseException | None = None
        self.transcript = Transcript(stand.clock)
        self.narrowed = False
        self.stopped: Text | None = None
        self.lost_in_a_row = 0

    # -- collection and plan ---------------------------------------------------------------------------------

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each subject that the test function's selection picks from the tables."""
        marks = getattr(metafunc.function, ATTRIBUTE, None)
        if marks is not None and marks.selection is not None:
            subjects = list(marks.selection(self.stand.standard))
            metafunc.parametrize(marks.argument, subjects, ids=[subject_id(subject) for subject in subjects])

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Plan everything that was collected, before -k takes its part; then keep what this run is about."""
        items.sort(key=uses_up_the_card)
        drafts = [draft_of(item) for item in items if isinstance(item, pytest.Function)]
        try:
            plan = make_plan(
                self.stand.standard,
                self.stand.product,
                drafts,
                actor=self.actor,
                limits=self.limits,
                budget=self.stand.budget,
                waivers=self.stand.waivers,
            )
        except PlanningFault as fault:
            self.fault = fault
            items.clear()
            return
        self.plan = plan
        self.requirements = {row.id: row for row in plan.requirements}
        self.tests = {test.id: test for test in plan.tests}
        self.by_node = {test.nodeid: test for test in plan.tests}
        self.on_plan(plan)
        if self.only is not None:
            self.narrowed = True
            items[:] = [item for item in items if self.by_node[item.nodeid].id in self.only]

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """A run narrowed by hand is never complete."""
        self.narrowed = self.narrowed or bool(items)

    # -- one test --------------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Run one test and judge it; one that does not apply is judged without being run."""
        test = self.by_node[item.nodeid]
        self.raised, self.transcript = None, Transcript(self.stand.clock)
        outcome = yield
        if test.not_applicable is not None:
            result = TestResult(test=test.id, verdict=Verdict.NOT_APPLICABLE, reason=test.not_applicable)
        elif test.blocked is not None:
            result = TestResult(test=test.id, verdict=Verdict.BLOCKED, reason=test.blocked)
        else:
            took_us = self.stand.clock.monotonic_us() - self.transcript.began_us
            result = judge(test, self.requirements[test.requirements[0]], self.raised, self.transcript, took_us=took_us)
        self.results[test.id] = result
        self.on_result(test, result, tuple(self.transcript.exchanges))
        if isinstance(self.raised, ProductUnreachable):
            self._after_loss(item.session, test, self.raised)
        else:
            self.lost_in_a_row = 0
        return outcome

    def _after_loss(self, session: pytest.Session, test: PlannedTest, loss: ProductUnreachable) -> None:
        """Go on when the product answers a reset and is as it was, but not for ever: resets may be all it answers."""
        if may_be_changed(self.transcript.exchanges, self.stand.standard):
            self._stop(
                session,
                say(
                    "the product was lost during {test}, which was changing it: {fault} "
                    "What it holds now is not known: take another sample, or personalise it anew.",
                    test=test.id,
                    fault=loss.explained(),
                ),
            )
            return
        self.lost_in_a_row += 1
        try:
            self.stand.chips.recover()
        except ProductUnreachable:
            self.lost_in_a_row = LOSSES_IN_A_ROW
        if self.lost_in_a_row >= LOSSES_IN_A_ROW:
            self._stop(
                session, say("the product was lost during {test}: {fault}", test=test.id, fault=loss.explained())
            )

    def _stop(self, session: pytest.Session, reason: Text) -> None:
        """End the run after this test."""
        self.stopped = reason
        session.shouldstop = str(reason)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Tests that do not apply, or that the budget does not allow, are not run."""
        test = self.by_node[item.nodeid]
        if test.not_applicable is not None or test.blocked is not None:
            pytest.skip("not to be run")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Remember what the test, or its preparation, raised first."""
        report = yield
        if call.excinfo is not None and self.raised is None:
            self.raised = call.excinfo.value
        return report

    def settled(self) -> tuple[TestResult, ...]:
        """All results, twins looked at; tests that were never reached are skipped with the reason."""
        results: Mapping[str, TestResult] = self.results
        unreached = [
            TestResult(
                test=id,
                verdict=Verdict.SKIPPED,
                reason=self.stopped or say("left out: the run was narrowed by hand"),
            )
            for id in self.tests
            if id not in results
        ]
        return settle_twins(self.tests, results) + tuple(unreached)

    # -- what test bodies get --------------------------------------------------------------------------------

    @pytest.fixture(name="transcript")
    def transcript_fixture(self) -> Transcript:
        """The exchanges of this test so far."""
        return self.transcript

    @pytest.fixture
    def standard(self) -> Standard:
        """The tables under the run's profile."""
        return self.stand.standard

    @pytest.fixture
    def expected(self) -> dict[str, dict[str, str]]:
        """What the sample was personalised with, by file and element; empty where not given."""
        return self.stand.expected

    @pytest.fixture
    def bench(self, request: pytest.FixtureRequest, transcript: Transcript) -> Iterator[Terminal]:
        """A terminal with card and SAM, neither of them reset."""
        test = self.by_node[request.node.nodeid]
        channels = {
            name: RecordingChip(chip, name, transcript, self.stand.standard)
            for name, chip in self.stand.chips.channels(test).items()
        }
        yield Terminal(
            CardSession(channels["card"], self.stand.standard),
            SamSession(channels["sam"], self.stand.standard),
        )
        if self.raised is None:
            self.stand.chips.finish(test)

    @pytest.fixture
    def terminal(self, bench: Terminal) -> Terminal:
        """A terminal that has reset card and SAM and knows the card's diversification factors."""
        bench.start()
        return bench


def uses_up_the_card(item: pytest.Item) -> bool:
    """Whether the test leaves the specimen useless: such tests run last, in the order of their module."""
    return isinstance(item, pytest.Function) and USES_UP_CARD in marks_of(inspect.unwrap(item.function)).irreversible


def draft_of(item: pytest.Function) -> Draft:
    """What planning needs to know of a collected test."""
    marks = marks_of(inspect.unwrap(item.function))
    subject = item.callspec.params[marks.argument] if marks.argument else None
    return Draft(item.module.__name__, item.originalname, item.nodeid, marks, subject)
