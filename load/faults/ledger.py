"""What a test under faults keeps of its answers, and how it holds them against the platform's use log.

An answer that came is a promise: its use is a row of `uses` under the number of its request, with the outcome that was
told. An answer that was lost promises nothing: its use may be there or not, but not twice, and never as an acceptance
that no state allowed. Source: decision (a use is on the disk before its answer).
"""

from __future__ import annotations

from collections import Counter

import msgspec
from sqlalchemy import func, select

from load.cases import Case
from load.judging import CONSUMED, Judge, Outcome, judge
from load.single_use import double_uses, without_winner
from reference.ecard.verbs import CodeKind
from reference.qr.use_log import ACCEPTED
from reference.store import Store
from reference.store.code_tables import codes, uses

SINGLE_USE: CodeKind = "dynamic"
REPLAYED = "request.replayed"
IN_DOUBT = frozenset({"system.store", "system.failure"})
"""Refusals after which a use may stand all the same: a database can fail after it has written."""
KEPT = 20
"""How many findings are kept in words; all are counted."""


class Findings(msgspec.Struct, kw_only=True):
    """Everything that may not be, counted. All zero is right."""

    wrong_accepts: int = 0
    wrong_refusals: int = 0
    wrong_reasons: int = 0
    double_uses: int = 0
    lost_events: int = 0
    """Answered verifications without their row in the use log, or with another outcome there."""
    repeated_events: int = 0
    """Requests with more than one row."""
    unasked_events: int = 0
    """Rows of requests that were never sent, or that the answer said were not served."""
    broken_logs: int = 0
    """Audit log, use log or database that do not check out."""
    words: list[str] = []

    def found(self, name: str, words: str, count: int = 1) -> None:
        """Count a finding."""
        setattr(self, name, getattr(self, name) + count)
        if len(self.words) < KEPT:
            self.words.append(f"{name}: {words}")

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(getattr(self, name) for name in self.__struct_fields__ if name != "words")


class Ledger:
    """The answers of one test; `settle` holds those since the last time against the database."""

    def __init__(self, store: Store | None, *, run: str = "", excused: frozenset[str] = frozenset()) -> None:
        """Without ``store`` answers alone are judged.

        ``run``: with what the numbers of this test's requests begin, where others ask the platform too; ``excused``:
        refusals that say nothing of a code in this test.
        """
        self._store, self._run, self._excused = store, run, excused
        self.judge = Judge()
        self.findings = Findings()
        self.lost = self.not_sent = self.unserved = self.out_of_time = self.replays = 0
        self._told: dict[str, frozenset[str]] = {}
        self._unknown: dict[str, Case] = {}
        self._turned_away: set[str] = set()
        self._first = self._last = self._last_use()

    def turned_away(self, outcome: Outcome) -> bool:
        """Whether an answer judges no code, which is to be shown again."""
        return outcome.unserved or bool(outcome.ids & self._excused)

    def answered(self, case: Case, outcome: Outcome, request: str) -> None:
        """Judge an answer."""
        if outcome.ids & self._excused:
            self.out_of_time += 1
            self._turned_away.add(request)
            return
        wrong = self.judge.answered(case, outcome, request)
        if wrong is not None:
            self.findings.found(_PLURAL[wrong], f"{case.kind}, expected {sorted(case.expected)}, got {outcome.name}")
        if outcome.unserved:
            self.unserved += 1
            if outcome.ids & IN_DOUBT:
                self._unknown[request] = case
            else:
                self._turned_away.add(request)
        elif outcome.recorded:
            self._told[request] = outcome.ids

    def silent(self, case: Case, request: str, fault: str) -> None:
        """Keep that an answer was lost."""
        self.lost += 1
        self._unknown[request] = case
        self.judge.silent(case, fault, request)

    def replayed(self, outcome: Outcome) -> None:
        """Judge the answer to a request that was sent again as it was."""
        self.replays += 1
        if outcome.accepted:
            self.findings.found("wrong_accepts", "a request was sent again as it was and accepted again")
        elif REPLAYED not in outcome.ids and not outcome.unserved:
            self.findings.found("wrong_reasons", f"a request was sent again as it was, got {outcome.name}")

    def settle(self) -> None:
        """Hold the answers since the last call against the use log; nothing may be under way."""
        if self._store is not None:
            self._settle_with(self._store)
        self._told.clear()
        self._unknown.clear()
        self._turned_away.clear()

    def _settle_with(self, store: Store) -> None:
        since = select(uses.c.use_id, uses.c.request, uses.c.outcome).where(uses.c.use_id > self._last)
        rows: Counter[str] = Counter()
        with store.read() as connection:
            for use_id, request, outcome in connection.execution_options(yield_per=10_000).execute(since):
                self._last = max(self._last, use_id)
                if request.startswith(self._run):
                    rows[request] += 1
                    self._row(request, outcome)
        for request, count in rows.items():
            if count > 1:
                self.findings.found("repeated_events", f"request {request} has {count} uses")
        for request, ids in self._told.items():
            if request not in rows:
                self.findings.found("lost_events", f"request {request} was answered {sorted(ids)} and has no use")

    def close(self) -> Findings:
        """The findings, with the totals of single-use codes over the whole test."""
        self.settle()
        keys = self.judge.keys
        twice = max(double_uses(keys), 0 if self._store is None else self._accepted_twice(self._store))
        if twice:
            self.findings.found("double_uses", f"{twice} acceptances beyond the first of a code", twice)
        refused = without_winner(keys)
        if refused:
            self.findings.found("wrong_refusals", f"{refused} codes were refused as used up, unused", refused)
        odd = 0 if self._store is None else self._state_without_use(self._store)
        if odd:
            self.findings.found("lost_events", f"{odd} codes are used up without an acceptance in the use log", odd)
        return self.findings

    def _row(self, request: str, outcome: str) -> None:
        ids = self._told.get(request)
        if ids is not None:
            if outcome not in ids:
                self.findings.found("lost_events", f"request {request} was answered {sorted(ids)}, kept as {outcome}")
            return
        case = self._unknown.get(request)
        if case is not None:
            if judge(case, Outcome(frozenset({outcome}))) == "wrong-accept":
                self.findings.found("wrong_accepts", f"{case.kind} was kept as accepted, its answer was lost")
        elif request not in self._turned_away or outcome == ACCEPTED:
            self.findings.found("unasked_events", f"request {request} has a use: {outcome}")

    def _accepted_twice(self, store: Store) -> int:
        """Acceptances of single-use codes in the use log beyond the first of each."""
        won = (
            select(func.count().label("times"))
            .select_from(uses.join(codes, codes.c.code_id == uses.c.code_id))
            .where(uses.c.use_id > self._first, uses.c.outcome == ACCEPTED, codes.c.kind == SINGLE_USE)
            .group_by(uses.c.code_id)
            .having(func.count() > 1)
            .subquery()
        )
        with store.read() as connection:
            return int(connection.execute(select(func.coalesce(func.sum(won.c.times - 1), 0))).scalar_one())

    def _state_without_use(self, store: Store) -> int:
        """Single-use codes that are used up without an acceptance in the use log, or the other way round."""
        used = select(uses.c.code_id).where(uses.c.outcome == ACCEPTED)
        single = codes.c.kind == SINGLE_USE
        one = select(func.count()).where(single, codes.c.uses_left == 0, codes.c.code_id.not_in(used))
        other = select(func.count()).where(single, codes.c.uses_left > 0, codes.c.code_id.in_(used))
        with store.read() as connection:
            return int(connection.execute(one).scalar_one()) + int(connection.execute(other).scalar_one())

    def _last_use(self) -> int:
        if self._store is None:
            return 0
        with self._store.read() as connection:
            return int(connection.execute(select(func.coalesce(func.max(uses.c.use_id), 0))).scalar_one())


def after_lost(case: Case) -> Case:
    """The case once its answer was lost: when its code is shown again, it may be used up."""
    if case.may_be_accepted() and case.code_key:
        return msgspec.structs.replace(case, expected=case.expected | {CONSUMED})
    return case


_PLURAL = {"wrong-accept": "wrong_accepts", "wrong-refusal": "wrong_refusals", "wrong-reason": "wrong_reasons"}
