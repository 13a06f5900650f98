"""The card server at the level of the wire that vpcd speaks."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.ports import Chip, ProductUnreachable
from simulators.readers.card_server import (
    LOOPBACK,
    LOST,
    UNRESPONSIVE,
    CardServer,
    PluggedCard,
    Slot,
)
from simulators.readers.in_process import InProcessReader
from simulators.readers.wire import Control, Link
from tests.chips import OK, T0_ANSWER, T1_ANSWER, CountingChip, FailingChip, FixedChip, mute

OFF, ON, RESET, GET_ATR = (bytes([control]) for control in Control)
COMMAND = bytes.fromhex("00A40000")


def ask(link: Link, payload: bytes) -> bytes:
    link.send(payload)
    answer = link.receive()
    assert answer is not None
    return answer


@contextlib.contextmanager
def vpcd(port: int) -> Iterator[Link]:
    link = Link(socket.create_connection((LOOPBACK, port), 10))
    try:
        yield link
    finally:
        link.hang_up()


@contextlib.contextmanager
def serving(chip: Chip | None) -> Iterator[tuple[CardServer, Link]]:
    with CardServer([InProcessReader(chip), InProcessReader()]) as server, vpcd(server.port) as link:
        yield server, link


def test_the_answer_to_reset_is_given_as_often_as_it_is_asked_without_a_reset() -> None:
    chip = CountingChip()
    with serving(chip) as (_, link):
        assert [ask(link, GET_ATR) for _ in range(3)] == [T1_ANSWER] * 3
    assert chip.resets == 1


def test_commands_reach_the_chip_as_they_are() -> None:
    chip = CountingChip()
    with serving(chip) as (_, link):
        assert ask(link, COMMAND) == b"\x00" + OK
        assert ask(link, bytes(300)) == b"\x01" + OK
    assert chip.commands == [COMMAND, bytes(300)]


@pytest.mark.parametrize("controls", [[RESET], [ON], [OFF], [OFF, ON]], ids=["reset", "on", "off", "off-on"])
def test_every_change_of_power_resets_the_chip(controls: list[bytes]) -> None:
    with serving(CountingChip()) as (_, link):
        assert ask(link, COMMAND) == b"\x00" + OK
        assert ask(link, COMMAND) == b"\x01" + OK
        for control in controls:
            link.send(control)
        assert ask(link, COMMAND) == b"\x00" + OK


def test_a_message_in_single_bytes_is_put_together() -> None:
    with CardServer([InProcessReader(CountingChip())]) as server:
        raw = socket.create_connection((LOOPBACK, server.port), 10)
        with raw:
            for byte in len(COMMAND).to_bytes(2, "big") + COMMAND:
                raw.sendall(bytes([byte]))
            assert Link(raw).receive() == b"\x00" + OK


def test_both_slots_listen_on_neighbouring_ports_of_loopback() -> None:
    with (
        CardServer([InProcessReader(FixedChip(b"\x01" + OK)), InProcessReader(FixedChip(b"\x02" + OK))]) as server,
        vpcd(server.port) as first,
        vpcd(server.port + 1) as second,
    ):
        assert ask(first, COMMAND) + ask(second, COMMAND) == b"\x01" + OK + b"\x02" + OK


def test_an_empty_slot_keeps_talking_and_shows_an_unresponsive_card() -> None:
    with serving(None) as (_, link):
        assert ask(link, GET_ATR) == UNRESPONSIVE
        link.send(ON)
        assert ask(link, GET_ATR) == UNRESPONSIVE
        assert ask(link, COMMAND) == LOST


def test_a_card_taken_out_is_lost_and_one_put_in_is_found() -> None:
    with serving(CountingChip()) as (server, link):
        ask(link, COMMAND)
        server.slots[0].reader.remove()
        assert (ask(link, COMMAND), ask(link, GET_ATR)) == (LOST, UNRESPONSIVE)
        server.slots[0].reader.insert(CountingChip())
        assert (ask(link, GET_ATR), ask(link, COMMAND)) == (T1_ANSWER, b"\x00" + OK)


def test_a_mute_chip_is_lost_but_no_fault_of_the_simulator() -> None:
    with serving(FailingChip(mute)) as (server, link):
        assert ask(link, COMMAND) == LOST
        assert server.faults() == ()


def test_a_broken_chip_is_lost_noted_and_served_on(caplog: pytest.LogCaptureFixture) -> None:
    with serving(FailingChip(lambda: KeyError("slip"))) as (server, link), caplog.at_level(logging.ERROR):
        assert ask(link, COMMAND) == LOST
        assert ask(link, GET_ATR) == T1_ANSWER
        assert [repr(fault) for fault in server.faults()] == ["KeyError('slip')"]
    assert "broke" in caplog.text


def test_another_card_in_the_slot_shows_its_own_answer_to_reset() -> None:
    with serving(CountingChip()) as (server, link):
        assert ask(link, GET_ATR) == T1_ANSWER
        server.slots[0].reader.insert(CountingChip(T0_ANSWER))
        assert ask(link, GET_ATR) == T0_ANSWER


@pytest.mark.parametrize("answer", [b"", bytes(65536)], ids=["empty", "too long"])
def test_an_answer_that_the_wire_cannot_carry_is_lost(answer: bytes) -> None:
    with serving(FixedChip(answer)) as (_, link):
        assert ask(link, COMMAND) == LOST


@pytest.mark.parametrize("answer", [b"", bytes(34)], ids=["empty", "too long"])
def test_an_answer_to_reset_that_cannot_be_one_shows_an_unresponsive_card(answer: bytes) -> None:
    with serving(FixedChip(OK, answer)) as (_, link):
        assert ask(link, GET_ATR) == UNRESPONSIVE


def test_a_reader_that_comes_back_is_served_again() -> None:
    with serving(CountingChip()) as (server, link):
        ask(link, COMMAND)
        link.hang_up()
        with vpcd(server.port) as again:
            assert ask(again, GET_ATR) == T1_ANSWER


def test_a_stopped_server_leaves_no_port_and_no_thread() -> None:
    with serving(CountingChip()) as (server, link):
        ask(link, COMMAND)
    assert not any(thread.is_alive() for thread in server._threads)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((LOOPBACK, server.port), 10)


def test_a_taken_port_is_reported_with_the_next_step() -> None:
    with (
        CardServer([InProcessReader()]) as server,
        pytest.raises(ProductUnreachable, match=r"--port"),
    ):
        CardServer([InProcessReader()], server.port)


def test_the_last_port_leaves_no_room_for_a_second_slot() -> None:
    with pytest.raises(ProductUnreachable, match="consecutive"):
        CardServer([InProcessReader(), InProcessReader()], 65535)


def test_a_card_plugged_into_a_listening_reader_serves_it_until_it_is_pulled() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        with PluggedCard(InProcessReader(CountingChip()), listener.getsockname()[1]) as card:
            link = Link(listener.accept()[0])
            link.limit(10)
            assert (ask(link, GET_ATR), ask(link, COMMAND)) == (T1_ANSWER, b"\x00" + OK)
            assert not card.ended(0)
        assert link.receive() is None
        link.hang_up()
    assert card.ended(10)


def test_plugging_in_without_a_listening_reader_says_so() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ProductUnreachable, match="No vpcd driver"), PluggedCard(InProcessReader(), port):
        pass


@given(st.lists(st.one_of(st.binary(min_size=1, max_size=1), st.binary(min_size=4, max_size=40)), max_size=30))
def test_whatever_the_reader_sends_the_slot_answers_what_needs_an_answer(payloads: list[bytes]) -> None:
    slot = Slot(InProcessReader(CountingChip()))
    for payload in payloads:
        answer = slot.answer(payload)
        assert (answer is not None) == (len(payload) > 1 or payload == GET_ATR)
    assert slot.faults == []
