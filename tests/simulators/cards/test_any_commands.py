"""Whatever is sent, the card answers, keeps its content, and keeps closed what nobody has opened."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given, settings

from reference.standard import load
from simulators.cards import demo_card, demo_sam
from simulators.cards.user_card import UserCard
from tests.simulators.cards.dialogue import ask, whole_memory

STANDARD = load()
CARD = demo_card(STANDARD)
CONTACT = demo_card(STANDARD, "contact-t0")
SAMS = {number: demo_sam(number, STANDARD) for number in STANDARD.sam_types}
MEMORY = whole_memory(CARD)
CLASSES = sorted({row.cla for row in STANDARD.commands.values()})
INSTRUCTIONS = sorted({row.ins for row in STANDARD.commands.values()})
FIDS = sorted({row.fid for row in STANDARD.directories.values()} | {row.fid for row in STANDARD.files.values()})
NAMES = [row.name for row in STANDARD.directories.values() if row.name]
RARE = 12
"""Content this long does not come about by chance, nor is it the same in two files."""


def headers() -> st.SearchStrategy[bytes]:
    """Headers of the commands that there are, with any parameters."""
    parameters = st.sampled_from([0x00, 0x01, 0x03, 0x04, 0x05, 0x84, 0x85, 0x86, 0x87, 0xFF]) | st.integers(0, 255)
    return st.builds(
        lambda *parts: bytes(parts),
        st.sampled_from(CLASSES),
        st.sampled_from(INSTRUCTIONS),
        parameters,
        parameters,
    )


def commands() -> st.SearchStrategy[bytes]:
    """Bytes of any kind, and commands that look right: with data, with a length, with both, with neither."""
    bodies = st.binary(min_size=1, max_size=40).map(lambda data: bytes([len(data)]) + data)
    lengths = st.integers(0, 255).map(lambda le: bytes([le]))
    tail = st.just(b"") | lengths | bodies | st.builds(lambda body, le: body + le, bodies, lengths)
    return st.binary(max_size=300) | st.builds(lambda header, rest: header + rest, headers(), tail)


def selections() -> st.SearchStrategy[bytes]:
    """SELECT of everything that the card has, by identifier and by name."""
    by_fid = st.sampled_from(FIDS).map(lambda fid: bytes.fromhex("00A4000002" + fid))
    by_name = st.sampled_from(NAMES).map(lambda name: bytes.fromhex(f"00A40400{len(name) // 2:02X}{name}"))
    return by_fid | by_name


def reads() -> st.SearchStrategy[bytes]:
    """READ RECORD and READ BINARY of any place."""
    record = st.builds(lambda p1, p2: bytes([0x00, 0xB2, p1, p2, 0x00]), st.integers(0, 60), st.sampled_from([0, 4]))
    binary = st.builds(
        lambda at, le: bytes([0x00, 0xB0, at >> 8, at & 0xFF, le]), st.integers(0, 3300), st.integers(0, 255)
    )
    return record | binary


def guesses() -> st.SearchStrategy[bytes]:
    """GET CHALLENGE, GET RESPONSE, INTERNAL AUTHENTICATE, and EXTERNAL AUTHENTICATE with a guessed proof."""
    guess = st.builds(
        lambda p2, proof: bytes([0x00, 0x82, 0x00, p2, 0x11]) + proof + b"\x01",
        st.sampled_from([0x04, 0x05, 0x83, 0x84, 0x85, 0x86, 0x87]),
        st.binary(min_size=16, max_size=16),
    )
    internal = st.binary(min_size=16, max_size=16).map(lambda data: bytes.fromhex("0088000011") + data + b"\x01\x00")
    return guess | internal | st.sampled_from([bytes.fromhex("0084000008"), bytes.fromhex("00C0000000")])


def closed_content(card: UserCard) -> list[bytes]:
    """Pieces of every closed file that are long enough to be recognised."""
    pieces = []
    for path, held in card.memory.files.items():
        if STANDARD.files[path].read:
            blocks = [held.binary[at : at + RARE] for at in range(0, len(held.binary), RARE)]
            pieces += [piece for piece in (*held.records, *blocks) if len(piece) >= RARE and len(set(piece)) > 4]
    return pieces


SECRETS = closed_content(CARD)


@settings(max_examples=300, deadline=None)
@given(st.lists(commands(), max_size=8))
def test_any_bytes_are_answered_and_change_nothing(sent: list[bytes]) -> None:
    for card in (CARD, CONTACT):
        card.reset()
        for command in sent:
            assert 2 <= len(card.transmit(command)) <= 258
        assert not card.authenticated
        assert whole_memory(card) == MEMORY


@settings(max_examples=300, deadline=None)
@given(st.lists(selections() | reads() | guesses(), max_size=20))
def test_no_sequence_of_commands_shows_a_closed_file(sent: list[bytes]) -> None:
    for card in (CARD, CONTACT):
        card.reset()
        shown = b"".join(card.transmit(command)[:-2] + b"|" for command in sent)
        assert not [piece for piece in SECRETS if piece in shown]
        for command in sent:
            file = card.file
            if card.transmit(command)[:-2] and command[1] in (0xB0, 0xB2):
                assert file is not None
                assert file.read is None


def test_there_is_closed_content_to_recognise() -> None:
    assert len(SECRETS) > 100
    assert CARD.memory.files["DDF1/EF06"].records[0] in SECRETS


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(SAMS)), st.lists(commands(), max_size=8))
def test_a_sam_answers_any_bytes_and_never_shows_a_key(number: int, sent: list[bytes]) -> None:
    sam = SAMS[number]
    sam.pin_tries_left = 3
    sam.reset()
    ask(sam, "00A4000002DF01")
    keys = [key.secret_value for key in sam.memory.keys.values()]
    for command in sent:
        answer = sam.transmit(command)
        assert len(answer) >= 2
        held = [*keys, sam.session.secret_value] if sam.session else keys
        assert not [key for key in held if key in answer]
