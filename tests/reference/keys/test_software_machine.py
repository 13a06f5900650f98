"""The software crypto machine on both engines: the published vectors, key versions, and what it refuses."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.crypto import Engine
from reference.crypto.fast import FastEngine
from reference.keys.key_file import demo_keys
from reference.keys.software_machine import SoftwareCryptoMachine
from reference.ports import CryptoMachine, CryptoMachineRefused
from tests.reference.crypto.engines import ENGINES, NAMES
from tests.reference.keys.facts import CARDS, INDEX_IDS, TOKENS, aged_keys, both_halves, key

FACTOR = bytes(range(16))


@pytest.fixture(params=ENGINES, ids=NAMES, name="machine", scope="module")
def _machine(request: pytest.FixtureRequest) -> CryptoMachine:
    each: Engine = request.param()
    return SoftwareCryptoMachine(demo_keys(), each)


@pytest.mark.parametrize(("factor", "plain", "card"), CARDS)
def test_e_card_ids_are_those_of_the_facts(machine: CryptoMachine, factor: str, plain: bytes, card: str) -> None:
    factors = (both_halves(factor),)
    assert machine.encrypt(plain, factors).hex().upper() == card
    assert machine.encrypt(plain.ljust(32, b"\0"), factors, 1).hex().upper() == card
    assert machine.decrypt(bytes.fromhex(card), factors) == plain.ljust(32, b"\0")


@pytest.mark.parametrize(("time", "token"), TOKENS)
def test_validity_tokens_are_those_of_the_facts(machine: CryptoMachine, time: str, token: str) -> None:
    assert machine.encrypt(bytes.fromhex(time)).hex().upper() == token
    assert machine.decrypt(bytes.fromhex(token)) == bytes.fromhex(time) + bytes(9)


@pytest.mark.parametrize(("identity", "index"), INDEX_IDS)
def test_index_ids_are_those_of_the_facts(machine: CryptoMachine, identity: str, index: str) -> None:
    assert machine.digest(identity.encode()).hex().upper() == index


def test_several_factors_disperse_step_by_step() -> None:
    engine = FastEngine()
    first, second = both_halves(CARDS[0][0]), both_halves(CARDS[1][0])
    level = engine.sm4_encrypt(engine.sm4_encrypt(bytes([8]) * 16, first), second)
    machine = SoftwareCryptoMachine(aged_keys())
    assert machine.encrypt(bytes(32), (first, second)) == engine.sm4_encrypt(level, bytes(32))
    assert machine.encrypt(bytes(32), (first, second)) != machine.encrypt(bytes(32), (second, first))


def test_an_older_version_decrypts_what_it_encrypted_and_encrypts_no_more() -> None:
    machine = SoftwareCryptoMachine(aged_keys())
    card, token = machine.encrypt(b"01", (FACTOR,), 5), machine.encrypt(b"\x20", version=5)
    machine.take_keys(aged_keys().rolled_over(key(10), key(11)))
    assert machine.current_version() == 6
    assert machine.decrypt(card, (FACTOR,), 5) == b"01".ljust(32, b"\0")
    assert machine.decrypt(token, version=5) == b"\x20".ljust(16, b"\0")
    assert machine.decrypt(card, (FACTOR,)) != b"01".ljust(32, b"\0")
    with pytest.raises(CryptoMachineRefused) as caught:
        machine.encrypt(b"01", (FACTOR,), 5)
    assert caught.value.code == "22"


@pytest.mark.parametrize(("version", "code"), [(1, "23"), (2, "24"), (9, "21")])
def test_destroyed_disabled_and_unknown_versions_are_refused_both_ways(version: int, code: str) -> None:
    machine = SoftwareCryptoMachine(aged_keys())
    for work in (machine.encrypt, machine.decrypt):
        with pytest.raises(CryptoMachineRefused) as caught:
            work(bytes(16), (), version)
        assert caught.value.code == code


@pytest.mark.parametrize("data", [b"", bytes(15), bytes(17), bytes(31)])
def test_only_whole_blocks_are_deciphered(machine: CryptoMachine, data: bytes) -> None:
    with pytest.raises(CryptoMachineRefused) as caught:
        machine.decrypt(data)
    assert caught.value.code == "80"


def test_nothing_is_not_enciphered(machine: CryptoMachine) -> None:
    with pytest.raises(CryptoMachineRefused) as caught:
        machine.encrypt(b"")
    assert caught.value.code == "80"


@pytest.mark.parametrize("factors", [(b"",), (bytes(8),), (bytes(16), bytes(17))])
def test_a_factor_of_another_length_is_refused(machine: CryptoMachine, factors: tuple[bytes, ...]) -> None:
    for work in (machine.encrypt, machine.decrypt):
        with pytest.raises(CryptoMachineRefused) as caught:
            work(bytes(16), factors)
        assert caught.value.code == "15"


@given(st.binary(min_size=1, max_size=80), st.lists(st.binary(min_size=16, max_size=16), max_size=3).map(tuple))
def test_what_is_enciphered_comes_back_filled_with_zeros(data: bytes, factors: tuple[bytes, ...]) -> None:
    machine = SoftwareCryptoMachine(aged_keys())
    hidden = machine.encrypt(data, factors)
    assert len(hidden) % 16 == 0
    assert len(hidden) - len(data) < (32 if factors else 16)
    assert machine.decrypt(hidden, factors).rstrip(b"\0") == data.rstrip(b"\0")


def test_the_machine_shows_no_key_and_is_not_pickled() -> None:
    machine = SoftwareCryptoMachine(demo_keys())
    assert repr(machine) == "SoftwareCryptoMachine(KeySet(1 active))"
    with pytest.raises(TypeError, match="not written to files"):
        pickle.dumps(machine)


def test_device_and_heartbeat_answer(machine: CryptoMachine) -> None:
    assert machine.device().check_value == demo_keys().check_value()
    assert machine.device().firmware
    machine.heartbeat()
