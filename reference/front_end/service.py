"""The front-end's services to the systems inside: read a code, apply for one, register, query, tell uses.

Each checks the terminal and the clock, asks the platform, and notes in the audit log what came of it, without personal
data. Source: P-FRONT-01; no system inside calls card management or the regional platform point to point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from reference.ecard.verbs import (
    AccountWithCodes,
    Answer,
    ApplyCode,
    ApplyTemporary,
    Query,
    Register,
    Reported,
    ReportedUse,
    Verb,
    Who,
)
from reference.front_end.carrier import PlatformAway
from reference.front_end.clock_check import ClockCheck, Standing
from reference.front_end.facts import ProfileCarries, limits
from reference.front_end.messages import (
    ApplyForCode,
    FieldCall,
    QueryResident,
    Read,
    ReadCode,
    RegisterResident,
    TellUses,
    TemporaryCard,
)
from reference.front_end.reading import OK, PARTLY, Reader
from reference.front_end.refusals import FrontEndRefusal, of_wire
from reference.front_end.remembering import Reading, Remembered
from reference.front_end.spool import Spool
from reference.front_end.terminals import InHouseTerminal, Terminals
from reference.front_end.upstream import FrontEndClock, OutcomeUnknown, Upstream
from reference.gateway.wire import UnreadableAnswer, UnsupportedVerb, WireRefusal

T = TypeVar("T")
CITIZEN_CARD = "01"


class FrontEnd:
    """One institution's front-end; its methods may be called from several threads. All raise FrontEndRefusal."""

    def __init__(
        self,
        upstream: Upstream,
        reader: Reader,
        spool: Spool,
        terminals: Terminals,
        carries: ProfileCarries,
        clock: FrontEndClock,
        check: ClockCheck,
        *,
        strict_clock: bool = True,
    ) -> None:
        self._upstream, self._reader, self._spool, self._terminals = upstream, reader, spool, terminals
        self._carries, self._clock, self._check, self._strict_clock = carries, clock, check, strict_clock
        self._remembered: Remembered[Read] = Remembered(limits()["remembered"], limits()["remembered-seconds"])

    def read(self, asked: ReadCode) -> Read:
        """Read and verify a code; the same request again gets the same answer for some seconds.

        A refusal of the code is an answer too: its outcome and its parts say why.
        """
        self._admit(asked.terminal)
        reading = Reading(asked.terminal, asked.request, asked.text, asked.step)
        if not asked.request:
            return self._read(asked, reading)
        with self._remembered.turn(reading):
            known = self._remembered.recall(reading, self._clock.now_ms())
            if known is not None:
                return msgspec.structs.replace(known, repeated=True)
            read = self._read(asked, reading)
            if read.outcome in (OK, PARTLY):  # a refusal may be passing, and asking again does no harm
                self._remembered.remember(reading, read, self._clock.now_ms(), read.expires_ms)
            return read

    def apply(self, asked: ApplyForCode) -> Answer:
        """A code for a resident."""
        self._admit(asked.terminal)
        fields = {name: getattr(asked, name) for name in ("who", "kind", "scene", "payment", "refresh", "again")}
        return self._ask(ApplyCode(**fields), asked.terminal, "code.apply")

    def register(self, asked: RegisterResident) -> Answer:
        """The account of a resident, made or found."""
        self._admit(asked.terminal)
        register = Register(person=asked.person, proof=asked.proof, child=asked.child, mode=asked.mode)
        return self._ask(register, asked.terminal, "card.register")

    def query(self, asked: QueryResident) -> Answer:
        """A resident's account with his codes."""
        self._admit(asked.terminal)
        return self._ask(Query(who=asked.who), asked.terminal, "card.query")

    def temporary(self, asked: TemporaryCard) -> Answer:
        """A temporary card."""
        self._admit(asked.terminal)
        order = ApplyTemporary(name=asked.name, sex=asked.sex, age=asked.age, clinic_ms=self._clock.now_ms())
        return self._ask(order, asked.terminal, "temporary.apply")

    def tell(self, asked: TellUses) -> Reported:
        """Keep uses on disk for the platform; they need neither the platform nor a right clock's proof.

        Where the wire profile cannot carry them they are refused at once (``front-end.unsupported``).
        """
        terminal = self._terminals.working(asked.terminal)
        for use in asked.uses:
            if not self._carries.uses or (self._carries.uses_medium == "physical" and use.medium != "physical"):
                raise FrontEndRefusal("front-end.unsupported", "uses")
        uses = [_completed(use, terminal) for use in asked.uses]
        return self._spool.keep(uses, self._clock.now_ms(), asked.terminal)

    def field_call(self, asked: FieldCall) -> Read | AccountWithCodes:
        """The call of fielded readers (EC 4.10)."""
        terminal = asked.organizationCode + asked.dataType.medSectionCode
        if asked.method == "search":
            step = asked.dataType.medStepCode
            return self.read(ReadCode(terminal=terminal, text=asked.content, step=step, request=asked.serialNumber))
        who = Who(id_type=CITIZEN_CARD, id_number=asked.content)
        found = self.query(QueryResident(terminal=terminal, who=who))
        assert isinstance(found, AccountWithCodes), "a query is answered with the account"
        return found

    def state(self) -> dict[str, object]:
        """What an operator wants to see: platform, clock, terminals, spool. Nothing personal."""
        clock = self._check.state
        return {
            "platform": "away" if self._upstream.away else "reached",
            "clock": {"standing": clock.standing, "skew_ms": clock.skew_ms, "checked_ms": clock.checked_ms},
            "terminals": len(self._terminals),
            "uses": self._spool.counts(),
        }

    def check_clock(self) -> None:
        """Ask the platform for its time, where the profile has a service for it; a failure leaves what is known."""
        try:
            self._upstream.server_time()
        except (PlatformAway, WireRefusal, UnreadableAnswer):
            return

    def _read(self, asked: ReadCode, reading: Reading) -> Read:
        read = self._answered(lambda: self._reader.read(asked), asked.terminal, "code.read", asked.request)
        outcomes = {part.owner.value: part.outcome for part in read.parts}
        self._spool.note(
            self._clock.now_ms(), asked.terminal, "code.read", asked.request, step=asked.step, outcomes=outcomes
        )
        return read

    def _ask(self, verb: Verb, terminal: str, action: str) -> Answer:
        answer = self._answered(lambda: self._upstream.ask(verb, terminal), terminal, action, "")
        self._spool.note(self._clock.now_ms(), terminal, action, "", outcome=OK)
        return answer

    def _answered(self, work: Callable[[], T], terminal: str, action: str, request: str) -> T:
        try:
            return work()
        except OutcomeUnknown:
            refusal = FrontEndRefusal("front-end.outcome-unknown")
        except PlatformAway:
            refusal = FrontEndRefusal("front-end.platform-away")
        except UnreadableAnswer:
            refusal = FrontEndRefusal("front-end.answer-unreadable")
        except UnsupportedVerb:
            refusal = FrontEndRefusal("front-end.unsupported")
        except WireRefusal as refused:
            refusal = of_wire(refused)
        except FrontEndRefusal as own:
            refusal = own
        self._spool.note(self._clock.now_ms(), terminal, action, request, outcome=refusal.id)
        raise refusal

    def _admit(self, terminal: str) -> InHouseTerminal:
        """The terminal, while the clock is right enough for signed requests."""
        found = self._terminals.working(terminal)
        if self._strict_clock and self._check.state.standing is Standing.WRONG:
            raise FrontEndRefusal("front-end.clock")
        return found


def _completed(use: ReportedUse, terminal: InHouseTerminal) -> ReportedUse:
    """A use with what the registry knows of the terminal that tells it."""
    return msgspec.structs.replace(
        use,
        terminal=use.terminal or terminal.terminal,
        department=use.department or terminal.department,
        channel=use.channel or terminal.channel,
    )
