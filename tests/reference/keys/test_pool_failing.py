"""The pooled client with machines that fail: failover and back, rests, and connections that nobody uses again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from reference.keys.connection import Connection, MachineAddress
from reference.keys.key_file import demo_keys
from reference.keys.messages import Answer, Request
from reference.keys.pool import CryptoMachinePool
from reference.keys.stations import PoolLimits
from reference.ports import Clock, CryptoMachineRefused, CryptoMachineUnavailable, ProductUnreachable
from simulators.crypto_machines.faulty import Fault
from simulators.crypto_machines.machine import Reply
from simulators.crypto_machines.server import CryptoMachineServer
from tests.reference.keys.facts import TOKENS
from tests.reference.keys.machines import (
    LIMIT_S,
    SHORT_S,
    CountingMachine,
    HandClock,
    RunningClock,
    address,
    faulty,
)

DIGEST_OF_ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
SHORT = PoolLimits(call_s=SHORT_S, wait_s=LIMIT_S)


@pytest.fixture(name="first")
def _first() -> CountingMachine:
    return CountingMachine()


@pytest.fixture(name="second")
def _second() -> CountingMachine:
    return CountingMachine()


@pytest.fixture(name="addresses")
def _addresses(first: CountingMachine, second: CountingMachine) -> Iterator[list[MachineAddress]]:
    with CryptoMachineServer(first) as one, CryptoMachineServer(second) as other:
        yield [address(one), address(other)]
        first.let_go.set()
        second.let_go.set()


def dead_address() -> MachineAddress:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return MachineAddress(*taken.getsockname())


def abc(pool: CryptoMachinePool) -> str:
    return pool.digest(b"abc").hex()


def garbage(message: bytes) -> Callable[[Reply], Reply]:
    return lambda right: Reply(message)


BROKEN: dict[str, Callable[[Reply], Reply]] = {
    "half an answer": lambda right: Reply(right.message[:20], hang_up=True),
    "the length alone": lambda right: Reply(right.message[:2], hang_up=True),
    "half a length": lambda right: Reply(right.message[:1], hang_up=True),
    "nothing": lambda right: Reply(hang_up=True),
    "a length of zero": garbage(b"\x00\x00"),
    "a length beyond all messages": garbage(b"\xff\xff3D0032"),
    "another command's answer": garbage(b"\x00\x04S400"),
    "no error code": garbage(b"\x00\x023D"),
    "a digest too short": garbage(b"\x00\x083D000212"),
    "a byte too many in the message": lambda right: Reply(b"\x00\x27" + right.message[2:] + b"0"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_machine_that_answers_nonsense_is_left_for_the_next(
    broken: Callable[[Reply], Reply], addresses: list[MachineAddress], first: CountingMachine, second: CountingMachine
) -> None:
    first.instead = broken
    with CryptoMachinePool(addresses, 1, HandClock()) as pool:
        assert abc(pool) == DIGEST_OF_ABC
        assert [health.up for health in pool.health()] == [False, True]
        assert abc(pool) == DIGEST_OF_ABC
    assert (len(first.asked), len(second.asked)) == (1, 2)


def test_a_deciphered_answer_of_another_length_is_not_believed(
    addresses: list[MachineAddress], first: CountingMachine
) -> None:
    first.instead = garbage(b"\x00\x18S5000010" + bytes(16))
    with CryptoMachinePool(addresses[:1], 1, HandClock()) as pool:
        assert pool.decrypt(bytes(16)) == bytes(16)
        with pytest.raises(CryptoMachineUnavailable, match="16 bytes cannot be the answer to 32 bytes"):
            pool.decrypt(bytes(32))


def test_a_machine_that_is_too_slow_is_left_and_its_late_answer_never_read(
    addresses: list[MachineAddress], first: CountingMachine
) -> None:
    first.let_go.clear()
    clock = HandClock()
    with CryptoMachinePool(addresses, 1, clock, SHORT) as pool:
        assert abc(pool) == DIGEST_OF_ABC
        assert "did not answer in time" in str(pool.health()[0].reason)
        first.let_go.set()
        clock.pass_s(1)
        token = bytes.fromhex(TOKENS[0][1])
        assert pool.decrypt(token)[:7].hex() == TOKENS[0][0]
        assert pool.health()[0].up
    assert len(first.asked) == 2


def test_a_machine_comes_back_after_its_rest_and_is_preferred_again() -> None:
    clock, second = HandClock(), CountingMachine()
    where = dead_address()
    with (
        CryptoMachineServer(second) as other,
        CryptoMachinePool([where, address(other)], 1, clock) as pool,
    ):
        assert abc(pool) == DIGEST_OF_ABC
        back = CountingMachine()
        with CryptoMachineServer(back, port=where.port):
            abc(pool)
            assert (len(back.asked), len(second.asked)) == (0, 2)
            clock.pass_s(1)
            abc(pool)
            abc(pool)
            assert (len(back.asked), len(second.asked)) == (2, 2)
        abc(pool)
    assert len(second.asked) == 3, "gone again"


def test_rests_double_up_to_their_bound() -> None:
    clock, rests = HandClock(), []
    with CryptoMachinePool([dead_address()], 1, clock) as pool:
        for failures in range(1, 9):
            with pytest.raises(CryptoMachineUnavailable):
                abc(pool)
            health = pool.health()[0]
            assert health.failures == failures
            rests.append(health.rests_s)
            clock.pass_s(health.rests_s)
    assert rests == [1, 2, 4, 8, 16, 30, 30, 30]


def test_while_all_rest_calls_fail_at_once_and_name_every_machine() -> None:
    one, other = dead_address(), dead_address()
    with CryptoMachinePool([one, other], 1, HandClock()) as pool:
        for _ in range(2):
            with pytest.raises(CryptoMachineUnavailable) as caught:
                abc(pool)
            told = caught.value.explained()
            assert str(one) in told.en
            assert str(other) in told.en
            assert "Connection refused" in told.en
            assert "连接失败" in told.zh
        assert [health.failures for health in pool.health()] == [1, 1]
    assert isinstance(caught.value, ProductUnreachable)


def test_only_one_call_tries_a_machine_that_has_rested(
    addresses: list[MachineAddress], first: CountingMachine, second: CountingMachine
) -> None:
    clock = HandClock()
    first.instead = lambda right: Reply(hang_up=True)
    with CryptoMachinePool(addresses, 1, clock, PoolLimits(call_s=LIMIT_S)) as pool:
        abc(pool)
        clock.pass_s(1)
        first.instead = None
        first.let_go.clear()
        trying = threading.Thread(target=abc, args=(pool,))
        trying.start()
        assert first.arrived.acquire(timeout=LIMIT_S)
        assert first.arrived.acquire(timeout=LIMIT_S)
        assert abc(pool) == DIGEST_OF_ABC
        assert len(second.asked) == 2
        first.let_go.set()
        trying.join(LIMIT_S)
        assert pool.health()[0].up


def test_calls_that_fail_together_count_as_one_failure(addresses: list[MachineAddress], first: CountingMachine) -> None:
    first.let_go.clear()
    first.instead = lambda right: Reply(hang_up=True)
    with CryptoMachinePool(addresses, 1, HandClock(), PoolLimits(call_s=LIMIT_S)) as pool:
        threads = [threading.Thread(target=abc, args=(pool,)) for _ in range(4)]
        for thread in threads:
            thread.start()
            assert first.arrived.acquire(timeout=LIMIT_S)
        first.let_go.set()
        for thread in threads:
            thread.join(LIMIT_S)
        assert pool.health()[0].failures == 1


def test_a_restart_of_the_machine_between_two_calls_is_no_failure() -> None:
    with CryptoMachineServer(CountingMachine()) as server, CryptoMachinePool([address(server)], 1, HandClock()) as pool:
        abc(pool)
        server.close()
        with CryptoMachineServer(CountingMachine(), port=server.address[1]):
            assert abc(pool) == DIGEST_OF_ABC
        assert pool.health()[0].failures == 0


def test_a_connection_on_which_something_unasked_came_is_not_used_again(
    addresses: list[MachineAddress], first: CountingMachine
) -> None:
    first.instead = lambda right: Reply(right.message + b"\x00\x043D15")
    with CryptoMachinePool(addresses, 1, HandClock()) as pool:
        assert [abc(pool) for _ in range(3)] == [DIGEST_OF_ABC] * 3
        assert pool.health()[0].failures == 0


@pytest.mark.parametrize("right", [True, False])
def test_only_the_machine_with_the_expected_check_value_is_taken(right: bool) -> None:
    machine = faulty(None if right else Fault.WRONG_CHECK)
    expected = demo_keys().check_value()
    with (
        CryptoMachineServer(machine) as server,
        CryptoMachinePool([address(server, expected)], 1, HandClock()) as pool,
    ):
        if right:
            assert abc(pool) == DIGEST_OF_ABC
        else:
            with pytest.raises(CryptoMachineUnavailable, match=f"check value is {'0' * 16}, not {expected}"):
                abc(pool)


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.HALF_ANSWER])
def test_a_faulty_machine_does_not_stop_the_work_of_the_other(fault: Fault) -> None:
    with (
        CryptoMachineServer(faulty(fault)) as one,
        CryptoMachineServer(faulty(None)) as other,
        CryptoMachinePool([address(one), address(other)], 1, HandClock()) as pool,
    ):
        assert abc(pool) == DIGEST_OF_ABC


def test_a_refusing_machine_is_believed(addresses: list[MachineAddress]) -> None:
    with (
        CryptoMachineServer(faulty(Fault.REFUSE)) as one,
        CryptoMachinePool([address(one), addresses[1]], 1, HandClock()) as pool,
        pytest.raises(CryptoMachineRefused) as caught,
    ):
        abc(pool)
    assert caught.value.code == "41"


def test_a_machine_with_less_than_its_time_left_is_not_blamed(
    addresses: list[MachineAddress], first: CountingMachine
) -> None:
    first.let_go.clear()
    limits = PoolLimits(call_s=LIMIT_S, wait_s=SHORT_S)
    with CryptoMachinePool(addresses, 1, RunningClock(), limits) as pool:
        with pytest.raises(CryptoMachineUnavailable, match="used up"):
            abc(pool)
        assert pool.health()[0].up
        assert pool.health()[0].busy == 0


def test_an_interrupted_call_closes_its_connection_and_blames_nobody(addresses: list[MachineAddress]) -> None:
    closed: list[Connection] = []

    class Interrupted(Connection):
        def ask(self, request: Request, message: bytes, deadline_us: int) -> Answer:
            raise KeyboardInterrupt

        def close(self) -> None:
            closed.append(self)
            super().close()

    with CryptoMachinePool(addresses, 1, HandClock(), connect=Interrupted) as pool:
        with pytest.raises(KeyboardInterrupt):
            abc(pool)
        assert len(closed) == 1
        assert (pool.health()[0].up, pool.health()[0].busy) == (True, 0)


def test_a_deadline_holds_for_an_answer_that_trickles(addresses: list[MachineAddress]) -> None:
    clock = HandClock()

    class Trickling(Connection):
        def _left_s(self, deadline_us: int) -> float:
            clock.pass_s(0.7)
            return super()._left_s(deadline_us)

    with (
        CryptoMachinePool(addresses[:1], 1, clock, connect=Trickling) as pool,
        pytest.raises(CryptoMachineUnavailable, match="did not answer in time"),
    ):
        abc(pool)


def test_heartbeats_find_out_who_is_gone_and_who_is_back(first: CountingMachine) -> None:
    clock, where = HandClock(), dead_address()
    with CryptoMachineServer(first) as one, CryptoMachinePool([address(one), where], 1, clock) as pool:
        pool.heartbeat()
        assert [health.up for health in pool.health()] == [True, False]
        with CryptoMachineServer(CountingMachine(), port=where.port):
            pool.heartbeat()
            assert not pool.health()[1].up, "it rests"
            clock.pass_s(1)
            pool.heartbeat()
            assert pool.health()[1].up


def test_a_heartbeat_without_any_machine_says_so() -> None:
    with (
        CryptoMachinePool([dead_address()], 1, HandClock()) as pool,
        pytest.raises(CryptoMachineUnavailable, match="All are down"),
    ):
        pool.heartbeat()


def test_a_name_that_leads_nowhere_is_told() -> None:
    def nowhere(where: MachineAddress, clock: Clock, deadline_us: int) -> Connection:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with (
        CryptoMachinePool([MachineAddress("hsm.example", 18018)], 1, HandClock(), connect=nowhere) as pool,
        pytest.raises(CryptoMachineUnavailable, match=r"hsm\.example:18018: the connection failed \(Name or"),
    ):
        abc(pool)
