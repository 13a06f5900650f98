"""The platform as a whole (电子健康卡管理系统 with its access platform): every service behind one way to ask.

The gateway asks it over HTTP, tests and the console in process. Verifications go through the group commit, everything
else through a thread of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Final

from sqlalchemy import Connection

import reference.accounts
import reference.fusion
import reference.qr
import reference.records
from reference.access import institutions
from reference.access.admission import Admission, admit, admit_many
from reference.access.desk import Desk
from reference.ecard.moments import Moment, china_date
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Answer, Caller, ServerTime, Time, Verb, Verified, Verify
from reference.ports import CryptoMachineRefused, CryptoMachineUnavailable, GroupCryptoMachine, ProductUnreachable
from reference.qr.group_commit import GroupCommit
from reference.serving import Surroundings, serves, service_of

__all__ = ["SERVING", "Platform"]

SERVING: Final[tuple[ModuleType, ...]] = (
    institutions,
    reference.accounts,
    reference.qr,
    reference.records,
    reference.fusion,
)
"""The rooms whose services the platform offers; importing them is what registers them."""
MACHINE_THREADS: Final = 8
"""How many cards of a group a crypto machine elsewhere is asked of at a time. Source: decision."""


class Platform:
    """One worker's platform; ``stop`` ends it."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.desk = Desk(surroundings)
        elsewhere = not isinstance(surroundings.machine, GroupCryptoMachine)
        self._verifications = GroupCommit(
            surroundings, machine_threads=MACHINE_THREADS if elsewhere else 0, admit=_admit_group
        )

    async def stop(self) -> None:
        """Answer what was taken and take no more."""
        await self._verifications.close()

    async def ask(self, caller: Caller, verb: Verb, admission: Admission | None = None) -> Answer:
        """The answer to a verb. Raises Refusal; then nothing was changed."""
        if isinstance(verb, Verify):
            return await self._verifications.submit(caller, verb, admission)
        return await asyncio.to_thread(self.perform, caller, verb, admission)

    def enter(
        self, caller: Caller, verify: Verify, admission: Admission, answer: Callable[[Verified | Refusal], None]
    ) -> None:
        """As `ask` for who does not wait: ``answer`` is called once, in the event loop, and raises nothing."""
        self._verifications.enter(caller, verify, admission, answer)

    def perform(self, caller: Caller, verb: Verb, admission: Admission | None = None) -> Answer:
        """As `ask`, in the calling thread."""
        try:
            if admission is not None:
                self._admit(admission)
            return service_of(type(verb))(self.surroundings, caller, verb)
        except (CryptoMachineUnavailable, CryptoMachineRefused) as error:
            raise Refusal("system.crypto-machine") from error
        except ProductUnreachable as error:
            raise Refusal("system.store") from error

    def _admit(self, admission: Admission) -> None:
        now = self.surroundings.clock.now_ms()
        self.surroundings.store.transact(lambda connection: admit(connection, admission, china_date(now)))


def _admit_group(
    admissions: Sequence[Admission | None], connection: Connection, now_ms: Moment
) -> Sequence[Refusal | None]:
    """What the access platform says of each request of a group; those asked in process have nothing to show."""
    shown = [admission or Admission("", "", now_ms) for admission in admissions]
    return admit_many(connection, shown, china_date(now_ms))


@serves(ServerTime)
def server_time(surroundings: Surroundings, caller: Caller, verb: ServerTime) -> Time:
    """The platform's clock (Wenzhou 10001)."""
    return Time(now_ms=surroundings.clock.now_ms())
