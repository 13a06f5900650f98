"""The form of sealed files and envelopes, byte by byte, so that another program can open them; and unusable keys."""

from __future__ import annotations

import zlib
from pathlib import Path

import msgspec
import pytest

from conformance.evidence import sealing
from conformance.evidence.model import SCHEMA_VERSION
from conformance.evidence.sealing import (
    BrokenSeal,
    Envelope,
    Recipient,
    Seal,
    UnusableSealingKey,
    new_seal,
    opening_key_from,
    recipient_from,
    seal_of,
)
from reference.crypto import SigningKey, engine
from reference.crypto.sm2 import hmac_with
from reference.operating_system import SystemRandomness
from simulators.sources import SeededRandomness

LABORATORY = SigningKey(bytes(31) + b"\x09")
PUBLIC = LABORATORY.public_key()
RECIPIENT = Recipient("Laboratory", PUBLIC.hex().upper())
CONTENT_KEY = bytes(range(32))


class Given:
    """Random bytes that are given."""

    def __init__(self, *blocks: bytes) -> None:
        self.blocks = list(blocks)

    def bytes(self, length: int) -> bytes:
        block = self.blocks.pop(0)
        assert len(block) == length
        return block


def by_hand(path: str, data: bytes, start: bytes) -> bytes:
    """A sealed file, made from the description alone."""
    cipher_key = hmac_with(engine().sm3, CONTENT_KEY, b"cipher")[:16]
    mac_key = hmac_with(engine().sm3, CONTENT_KEY, b"mac")
    packed, stream, counter = zlib.compress(data, 6), b"", int.from_bytes(start, "big")
    while len(stream) < len(packed):
        stream += engine().sm4_encrypt(cipher_key, (counter % 2**128).to_bytes(16, "big"))
        counter += 1
    hidden = start + bytes(one ^ other for one, other in zip(packed, stream, strict=False))
    return hidden + hmac_with(engine().sm3, mac_key, path.encode() + b"\0" + hidden)


@pytest.mark.parametrize("start", [bytes(16), b"\xff" * 16, bytes(range(16))])
@pytest.mark.parametrize("data", [b"", b"x", b"some data " * 40, bytes(range(256))])
def test_a_sealed_file_has_the_described_form(start: bytes, data: bytes) -> None:
    made = Seal(CONTENT_KEY).close("sealed/姓", data, Given(start))
    assert made == by_hand("sealed/姓", data, start)
    assert Seal(CONTENT_KEY).open("sealed/姓", made) == data


@pytest.mark.parametrize("length", [0, 1, 47, 48])
def test_what_is_too_short_to_be_sealed_is_broken(length: int) -> None:
    with pytest.raises(BrokenSeal, match="sealed/x"):
        Seal(CONTENT_KEY).open("sealed/x", bytes(length))


def authentic(hidden: bytes) -> bytes:
    """Any content with a right authentication value."""
    mac_key = hmac_with(engine().sm3, CONTENT_KEY, b"mac")
    return hidden + hmac_with(engine().sm3, mac_key, b"sealed/x\0" + hidden)


def test_an_authentic_file_that_is_cut_short_is_broken() -> None:
    whole = by_hand("sealed/x", b"some data " * 40, bytes(16))[:-32]
    for hidden in (whole[:-1], whole[:16]):
        with pytest.raises(BrokenSeal, match="sealed/x"):
            Seal(CONTENT_KEY).open("sealed/x", authentic(hidden))


@pytest.mark.parametrize("at", [0, 15, 16, -33, -32, -1])
def test_a_changed_byte_anywhere_is_broken(at: int) -> None:
    made = bytearray(by_hand("sealed/x", b"some data", bytes(16)))
    made[at] ^= 0x80
    with pytest.raises(BrokenSeal, match="sealed/x"):
        Seal(CONTENT_KEY).open("sealed/x", bytes(made))
    with pytest.raises(BrokenSeal, match="sealed/y"):
        Seal(CONTENT_KEY).open("sealed/y", by_hand("sealed/x", b"some data", bytes(16)))


def test_an_authentic_file_that_was_never_packed_is_broken() -> None:
    for hidden in (bytes(60), bytes(16), bytes(range(200))):
        with pytest.raises(BrokenSeal, match="sealed/x"):
            Seal(CONTENT_KEY).open("sealed/x", authentic(hidden))


def test_no_more_is_unpacked_than_a_run_can_have_written(monkeypatch: pytest.MonkeyPatch) -> None:
    made = by_hand("sealed/x", bytes(10_000), bytes(16))
    monkeypatch.setattr(sealing, "MOST_BYTES", 5_000)
    with pytest.raises(BrokenSeal):
        Seal(CONTENT_KEY).open("sealed/x", made)


def test_an_envelope_hands_the_content_key_to_the_laboratory() -> None:
    scalar = bytes(31) + b"\x05"
    seal, envelope = new_seal(RECIPIENT, Given(CONTENT_KEY, scalar))
    assert envelope == Envelope(
        schema_version=SCHEMA_VERSION,
        algorithm="SM2 encryption, SM4 in counter mode, HMAC-SM3",
        laboratory="Laboratory",
        public_key=PUBLIC.hex(),
        content_key=engine().sm2_encrypt(PUBLIC, CONTENT_KEY, scalar).hex(),
    )
    assert engine().sm2_decrypt(LABORATORY.secret_value, bytes.fromhex(envelope.content_key)) == CONTENT_KEY
    opened = seal_of(msgspec.json.encode(envelope), LABORATORY)
    made = seal.close("sealed/x", b"data", SeededRandomness(1))
    assert opened.open("sealed/x", made) == Seal(CONTENT_KEY).open("sealed/x", made) == b"data"


@pytest.mark.parametrize("fields", [{"content_key": "00"}, {"content_key": "no hex"}, {"content_key": ""}])
def test_an_envelope_that_does_not_open_says_for_whom_it_is_not(fields: dict[str, str]) -> None:
    _, envelope = new_seal(RECIPIENT, SeededRandomness(1))
    written = msgspec.json.encode(msgspec.structs.replace(envelope, **fields))
    with pytest.raises(UnusableSealingKey) as fault:
        seal_of(written, LABORATORY)
    assert fault.value.text.en == "this key does not open the sealed part: it is closed for another laboratory"
    assert str(fault.value) == fault.value.text.en


def test_random_bytes_of_the_system_have_the_length_and_are_not_the_same_twice() -> None:
    first, second = (SystemRandomness().bytes(24) for _ in range(2))
    assert (len(first), len(second), first != second) == (24, 24, True)


# -- key files ---------------------------------------------------------------------------------------------------

FOR_SEALING = "laboratory and public_key (128 hex digits)"
FOR_OPENING = "laboratory and private_key (64 hex digits)"


def test_usable_key_files_are_read(tmp_path: Path) -> None:
    public, private = tmp_path / "public.json", tmp_path / "private.json"
    public.write_bytes(msgspec.json.encode(RECIPIENT))
    private.write_bytes(msgspec.json.encode({"laboratory": "L", "private_key": LABORATORY.secret_value.hex()}))
    assert recipient_from(public) == RECIPIENT
    assert opening_key_from(private).public_key() == PUBLIC


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "No such file"),
        (b"{}", "missing required field"),
        (b'{"laboratory": "\xff"}', "utf-8"),
        (b'{"laboratory": "L", "public_key": "xy"}', "non-hexadecimal"),
        (b'{"laboratory": "L", "public_key": "' + b"11" * 64 + b'"}', ""),
        (b'{"laboratory": "L", "public_key": "", "more": 1}', "unknown field `more`"),
    ],
)
def test_an_unusable_public_file_is_named_with_reason_and_form(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    check(tmp_path, content, says, FOR_SEALING, recipient_from)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "No such file"),
        (b"{", "truncated"),
        (b'{"laboratory": "L", "private_key": "xy"}', "the private key is none"),
        (b'{"laboratory": "L", "private_key": "' + b"00" * 32 + b'"}', "the private key is none"),
        (b'{"laboratory": "L", "private_key": "07"}', "the private key is none"),
    ],
)
def test_an_unusable_private_file_is_named_with_reason_and_form(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    check(tmp_path, content, says, FOR_OPENING, opening_key_from)


def check(folder: Path, content: bytes | None, says: str, form: str, read: object) -> None:
    path = folder / "lab.json"
    if content is not None:
        path.write_bytes(content)
    assert callable(read)
    with pytest.raises(UnusableSealingKey) as fault:
        read(path)
    told = fault.value.text.en
    assert told.startswith(f"the sealing key {path} cannot be used: ")
    assert told.endswith(f"It must be JSON with {form}")
    assert says in told
    assert "cannot be used: None" not in told
    assert "无法使用：None" not in fault.value.text.zh
    assert str(fault.value) == told
