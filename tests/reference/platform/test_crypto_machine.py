"""A crypto machine elsewhere never holds the database: it is asked before a transaction begins."""

from __future__ import annotations

import asyncio
import dataclasses

from sqlalchemy import Connection
from sqlalchemy import event as events

from reference.ecard.verbs import Account, ApplyCode, Code, Register, Verified, Verify, Who
from reference.keys.key_file import demo_keys
from reference.keys.software_machine import SoftwareCryptoMachine
from reference.platform import Platform
from reference.ports import CURRENT, CryptoMachine, DeviceInfo, GroupCryptoMachine
from reference.store import Store
from tests.platform import TRUSTED, WINDOW, ask, citizen, surroundings


class Elsewhere:
    """A crypto machine behind a wire, which notes how many writing transactions were open when it deciphered."""

    def __init__(self, store: Store) -> None:
        self._inside = SoftwareCryptoMachine(demo_keys())
        self.writing = 0
        self.seen: list[int] = []
        events.listen(store.engine, "begin", self._begun)
        events.listen(store.engine, "commit", self._ended)
        events.listen(store.engine, "rollback", self._ended)

    def digest(self, data: bytes) -> bytes:
        return self._inside.digest(data)

    def encrypt(self, data: bytes, factors: tuple[bytes, ...] = (), version: int = CURRENT) -> bytes:
        return self._inside.encrypt(data, factors, version)

    def decrypt(self, data: bytes, factors: tuple[bytes, ...] = (), version: int = CURRENT) -> bytes:
        self.seen.append(self.writing)
        return self._inside.decrypt(data, factors, version)

    def current_version(self) -> int:
        return self._inside.current_version()

    def device(self) -> DeviceInfo:
        return self._inside.device()

    def heartbeat(self) -> None:
        self._inside.heartbeat()

    def _begun(self, connection: Connection) -> None:
        self.writing += not connection.get_execution_options().get("reading", False)

    def _ended(self, connection: Connection) -> None:
        self.writing -= not connection.get_execution_options().get("reading", False)


def verified(store: Store, machine: CryptoMachine) -> Verified:
    """A code of a fresh platform over the machine, verified once."""
    around = dataclasses.replace(surroundings(store), machine=machine)
    account = ask(around, Register(person=citizen(1), proof=TRUSTED), Account)
    code = ask(around, ApplyCode(who=Who(ecard_id=account.ecard_id), kind="dynamic"), Code)

    async def story() -> Verified:
        platform = Platform(around)
        try:
            answer = await platform.ask(WINDOW, Verify(text=code.text))
        finally:
            await platform.stop()
        assert isinstance(answer, Verified)
        return answer

    return asyncio.run(story())


def test_a_machine_elsewhere_is_asked_while_no_transaction_writes(store: Store) -> None:
    machine = Elsewhere(store)
    assert verified(store, machine).uses_left == 0
    assert machine.seen, "the card and its token were deciphered"
    assert set(machine.seen) == {0}


def test_the_machine_in_this_process_answers_for_a_group_and_one_elsewhere_does_not(store: Store) -> None:
    assert isinstance(SoftwareCryptoMachine(demo_keys()), GroupCryptoMachine)
    assert not isinstance(Elsewhere(store), GroupCryptoMachine)
