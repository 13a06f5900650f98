"""Published test vectors as data, each with its source, and their typed loader. Bytes are hexadecimal."""

from __future__ import annotations

from importlib import resources

import msgspec


class Digest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An SM3 digest."""

    id: str
    source: str
    message: str
    digest: str


class Enciphered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An SM4 encipherment; ``iv`` in CBC only."""

    id: str
    source: str
    key: str
    plain: str
    cipher: str
    iv: str = ""
    rounds: int = 1


class PublishedSignature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The worked SM2 example; ``user_id`` and ``message`` are text."""

    source: str
    private: str
    public: str
    user_id: str
    message: str
    z: str
    e: str
    nonce: str
    r: str
    s: str


class RefusedSignature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What differs from the published signature, and why it must be refused."""

    id: str
    why: str
    public: str | None = None
    user_id: str | None = None
    message: str | None = None
    r: str | None = None
    s: str | None = None


class Sm3Vectors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `sm3.toml`."""

    digest: tuple[Digest, ...]


class Sm4Vectors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `sm4.toml`."""

    ecb: tuple[Enciphered, ...]
    cbc: tuple[Enciphered, ...]


class Sm2Vectors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `sm2.toml`."""

    published: PublishedSignature
    refused: tuple[RefusedSignature, ...]


def _table(name: str) -> bytes:
    return resources.files(__package__).joinpath(name).read_bytes()


SM2 = msgspec.toml.decode(_table("sm2.toml"), type=Sm2Vectors)
SM3 = msgspec.toml.decode(_table("sm3.toml"), type=Sm3Vectors)
SM4 = msgspec.toml.decode(_table("sm4.toml"), type=Sm4Vectors)
