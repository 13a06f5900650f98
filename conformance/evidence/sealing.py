"""The sealed part of a package: what the public part withholds, enciphered for one laboratory.

A random content key is enciphered with the laboratory's SM2 public key (GB/T 32918.4); each file is enciphered with SM4
in counter mode (GB/T 17964) under a key of its own initial value, and then authenticated with HMAC-SM3 over path, value
and cipher text. PINs and keys of chips are not in it either.
"""

from __future__ import annotations

import hmac
import zlib
from pathlib import Path
from typing import TypeVar

import msgspec

from conformance.evidence.model import SCHEMA_VERSION
from reference.crypto import InvalidKey, SigningKey, WrongCryptogram, engine
from reference.crypto.face import BLOCK
from reference.crypto.sm2 import WIDTH, hmac_with, masked, random_scalar
from reference.languages import Text, say
from reference.ports import Randomness

SEALED = "sealed/"
"""Folder of the sealed files in the package."""
ENVELOPE = f"{SEALED}envelope.json"
SALT = "salt"
MOST_BYTES = 256 * 1024 * 1024
T = TypeVar("T")


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who can open the sealed part: the laboratory's public key, and the content key enciphered for it."""

    schema_version: int
    algorithm: str
    laboratory: str
    public_key: str
    content_key: str


class UnusableSealingKey(ValueError):
    """A sealing key that cannot be used, or does not open this package: ``text`` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class BrokenSeal(ValueError):
    """A sealed file that was changed, or taken from another package."""


class Recipient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The laboratory that a sealed part is for, as its public file states it: 128 hexadecimal digits."""

    laboratory: str
    public_key: str


class OpeningKeyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The laboratory's own file: the private key, 64 hexadecimal digits."""

    laboratory: str
    private_key: str


def recipient_from(path: Path) -> Recipient:
    """The laboratory named in a file for ``--seal-for``. Raises UnusableSealingKey."""
    wanted = say("laboratory and public_key (128 hex digits)")
    recipient = _read(path, Recipient, wanted)
    try:
        engine().sm2_encrypt(bytes.fromhex(recipient.public_key), bytes(1), bytes(WIDTH - 1) + b"\x01")
    except ValueError as fault:
        raise _unusable(path, fault, wanted) from fault
    return recipient


def opening_key_from(path: Path) -> SigningKey:
    """The private key of a file for ``--sealing-key``. Raises UnusableSealingKey."""
    wanted = say("laboratory and private_key (64 hex digits)")
    file = _read(path, OpeningKeyFile, wanted)
    try:
        return SigningKey(bytes.fromhex(file.private_key))
    except ValueError as fault:
        raise _unusable(path, say("the private key is none"), wanted) from fault


def _read(path: Path, shape: type[T], wanted: Text) -> T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=shape)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise _unusable(path, fault, wanted) from fault


def _unusable(path: Path, fault: object, wanted: Text) -> UnusableSealingKey:
    return UnusableSealingKey(
        say(
            "the sealing key {path} cannot be used: {fault}. It must be JSON with {wanted}",
            path=path,
            fault=fault,
            wanted=wanted,
        )
    )


class Seal:
    """Enciphers and deciphers the files of one package's sealed part under its content key."""

    def __init__(self, content_key: bytes) -> None:
        self._cipher_key = hmac_with(engine().sm3, content_key, b"cipher")[:BLOCK]
        self._mac_key = hmac_with(engine().sm3, content_key, b"mac")

    def close(self, path: str, data: bytes, randomness: Randomness) -> bytes:
        """A file of the sealed part: initial value ‖ cipher text of the compressed data ‖ HMAC."""
        start = randomness.bytes(BLOCK)
        hidden = start + self._counted(start, zlib.compress(data, 6))
        return hidden + self._mac(path, hidden)

    def open(self, path: str, data: bytes) -> bytes:
        """The data of a file that `close` made for this path. Raises BrokenSeal."""
        hidden, mac = data[:-WIDTH], data[-WIDTH:]
        if len(data) < BLOCK + WIDTH or not hmac.compare_digest(self._mac(path, hidden), mac):
            raise BrokenSeal(path)
        unpacking = zlib.decompressobj()
        try:
            opened = unpacking.decompress(self._counted(hidden[:BLOCK], hidden[BLOCK:]), MOST_BYTES)
        except zlib.error as fault:  # whoever made the envelope knows the content key, and may seal anything
            raise BrokenSeal(path) from fault
        if not unpacking.eof:
            raise BrokenSeal(path)
        return opened

    def _mac(self, path: str, hidden: bytes) -> bytes:
        return hmac_with(engine().sm3, self._mac_key, path.encode() + b"\0" + hidden)

    def _counted(self, start: bytes, data: bytes) -> bytes:
        """Counter mode, the same both ways: the key stream is the enciphered counter, from the initial value on."""
        first = int.from_bytes(start, "big")
        counters = (first + number for number in range(-(-len(data) // BLOCK)))
        blocks = b"".join((counter % (1 << 8 * BLOCK)).to_bytes(BLOCK, "big") for counter in counters)
        return masked(data, engine().sm4_encrypt(self._cipher_key, blocks)[: len(data)])


def new_seal(recipient: Recipient, randomness: Randomness) -> tuple[Seal, Envelope]:
    """A seal with a fresh content key, and the envelope that hands this key to the laboratory."""
    content_key = randomness.bytes(WIDTH)
    public = bytes.fromhex(recipient.public_key)
    return Seal(content_key), Envelope(
        schema_version=SCHEMA_VERSION,
        algorithm="SM2 encryption, SM4 in counter mode, HMAC-SM3",
        laboratory=recipient.laboratory,
        public_key=public.hex(),
        content_key=engine().sm2_encrypt(public, content_key, random_scalar(randomness)).hex(),
    )


def seal_of(envelope: bytes, key: SigningKey) -> Seal:
    """The seal behind an envelope. Raises UnusableSealingKey where the key is not the laboratory's."""
    try:
        written = msgspec.json.decode(envelope, type=Envelope)
        return Seal(engine().sm2_decrypt(key.secret_value, bytes.fromhex(written.content_key)))
    except (msgspec.DecodeError, ValueError, WrongCryptogram, InvalidKey) as fault:
        raise UnusableSealingKey(
            say("this key does not open the sealed part: it is closed for another laboratory")
        ) from fault
