"""Seeded sequences of selecting, authenticating, resetting and reading, against the reference as oracle.

Follows APP11 4.1 to 4.5 and 5.3. The sequences come from a seed that stands in the test's name, so every run sends the
same commands; sequences that were once found to trip a card stand beside them as cases of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.engine.marks import each, requirement
from conformance.suites.card.steps import read_first
from conformance.suites.card.subjects import authenticating_keys, directories
from reference.card.apdu import OK
from reference.card.expectation import CardState, Expected
from reference.card.violations import FileMissing, ReadRefused, ReadWithoutRight
from reference.languages import say
from reference.standard import Standard
from reference.terminal.terminal import Terminal

STEPS = 60
SEQUENCES = 12
MULTIPLIER, INCREMENT, MODULUS = 1103515245, 12345, 2**31


def seeds(standard: Standard) -> Iterator[str]:
    """The seeds of the sequences, as they stand in the tests' names."""
    return (f"seed-{number}" for number in range(1, SEQUENCES + 1))


class Choices:
    """A plain congruential generator: the same choices on every machine and in every version of Python."""

    def __init__(self, seed: str) -> None:
        self.state = int(seed.rpartition("-")[2]) * 7919

    def among(self, number: int) -> int:
        """A choice from 0 to ``number`` - 1."""
        self.state = (self.state * MULTIPLIER + INCREMENT) % MODULUS
        return (self.state >> 16) % number


@requirement("card.extauth.gate", "card.adf.independence")
@each("seed", seeds)
def test_a_sequence_of_commands_goes_as_the_reference_says(terminal: Terminal, seed: str, standard: Standard) -> None:
    """Sixty steps: select, authenticate, read, now and then reset; each reading is as the reference expects."""
    choices, state = Choices(seed), CardState()
    terminal.card.reset()
    for _ in range(STEPS):
        match choices.among(8):
            case 0 | 1 | 2:
                state = select_something(terminal, standard, state, choices)
            case 3 | 4:
                state = authenticate_something(terminal, standard, state, choices)
            case 5 if choices.among(4) == 0:
                terminal.card.reset()
                state = state.after_reset()
            case _:
                check_reading(terminal, standard, state)


def select_something(terminal: Terminal, standard: Standard, state: CardState, choices: Choices) -> CardState:
    """Select one of the identifiers that the standard knows from here."""
    known = [row.fid for row in (standard.directories[""], *directories(standard))]
    known += [file.fid for file in standard.files.values() if file.directory == state.directory] * 2
    reachable = [fid for fid in known if state.after_select(standard, fid) is not None]
    fid = reachable[choices.among(len(reachable))]
    answer = terminal.card.select_identifier(fid)
    after = state.after_select(standard, fid)
    assert after is not None
    if answer.sw != OK:
        raise FileMissing(after.file or after.directory or "MF", answer=answer.describe())
    return after


def authenticate_something(terminal: Terminal, standard: Standard, state: CardState, choices: Choices) -> CardState:
    """Authenticate one of the directory's keys, now and then with a wrong bit."""
    keys = [key for key in authenticating_keys(standard) if key.directory == state.directory]
    if not keys:
        return state
    key = keys[choices.among(len(keys))]
    data = bytearray(terminal.authentication_command_data(key.id, terminal.challenge()))
    spoilt = choices.among(4) == 0
    if spoilt:
        data[choices.among(8)] ^= 0x01
    answer = terminal.card.external_authenticate(key.reference or 0, bytes(data))
    return state.after_authentication(key.id) if answer.sw == OK and not spoilt else state


def check_reading(terminal: Terminal, standard: Standard, state: CardState) -> None:
    """Read the selected file; raise when the answer is not what the reference expects."""
    expected = state.expected_of_reading(standard)
    if not state.file:
        answer = terminal.card.read_record(1)
        if answer.granted:
            raise ReadWithoutRight("–", key="–", answer=answer.describe())
        return
    file = standard.files[state.file]
    answer = read_first(terminal.card, file)
    if expected is Expected.REFUSED and answer.granted:
        raise ReadWithoutRight(file.path, key=file.read, answer=answer.describe())
    if expected is Expected.GRANTED and (answer.sw != OK or not answer.data):
        raise ReadRefused(
            file.path, condition=say("{key} authenticated", key=file.read or "–"), answer=answer.describe()
        )
