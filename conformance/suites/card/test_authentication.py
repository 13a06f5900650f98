"""Internal and external authentication, and the challenge.

Follows APP11 5.2 and 5.3 and REV2 table 10-2; what the text implies without stating it (single use of a challenge) is
a *should* of the catalogue.
"""

from __future__ import annotations

from conformance.engine.marks import each, refusal, requirement
from conformance.suites.card.steps import open_file, read_first, require_closed
from conformance.suites.card.subjects import authenticating_keys
from reference.card.apdu import OK, ResponseApdu
from reference.card.violations import (
    AuthenticationAccepted,
    AuthenticationRefused,
    ChallengeNotRandom,
    ForgedCard,
)
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import Key
from reference.terminal.terminal import KEY_VERSION, Terminal

PROOF_LENGTH = 8
RANDOMS = (bytes.fromhex("0102030405060708"), bytes(8), b"\xff" * 8)
ENVIRONMENT_KEY = "RK1DDF1"


def require_accepted(answer: ResponseApdu, key: str) -> None:
    """Raise AuthenticationRefused unless the card said 9000."""
    if answer.sw != OK:
        raise AuthenticationRefused(key, answer=answer.describe())


@requirement("card.extauth.verifies")
@each("key", authenticating_keys)
def test_a_right_external_authentication_succeeds(terminal: Terminal, key: Key) -> None:
    """Select the key's directory, challenge, right authentication data: 9000."""
    terminal.select(key.directory)
    require_accepted(terminal.try_external_authentication(key.id), key.id)


@requirement("card.extauth.verifies")
@refusal(twin="test_a_right_external_authentication_succeeds")
@each("key", authenticating_keys)
def test_wrong_authentication_data_are_refused(terminal: Terminal, key: Key) -> None:
    """One bit changed in each byte of the authentication data in turn: an error; a right one follows."""
    terminal.select(key.directory)
    for byte in range(PROOF_LENGTH):
        data = bytearray(terminal.authentication_command_data(key.id, terminal.challenge()))
        data[byte] ^= 0x01
        answer = terminal.card.external_authenticate(key.reference or 0, bytes(data))
        if answer.granted:
            fault = say("byte {number} of the authentication data is wrong", number=byte + 1)
            raise AuthenticationAccepted(key.id, fault=fault, answer=answer.describe())
    terminal.try_external_authentication(key.id)


@requirement("card.extauth.verifies")
@refusal(twin="test_a_right_external_authentication_succeeds")
@each("key", authenticating_keys)
def test_the_authentication_data_of_another_key_are_refused(terminal: Terminal, key: Key, standard: Standard) -> None:
    """Authentication data made with each other key of the directory: an error; a right one follows."""
    terminal.select(key.directory)
    for other in authenticating_keys(standard):
        if other.directory != key.directory or other.id == key.id:
            continue
        answer = terminal.try_external_authentication(other.id, reference=key.reference)
        if answer.granted:
            fault = say("the data were made with {key}", key=other.id)
            raise AuthenticationAccepted(key.id, fault=fault, answer=answer.describe())
    terminal.try_external_authentication(key.id)


@requirement("card.extauth.verifies")
@refusal(twin="test_a_right_external_authentication_succeeds")
@each("key", authenticating_keys)
def test_the_original_information_is_part_of_the_proof(terminal: Terminal, key: Key) -> None:
    """Right data for one original information, sent with another: an error; a right one follows."""
    terminal.select(key.directory)
    data = bytearray(terminal.authentication_command_data(key.id, terminal.challenge()))
    data[PROOF_LENGTH] ^= 0x80
    answer = terminal.card.external_authenticate(key.reference or 0, bytes(data))
    if answer.granted:
        fault = say("the data were made for another original information")
        raise AuthenticationAccepted(key.id, fault=fault, answer=answer.describe())
    terminal.try_external_authentication(key.id)


@requirement("card.extauth.challenge-8")
def test_every_challenge_is_eight_fresh_random_bytes(bench: Terminal) -> None:
    """Sixteen challenges over two resets: eight bytes each, no two alike."""
    seen: list[bytes] = []
    for _ in range(2):
        bench.card.reset()
        for _ in range(8):
            answer = bench.card.challenge()
            if answer.sw != OK or len(answer.data) != PROOF_LENGTH:
                raise ChallengeNotRandom(
                    "GET CHALLENGE",
                    wanted=say("{length} random bytes and 9000", length=PROOF_LENGTH),
                    found=answer.describe(),
                )
            if answer.data in seen:
                raise ChallengeNotRandom(
                    "GET CHALLENGE",
                    wanted=say("sixteen different values"),
                    found=say("{hex} a second time", hex=answer.data.hex(" ").upper()),
                )
            seen.append(answer.data)


@requirement("card.extauth.challenge-once", "card.extauth.no-challenge", "card.extauth.key-version")
def test_an_authentication_with_its_own_challenge_succeeds(terminal: Terminal) -> None:
    """Challenge, authentication: 9000. The twin of the refusals below."""
    terminal.select("DDF1")
    require_accepted(terminal.try_external_authentication(ENVIRONMENT_KEY), ENVIRONMENT_KEY)


@requirement("card.extauth.challenge-once")
@refusal(twin="test_an_authentication_with_its_own_challenge_succeeds")
def test_a_challenge_serves_one_authentication(terminal: Terminal) -> None:
    """The same right command a second time, without a new challenge: an error."""
    terminal.select("DDF1")
    data = terminal.authentication_command_data(ENVIRONMENT_KEY, terminal.challenge())
    reference = terminal.standard.keys[ENVIRONMENT_KEY].reference or 0
    terminal.card.external_authenticate(reference, data)
    answer = terminal.card.external_authenticate(reference, data)
    if answer.granted:
        raise AuthenticationAccepted(
            ENVIRONMENT_KEY, fault=say("its challenge had been used before"), answer=answer.describe()
        )


@requirement("card.extauth.no-challenge")
@refusal(twin="test_an_authentication_with_its_own_challenge_succeeds")
def test_an_authentication_without_challenge_is_refused(terminal: Terminal) -> None:
    """After reset, with no challenge given: data for the challenge 00…00, and for one of before the reset."""
    terminal.select("DDF1")
    reference = terminal.standard.keys[ENVIRONMENT_KEY].reference or 0
    for random in (bytes(8), terminal.challenge()):
        data = terminal.authentication_command_data(ENVIRONMENT_KEY, random)
        terminal.card.reset()
        terminal.select("DDF1")
        answer = terminal.card.external_authenticate(reference, data)
        if answer.granted:
            raise AuthenticationAccepted(
                ENVIRONMENT_KEY, fault=say("no challenge had been given"), answer=answer.describe()
            )


@requirement("card.extauth.key-version")
@refusal(twin="test_an_authentication_with_its_own_challenge_succeeds")
def test_an_unknown_key_version_is_refused(terminal: Terminal) -> None:
    """Right data with key version 7F: an error; a right one follows."""
    terminal.select("DDF1")
    data = terminal.authentication_command_data(ENVIRONMENT_KEY, terminal.challenge())
    answer = terminal.card.external_authenticate(
        terminal.standard.keys[ENVIRONMENT_KEY].reference or 0, data[: -len(KEY_VERSION)] + b"\x7f"
    )
    if answer.granted:
        fault = say("the card holds no key of version 7F")
        raise AuthenticationAccepted(ENVIRONMENT_KEY, fault=fault, answer=answer.describe())
    terminal.try_external_authentication(ENVIRONMENT_KEY)


@requirement("card.intauth.answer", "card.key.irkddf1.files")
def test_internal_authentication_proves_a_genuine_card(terminal: Terminal) -> None:
    """Three random numbers: the answer is that of IRKDDF1 each time."""
    terminal.select("DDF1")
    for random in RANDOMS:
        answer, wanted = terminal.internal_authentication(random)
        if answer.sw != OK or answer.data != wanted:
            raise ForgedCard(
                "IRKDDF1",
                wanted=say("{hex} and 9000", hex=wanted.hex(" ").upper()),
                found=say("{hex} {answer}", hex=answer.data.hex(" ").upper(), answer=answer.describe()),
            )


@requirement("card.intauth.no-right")
def test_external_authentication_opens_the_holder_data(terminal: Terminal, standard: Standard) -> None:
    """RK1DDF1 opens DDF1/EF06: the twin of the refusal below."""
    file = standard.files["DDF1/EF06"]
    open_file(terminal, file, file.read)
    answer = read_first(terminal.card, file)
    if answer.sw != OK or not answer.data:
        raise AuthenticationRefused(file.read or "", answer=answer.describe())


@requirement("card.intauth.no-right")
@refusal(twin="test_external_authentication_opens_the_holder_data")
def test_internal_authentication_opens_no_file(terminal: Terminal, standard: Standard) -> None:
    """Select DDF1/EF06, internal authentication, read without leaving the directory: an error and no data."""
    file = standard.files["DDF1/EF06"]
    terminal.select(file.path)
    terminal.internal_authentication(RANDOMS[0])
    require_closed(read_first(terminal.card, file), file)
