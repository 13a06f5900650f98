"""The faults of simulated crypto machines, each by itself."""

from __future__ import annotations

import pytest

from reference.keys.key_file import demo_keys
from reference.keys.software_machine import SoftwareCryptoMachine
from simulators.crypto_machines.faulty import DELAY_S, Fault, SlowMachine, machine_with
from simulators.crypto_machines.machine import Reply, SimulatedMachine
from simulators.sources import SeededRandomness
from tests.reference.keys.facts import ENCRYPT, ENCRYPTED

BODY = ENCRYPT[2:]


def machine(fault: Fault | None) -> SimulatedMachine:
    return machine_with(fault, SoftwareCryptoMachine(demo_keys()), SeededRandomness(1))


def test_a_healthy_machine_answers_and_stays() -> None:
    assert machine(None).reply(BODY) == Reply(ENCRYPTED)


def test_a_slow_machine_answers_right_but_late(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(SlowMachine, "sleep", staticmethod(waited.append))
    assert machine(Fault.SLOW).reply(BODY) == Reply(ENCRYPTED)
    assert waited == [DELAY_S]


def test_a_dropping_machine_hangs_up_without_a_word() -> None:
    assert machine(Fault.DROP).reply(BODY) == Reply(b"", hang_up=True)


@pytest.mark.parametrize(("body", "answer"), [(BODY, b"S441"), (b"NC", b"ND41"), (b"CR0001", b"CS41")])
def test_a_refusing_machine_has_an_internal_fault_for_everything(body: bytes, answer: bytes) -> None:
    assert machine(Fault.REFUSE).reply(body) == Reply(b"\x00\x04" + answer)


def test_a_machine_with_foreign_keys_shows_another_check_value_alone() -> None:
    right, wrong = (machine(fault).reply(b"NC").message for fault in (None, Fault.WRONG_CHECK))
    assert wrong == right[:6] + b"0" * 16 + right[22:]
    assert machine(Fault.WRONG_CHECK).reply(BODY) == Reply(ENCRYPTED)


def test_a_dying_machine_sends_half_its_answer() -> None:
    assert machine(Fault.HALF_ANSWER).reply(BODY) == Reply(ENCRYPTED[:21], hang_up=True)
