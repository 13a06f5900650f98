"""The simulated crypto machine at its TCP port: literal bytes over raw sockets, and everything malformed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from reference.keys.key_file import demo_keys
from reference.keys.software_machine import SoftwareCryptoMachine
from reference.ports import CryptoMachine, ProductUnreachable
from simulators.crypto_machines.faulty import machine_with
from simulators.crypto_machines.machine import SimulatedMachine
from simulators.crypto_machines.server import CryptoMachineServer
from simulators.sources import SeededRandomness
from tests.reference.keys.facts import ENCRYPT, ENCRYPTED, EXCHANGES, aged_keys

LIMIT_S = 10


def simulated(inside: CryptoMachine | None = None) -> SimulatedMachine:
    return machine_with(None, inside or SoftwareCryptoMachine(demo_keys()), SeededRandomness(1))


@pytest.fixture(name="server")
def _server() -> Iterator[CryptoMachineServer]:
    with CryptoMachineServer(simulated(), patience_s=LIMIT_S) as running:
        yield running


def connected(server: CryptoMachineServer) -> socket.socket:
    return socket.create_connection(server.address, LIMIT_S)


def received(connection: socket.socket, count: int) -> bytes:
    return connection.recv(count, socket.MSG_WAITALL)


def answered(server: CryptoMachineServer, message: bytes) -> bytes:
    """Everything that comes back until the server hangs up, for one message and our end of the connection."""
    with connected(server) as connection:
        connection.sendall(message)
        connection.shutdown(socket.SHUT_WR)
        got = b""
        while fresh := connection.recv(4096):
            got += fresh
        return got


@pytest.mark.parametrize(("asked", "answer"), EXCHANGES)
def test_literal_questions_get_their_literal_answers(server: CryptoMachineServer, asked: bytes, answer: bytes) -> None:
    assert answered(server, asked) == answer


def test_one_connection_serves_many_requests_also_when_they_come_together(server: CryptoMachineServer) -> None:
    asked, answers = zip(*EXCHANGES, strict=True)
    assert answered(server, b"".join(asked) * 3) == b"".join(answers) * 3


def test_a_request_may_come_byte_by_byte(server: CryptoMachineServer) -> None:
    with connected(server) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in ENCRYPT:
            connection.sendall(bytes([byte]))
        assert received(connection, len(ENCRYPTED)) == ENCRYPTED


def test_device_and_heartbeat_answer(server: CryptoMachineServer) -> None:
    check_value = demo_keys().check_value().encode()
    assert answered(server, b"\x00\x02NC")[2:22] == b"ND00" + check_value
    beat = answered(server, b"\x00\x06CR0001")
    assert (len(beat), beat[:6]) == (22, b"\x00\x14CS00")
    assert answered(server, b"\x00\x06CR0001") != beat


BODY = ENCRYPT[2:]
REFUSED = [
    (BODY.replace(b"K0104", b"K0106"), b"S421"),
    (BODY.replace(b"K0104", b"K0105"), b"S421"),
    (BODY.replace(b"A5B1", b"XYZ1"), b"S415"),
    (BODY.replace(b"S300", b"S399"), b"S415"),
    (BODY.replace(b"0014", b"0015"), b"S480"),
    (BODY.replace(b"0014", b"FFFF"), b"S480"),
    (BODY + b"\0", b"S480"),
    (BODY[:-1], b"S480"),
    (BODY[:-20].replace(b"0014", b"0000"), b"S480"),
    (b"S4" + BODY[2:], b"S580"),
    (b"3C200004abc;00000000", b"3D15"),
    (b"3C", b"3D80"),
    (b"CR", b"CS80"),
    (b"NC ", b"ND80"),
    (b"A0", b"A168"),
    (b"ZZ", b""),
    (b"\xff\xff", b""),
]


@pytest.mark.parametrize(("body", "answer"), REFUSED)
def test_a_malformed_request_gets_its_error_code(server: CryptoMachineServer, body: bytes, answer: bytes) -> None:
    assert answered(server, len(body).to_bytes(2, "big") + body)[2:] == answer


@pytest.mark.parametrize("begin", [b"\x00\x00", b"\x00\x01S", b"\xff\xff" + BODY, b"\x40\x01" + BODY])
def test_a_length_that_no_message_has_ends_the_connection(server: CryptoMachineServer, begin: bytes) -> None:
    with connected(server) as connection:
        connection.sendall(begin)
        try:
            assert connection.recv(16) == b""
        except ConnectionResetError:
            assert len(begin) > 2, "bytes behind the length were left unread"
    assert answered(server, ENCRYPT) == ENCRYPTED, "and no other one"


@pytest.mark.parametrize("end", [1, 2, 3, 40, len(ENCRYPT) - 1])
def test_a_message_that_breaks_off_gets_no_answer(server: CryptoMachineServer, end: int) -> None:
    assert answered(server, ENCRYPT[:end]) == b""
    assert answered(server, ENCRYPT) == ENCRYPTED


def test_after_an_error_the_connection_goes_on(server: CryptoMachineServer) -> None:
    assert answered(server, b"\x00\x02A0" + ENCRYPT) == b"\x00\x04A168" + ENCRYPTED


def test_a_caller_who_does_not_finish_its_message_is_hung_up_on() -> None:
    with CryptoMachineServer(simulated(), patience_s=0.05) as server, connected(server) as connection:
        connection.sendall(ENCRYPT[:10])
        assert connection.recv(16) == b""


@pytest.mark.parametrize(
    ("handle", "encrypting", "deciphering"),
    [(b"K0104", b"S423", b"S523"), (b"K0106", b"S424", b"S524"), (b"K0108", b"S422", b"S500")],
)
def test_key_versions_keep_their_states_over_the_wire(handle: bytes, encrypting: bytes, deciphering: bytes) -> None:
    with CryptoMachineServer(simulated(SoftwareCryptoMachine(aged_keys()))) as server:
        assert answered(server, ENCRYPT.replace(b"K0104", handle))[2:] == encrypting
        body = b"S40000A" + handle + b"00" + b"00" + b"02" + b"0010" + bytes(16)
        assert answered(server, len(body).to_bytes(2, "big") + body)[2:6] == deciphering


def test_many_callers_at_once_get_their_own_answers(server: CryptoMachineServer) -> None:
    wrong: list[bytes] = []

    def call(number: int) -> None:
        asked, answer = EXCHANGES[number % len(EXCHANGES)]
        got = answered(server, asked * 20)
        if got != answer * 20:
            wrong.append(got)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT_S)
    assert wrong == []
    assert not any(thread.is_alive() for thread in threads)


def test_one_caller_too_many_is_hung_up_on() -> None:
    with CryptoMachineServer(simulated(), most=1) as server, connected(server) as first:
        first.sendall(ENCRYPT)
        assert received(first, len(ENCRYPTED)) == ENCRYPTED
        with connected(server) as second:
            assert second.recv(16) == b""
        first.sendall(ENCRYPT)
        assert received(first, len(ENCRYPTED)) == ENCRYPTED


def test_closing_hangs_up_on_callers_and_frees_the_port() -> None:
    server = CryptoMachineServer(simulated())
    with connected(server) as connection:
        connection.sendall(ENCRYPT)
        received(connection, len(ENCRYPTED))
        server.close()
        assert connection.recv(16) == b""
    with CryptoMachineServer(simulated(), port=server.address[1]) as again:
        assert answered(again, ENCRYPT) == ENCRYPTED


def test_a_port_in_use_is_named(server: CryptoMachineServer) -> None:
    with pytest.raises(ProductUnreachable, match=f"127.0.0.1:{server.address[1]} cannot be listened at"):
        CryptoMachineServer(simulated(), port=server.address[1])
