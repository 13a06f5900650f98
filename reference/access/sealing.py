"""Secrets that the platform keeps: enciphered by the crypto machine, so that the database alone gives nothing away.

Each stands under a key of its own: the security key, dispersed by a factor made of what the secret is for.
Source: decision.
"""

from __future__ import annotations

from reference.serving import Surroundings

SECRET_BYTES = 16
"""Bytes of a secret: a key of SM4, in which some wire profiles encipher with it."""


def seal(surroundings: Surroundings, purpose: str, secret: bytes) -> bytes:
    """What is kept of a secret: key version in two bytes, then the secret under the key of its purpose."""
    version = surroundings.machine.current_version()
    return version.to_bytes(2, "big") + surroundings.machine.encrypt(secret, _factor(surroundings, purpose), version)


def opened(surroundings: Surroundings, purpose: str, sealed: bytes) -> bytes:
    """The secret, deciphered under the key version that it was sealed in."""
    version, data = int.from_bytes(sealed[:2], "big"), sealed[2:]
    return surroundings.machine.decrypt(data, _factor(surroundings, purpose), version)[:SECRET_BYTES]


def _factor(surroundings: Surroundings, purpose: str) -> tuple[bytes, ...]:
    half = surroundings.machine.digest(purpose.encode())[:8]
    return (half + bytes(byte ^ 0xFF for byte in half),)
