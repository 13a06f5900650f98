"""Signing an evidence package with SM2, and what is known of a signer.

Source: GB/T 32918.2 with the default user id. The demo key is published in this file: its signatures protect against
accidents only, and everything that shows them says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol

import msgspec

from conformance.evidence.model import SCHEMA_VERSION, Signature
from conformance.evidence.pkcs11_uri import SCHEME, parsed
from conformance.evidence.token_signing import token_key
from reference.crypto import SigningKey, engine
from reference.languages import Text, say

DEMO_LABEL = b"healthcard demo signing key"
DEMO_SIGNER = "demo key of the harness"


class KeyFile(msgspec.Struct, forbid_unknown_fields=True):
    """A signing key in a file: JSON with the signer's name, what it claims to be, and 64 hexadecimal digits."""

    signer: str
    standing: Literal["vendor", "laboratory"]
    private_key: str


class Sm2Key(Protocol):
    """What signs: a `SigningKey`, or a key inside a token."""

    def public_key(self) -> bytes:
        """The public point x ‖ y, 64 bytes."""
        ...

    def sign(self, message: bytes) -> bytes:
        """r ‖ s, 64 bytes, over the message with the default user id."""
        ...


class Signer(msgspec.Struct, frozen=True):
    """A signing key with the name that stands under the signature."""

    name: str
    standing: Literal["demo", "vendor", "laboratory"]
    key: Sm2Key
    custody: str = ""
    """Where a token's key does its work, as the manifest says; empty for the demo key and for key files."""

    def sign(self, message: bytes) -> Signature:
        """The signature record over ``message``."""
        return Signature(
            schema_version=SCHEMA_VERSION,
            algorithm="SM2 with SM3, default user id",
            signer=self.name,
            standing=self.standing,
            public_key=self.key.public_key().hex(),
            value=self.key.sign(_signed(message, self.name, self.standing)).hex(),
        )


def _signed(message: bytes, name: str, standing: str) -> bytes:
    """What a signature runs over: the message, and the line that says in whose name it is given."""
    return message + f"{standing} {name}\n".encode()


class UnusableKeyFile(ValueError):
    """A key file that cannot be used: ``text`` says why and what it must look like."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def demo_signer() -> Signer:
    """The signer used when no key is given."""
    return Signer(DEMO_SIGNER, "demo", SigningKey(engine().sm3(DEMO_LABEL), demo=True))


def signer_named(written: str) -> Signer:
    """The signer of a key file, or of a token's key by its PKCS#11 URI. Raises UnusableKeyFile, UnusableToken."""
    if not written.startswith(SCHEME):
        return signer_from(Path(written))
    uri = parsed(written)
    key, custody = token_key(uri)
    return Signer(uri.signer, uri.standing, key, custody)


def signer_from(path: Path) -> Signer:
    """The signer of a key file. Raises UnusableKeyFile."""
    try:
        file = msgspec.json.decode(path.read_bytes(), type=KeyFile)
        return Signer(file.signer, file.standing, SigningKey(bytes.fromhex(file.private_key)))
    except (OSError, msgspec.DecodeError, ValueError) as fault:
        raise UnusableKeyFile(
            say(
                "the signing key {path} cannot be used: {fault}. "
                "It must be JSON with signer, standing (vendor or laboratory) and private_key (64 hex digits)",
                path=path,
                fault=fault,
            )
        ) from fault


def signature_holds(signature: Signature, message: bytes) -> bool:
    """Whether the signature is that of its public key over ``message``, given in the name that stands under it."""
    try:
        public, value = bytes.fromhex(signature.public_key), bytes.fromhex(signature.value)
    except ValueError:
        return False
    return engine().sm2_verify(public, _signed(message, signature.signer, signature.standing), value)


def standing_of(signature: Signature, trusted: frozenset[str]) -> Literal["trusted", "demo", "unknown"]:
    """What can be confirmed of the signer: its public key is trusted, is the demo key, or is neither."""
    if signature.public_key.lower() in trusted:
        return "trusted"
    if signature.public_key.lower() == demo_signer().key.public_key().hex():
        return "demo"
    return "unknown"
