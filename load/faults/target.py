"""A fault on a platform that runs already, of any vendor: staged by its owner's commands, judged by its answers.

Its use log is held against the answers where its database is named and the wire profile numbers requests. Source:
decision.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from load.access_token import access_token
from load.cases import read_cases
from load.faults.books import check_books
from load.faults.by_command import by_command
from load.faults.episode import Comes
from load.faults.ledger import Ledger
from load.faults.result import FaultResult, judged, record_of
from load.faults.settings import FaultSettings
from load.faults.showing import show
from load.reaching import require_reachable
from load.settings import RunSettings
from reference.languages import Text
from reference.operating_system import SystemClock
from reference.store import Store

OUT_OF_TIME: Final = frozenset({"request.stale", "request.future"})
"""What a platform says whose clock is not ours: nothing of the code."""


def staged_on_target(settings: FaultSettings, tell: Callable[[Text], None]) -> FaultResult:
    """Stage the fault, heal it whatever happens, and judge what was seen.

    Raises ProductUnreachable, UnreadableCases, NoAccess and OSError.
    """
    require_reachable(settings.url)
    cases = list(read_cases(Path(settings.cases)))
    asked = RunSettings(
        url=settings.url,
        cases=settings.cases,
        profile=settings.profile,
        credentials=settings.credentials,
        duration=settings.longest,
    )
    client = msgspec.structs.replace(asked, access_token=access_token(asked)).client()
    started_ms = SystemClock().now_ms()
    store = Store(settings.database) if settings.books else None
    try:
        run = uuid.uuid4().hex[:12]
        ledger = Ledger(store, run=run, excused=OUT_OF_TIME if settings.fault == "clock-stepped" else frozenset())
        episode, traffic = show(
            settings, settings.url, ledger, cases, _commanded(settings, tell), run=run, client=client
        )
        findings = ledger.close()
        if store is not None:
            check_books(store, findings)
    finally:
        if store is not None:
            store.close()
    return judged(record_of(settings, episode, ledger, traffic, findings), started_ms, SystemClock().now_ms())


def _commanded(settings: FaultSettings, tell: Callable[[Text], None]) -> Comes:
    return lambda staged: by_command(settings.breaks, settings.heals, staged, tell)
