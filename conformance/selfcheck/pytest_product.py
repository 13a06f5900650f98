"""``pytest conformance/suites/card --product …``: a suite run by hand, with pytest's own output, -k, -n and JUnit.

For people who write tests. A certification does not come from here: it needs ``healthcard certify``, which runs whole
suites with a configuration of its own and leaves evidence.
"""

from __future__ import annotations

import pytest

from conformance.engine.plugin import SuiteRun
from conformance.engine.run import suite
from conformance.engine.stand import Stand
from conformance.evidence.model import Exchange, Plan, PlannedTest, TestResult
from conformance.selfcheck.stands import simulated_stand
from reference.standard import StandardError, load
from simulators.cards.mutants import registered

RUN = "conformance-suite-run"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The product and the profile of a run by hand."""
    group = parser.getgroup("conformance")
    group.addoption("--product", default="simulated", help="simulated, or the name of a mutant of the card")
    group.addoption("--profile", default="national-2012", help="reading of the standard")


def pytest_configure(config: pytest.Config) -> None:
    """Register the run, unless a certification has brought its own."""
    if any(isinstance(plugin, SuiteRun) for plugin in config.pluginmanager.get_plugins()):
        return
    try:
        stand = _stand(config.getoption("--product"), config.getoption("--profile"))
    except (StandardError, LookupError) as fault:
        raise pytest.UsageError(str(fault)) from fault
    chosen = suite("card")
    run = SuiteRun(stand, actor=chosen.actor, limits=chosen.limits, on_plan=_ignore_plan, on_result=_ignore_result)
    config.pluginmanager.register(run, RUN)


def _stand(product: str, profile: str) -> Stand:
    standard = load(profile)
    if product == "simulated":
        return simulated_stand(standard)
    for mutant in registered(standard):
        if mutant.name == product:
            return simulated_stand(standard, card=mutant.make(standard), name=mutant.name)
    raise LookupError(f"there is no product {product}: give simulated, or the name of a mutant (healthcard explain)")


def _ignore_plan(plan: Plan) -> None:
    """pytest shows the tests itself."""


def _ignore_result(test: PlannedTest, result: TestResult, exchanges: tuple[Exchange, ...]) -> None:
    """And their outcomes."""
