"""A fault on the reference platform, which is started and filled for it. Source: decision."""

from __future__ import annotations

from collections.abc import Callable

from load.faults.books import check_books
from load.faults.episode import Comes
from load.faults.filled import filled
from load.faults.ledger import Ledger
from load.faults.result import FaultResult, judged, record_of
from load.faults.serving import Serving, serving
from load.faults.settings import FaultSettings
from load.faults.showing import show
from load.faults.staging import own
from reference.operating_system import SystemClock
from reference.store import Store

RUN = "fault"


def staged_on_own(settings: FaultSettings, comes: Callable[[Serving, Store], Comes] | None = None) -> FaultResult:
    """Stage the fault, by ``comes`` in place of our own way where it is given, and close the books.

    Raises ProductUnreachable, and NotEmpty for a database with accounts.
    """
    started_ms = SystemClock().now_ms()
    with (
        filled(settings.database, settings.cards, settings.seed) as (store, codes, arguments),
        own(settings.fault) as (further, own_way),
        serving(*arguments, *further, command=settings.command) as served,
    ):
        ledger = Ledger(store)
        fault = (comes or own_way)(served, store)
        cases = list(codes.wave(settings.codes))
        episode, traffic = show(settings, served.url, ledger, cases, fault, run=RUN)
        # Everything ends at once, as when the power goes: what was answered stands all the same.
        served.kill()
        findings = ledger.close()
        check_books(store, findings)
        run = record_of(settings, episode, ledger, traffic, findings)
    return judged(run, started_ms, SystemClock().now_ms())
