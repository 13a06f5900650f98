"""The pooled client with machines that work: the same answers as in process, shared by threads, within bounds."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import pytest

from reference.keys.connection import Connection, MachineAddress
from reference.keys.key_file import demo_keys
from reference.keys.messages import Answer, Request
from reference.keys.pool import CryptoMachinePool
from reference.keys.software_machine import SoftwareCryptoMachine
from reference.keys.stations import PoolLimits
from reference.ports import Clock, CryptoMachine, CryptoMachineRefused, CryptoMachineUnavailable
from simulators.crypto_machines.server import CryptoMachineServer
from tests.reference.keys.facts import CARDS, INDEX_IDS, TOKENS, aged_keys, both_halves
from tests.reference.keys.machines import LIMIT_S, SHORT_S, CountingMachine, HandClock, RunningClock, address

FACTORS = (both_halves(CARDS[1][0]),)


@pytest.fixture(name="machine")
def _machine() -> CountingMachine:
    return CountingMachine()


@pytest.fixture(name="server")
def _server(machine: CountingMachine) -> Iterator[CryptoMachineServer]:
    with CryptoMachineServer(machine) as running:
        yield running
        machine.let_go.set()


@pytest.fixture(name="pool")
def _pool(server: CryptoMachineServer) -> Iterator[CryptoMachinePool]:
    with CryptoMachinePool([address(server)], 1, RunningClock(), PoolLimits(call_s=LIMIT_S)) as pool:
        yield pool


def test_the_vectors_come_out_over_the_wire(pool: CryptoMachine) -> None:
    for factor, plain, card in CARDS:
        factors = (both_halves(factor),)
        assert pool.encrypt(plain, factors).hex().upper() == card
        assert pool.decrypt(bytes.fromhex(card), factors) == plain.ljust(32, b"\0")
    for time, token in TOKENS:
        assert pool.encrypt(bytes.fromhex(time)).hex().upper() == token
        assert pool.decrypt(bytes.fromhex(token), (), 1) == bytes.fromhex(time) + bytes(9)
    for identity, index in INDEX_IDS:
        assert pool.digest(identity.encode()).hex().upper() == index


def test_device_version_and_heartbeat(pool: CryptoMachinePool, machine: CountingMachine) -> None:
    assert pool.device() == SoftwareCryptoMachine(demo_keys()).device()
    assert pool.current_version() == 1
    pool.heartbeat()
    pool.heartbeat()
    assert machine.asked == [b"NC", b"CR0000", b"CR0001"]


def test_calls_one_after_another_use_one_connection(server: CryptoMachineServer) -> None:
    opened: list[Connection] = []

    def counted(where: MachineAddress, clock: Clock, deadline_us: int) -> Connection:
        opened.append(Connection(where, clock, deadline_us))
        return opened[-1]

    with CryptoMachinePool([address(server)], 1, RunningClock(), connect=counted) as pool:
        for _ in range(5):
            pool.digest(b"abc")
    assert len(opened) == 1


CALLS = [
    (bytes(16), (), 1, "23", "23"),
    (bytes(16), (), 2, "24", "24"),
    (bytes(16), (), 4, "22", None),
    (bytes(16), (), 6, "21", "21"),
    (bytes(16), (), -1, "21", "21"),
    (bytes(16), (bytes(8),), 5, "15", "15"),
    (b"", (), 5, "80", "80"),
    (bytes(17), (), 5, None, "80"),
]


@pytest.mark.parametrize(("data", "factors", "version", "encrypting", "deciphering"), CALLS)
def test_pool_and_software_machine_refuse_the_same_with_the_same_code(
    data: bytes, factors: tuple[bytes, ...], version: int, encrypting: str | None, deciphering: str | None
) -> None:
    inside = SoftwareCryptoMachine(aged_keys())
    with (
        CryptoMachineServer(CountingMachine(inside)) as server,
        CryptoMachinePool([address(server)], 5, RunningClock()) as pool,
    ):
        each: tuple[CryptoMachine, ...] = (inside, pool)
        for machine in each:
            for work, code in ((machine.encrypt, encrypting), (machine.decrypt, deciphering)):
                refused = None
                try:
                    work(data, factors, version)
                except CryptoMachineRefused as refusal:
                    refused = refusal.code
                assert refused == code, (machine, work)
        assert pool.health()[0].up, "a refusal is no failure"


@pytest.mark.parametrize(("call", "code"), [("digest", "80"), ("encrypt", "80")])
def test_data_that_no_message_holds_are_refused_before_anything_is_sent(
    pool: CryptoMachinePool, machine: CountingMachine, call: str, code: str
) -> None:
    with pytest.raises(CryptoMachineRefused) as caught:
        getattr(pool, call)(bytes(17_000))
    assert caught.value.code == code
    assert machine.asked == []


def test_a_code_of_the_machines_own_is_passed_on(pool: CryptoMachinePool, machine: CountingMachine) -> None:
    machine.instead = lambda right: type(right)(b"\x00\x043D7A")
    with pytest.raises(CryptoMachineRefused, match="code 7A") as caught:
        pool.digest(b"abc")
    assert caught.value.code == "7A"


def test_threads_share_the_connections_and_get_their_own_answers(server: CryptoMachineServer) -> None:
    inside, wrong = SoftwareCryptoMachine(demo_keys()), list[int]()
    limits = PoolLimits(connections=3, call_s=LIMIT_S, wait_s=LIMIT_S)

    def work(number: int) -> None:
        for turn in range(20):
            data = bytes([number, turn]) * 8
            if pool.decrypt(data, FACTORS) != inside.decrypt(data, FACTORS) or pool.health()[0].busy > 3:
                wrong.append(number)

    with CryptoMachinePool([address(server)], 1, RunningClock(), limits) as pool:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT_S)
        assert pool.health()[0].busy == 0
    assert wrong == []


@contextlib.contextmanager
def calling(pool: CryptoMachinePool, machine: CountingMachine, count: int) -> Iterator[list[bytes]]:
    """Calls that hang in the machine until the end of the block; then their answers are in the list."""
    machine.let_go.clear()
    got: list[bytes] = []
    threads = [threading.Thread(target=lambda: got.append(pool.digest(b"abc"))) for _ in range(count)]
    for thread in threads:
        thread.start()
        assert machine.arrived.acquire(timeout=LIMIT_S)
    try:
        yield got
    finally:
        machine.let_go.set()
        for thread in threads:
            thread.join(LIMIT_S)


class PatientConnection(Connection):
    """A connection on which calls may take as long as they like."""

    def ask(self, request: Request, message: bytes, deadline_us: int) -> Answer:
        """The answer, whenever it comes."""
        return super().ask(request, message, deadline_us + LIMIT_S * 1_000_000)


def test_a_call_waits_for_a_connection_no_longer_than_it_may(
    server: CryptoMachineServer, machine: CountingMachine
) -> None:
    limits = PoolLimits(connections=1, wait_s=SHORT_S)
    with (
        CryptoMachinePool([address(server)], 1, RunningClock(), limits, PatientConnection) as pool,
        calling(pool, machine, 1) as got,
    ):
        with pytest.raises(CryptoMachineUnavailable, match=r"The 0\.1 s that a call may take are used up"):
            pool.digest(b"abc")
        assert pool.health()[0].up
    assert len(got) == 1


def test_a_call_gets_the_connection_that_another_gives_back(
    server: CryptoMachineServer, machine: CountingMachine
) -> None:
    limits = PoolLimits(connections=1, call_s=LIMIT_S, wait_s=LIMIT_S)
    waited: list[bytes] = []
    with CryptoMachinePool([address(server)], 1, RunningClock(), limits) as pool:
        waiting = threading.Thread(target=lambda: waited.append(pool.digest(b"abc")))
        with calling(pool, machine, 1) as got:
            waiting.start()
        waiting.join(LIMIT_S)
    assert waited == got
    assert len(waited) == 1


def test_more_callers_than_may_wait_are_turned_away_at_once(
    server: CryptoMachineServer, machine: CountingMachine
) -> None:
    limits = PoolLimits(connections=2, call_s=LIMIT_S, wait_s=LIMIT_S, waiting=0)
    with (
        CryptoMachinePool([address(server)], 1, RunningClock(), limits) as pool,
        calling(pool, machine, 2),
        pytest.raises(CryptoMachineUnavailable, match="0 calls wait for a connection already"),
    ):
        pool.digest(b"abc")


def test_when_all_connections_of_the_first_are_in_use_the_second_machine_helps(
    server: CryptoMachineServer, machine: CountingMachine
) -> None:
    second = CountingMachine()
    limits = PoolLimits(connections=1, call_s=LIMIT_S, wait_s=LIMIT_S)
    with (
        CryptoMachineServer(second) as other,
        CryptoMachinePool([address(server), address(other)], 1, RunningClock(), limits) as pool,
        calling(pool, machine, 1),
    ):
        assert pool.digest(b"abc")[:4].hex() == "66c7f0f4"
        assert len(second.asked) == 1


def test_a_closed_pool_takes_no_calls(server: CryptoMachineServer) -> None:
    with CryptoMachinePool([address(server)], 1, RunningClock()) as pool:
        pool.digest(b"abc")
    with pytest.raises(CryptoMachineUnavailable, match="The pool is closed"):
        pool.digest(b"abc")
    with pytest.raises(CryptoMachineUnavailable, match="The pool is closed"):
        pool.heartbeat()


def test_closing_lets_calls_under_way_end(server: CryptoMachineServer, machine: CountingMachine) -> None:
    pool = CryptoMachinePool([address(server)], 1, RunningClock(), PoolLimits(call_s=LIMIT_S))
    with calling(pool, machine, 1) as got:
        pool.close()
    assert len(got) == 1


def test_a_pool_without_machines_is_refused() -> None:
    with pytest.raises(ValueError, match="address of a crypto machine"):
        CryptoMachinePool([], 1, HandClock())
