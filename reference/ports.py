"""The ports through which products are reached: what a suite may ask of them, and nothing more.

Simulators, adapters to real products, transcripts and scripted cards implement these protocols, so that one
test body runs against all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, runtime_checkable

import msgspec

from reference.languages import Text


class ProductUnreachable(Exception):
    """The product, or the reader in front of it, no longer answers: says which, why and what to do next."""

    def __init__(self, what: Text | str, reason: Text | str, next_step: Text | str) -> None:
        super().__init__(f"{what}: {reason} {next_step}")
        self.what, self.reason, self.next_step = what, reason, next_step

    def explained(self) -> Text:
        """What, why and what to do next, in both languages."""
        parts = [
            Text(part, part) if isinstance(part, str) else part for part in (self.what, self.reason, self.next_step)
        ]
        return Text("{}: {} {}".format(*(part.en for part in parts)), "{}：{}{}".format(*(part.zh for part in parts)))


@runtime_checkable
class Chip(Protocol):
    """A processor card behind some reader: a user card or a SAM, real or simulated.

    Source: ISO/IEC 7816-3 and 7816-4 (command and response APDUs), ISO/IEC 14443-4.
    """

    def reset(self) -> bytes:
        """Reset the chip and return its answer to reset, as PC/SC shows it.

        Raises ProductUnreachable when no card is present or the reader is gone.
        """
        ...

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU; return the response data followed by the two status bytes.

        Raises ProductUnreachable when the card is mute or the reader is gone.
        """
        ...


class Clock(Protocol):
    """Time, injected: nothing in the project reads the wall clock by itself."""

    def now(self) -> str:
        """The date and time as ISO 8601 with offset."""
        ...

    def monotonic_us(self) -> int:
        """A steadily growing count of microseconds, for durations."""
        ...


class Randomness(Protocol):
    """Random bytes, injected: seeded in tests, from the operating system in service."""

    def bytes(self, length: int) -> bytes:
        """The next ``length`` random bytes."""
        ...


CURRENT: Final = 0
"""Stands for the newest active key version where a crypto machine asks for a version."""


class DeviceInfo(msgspec.Struct, frozen=True):
    """What a crypto machine says of itself: its 16-digit check value and the versions of its firmware."""

    check_value: str
    firmware: str


class CryptoMachineUnavailable(ProductUnreachable):
    """No crypto machine has answered within the time that a call may take; nothing is known to have been done."""


class CryptoMachineRefused(Exception):
    """A crypto machine answered with an error: ``code`` is its own two-character code, ``reason`` says it in words."""

    def __init__(self, code: str, reason: Text) -> None:
        super().__init__(f"{code}: {reason}")
        self.code, self.reason = code, reason


class CryptoMachine(Protocol):
    """The application crypto machine of an e-card management system; its keys never leave it.

    Every call raises CryptoMachineUnavailable and CryptoMachineRefused, and may come from several threads.
    Factors are 16 bytes each, a dispersal factor and its complement. Without factors the protection key serves
    (validity tokens), with factors the security key, dispersed by one after another (e-card ids).
    """

    def digest(self, data: bytes) -> bytes:
        """The 32-byte SM3 digest."""
        ...

    def encrypt(self, data: bytes, factors: tuple[bytes, ...] = (), version: int = CURRENT) -> bytes:
        """The data, filled with zeros to whole blocks (under the security key at least two), enciphered.

        Only the newest active key version enciphers; another one is refused.
        """
        ...

    def decrypt(self, data: bytes, factors: tuple[bytes, ...] = (), version: int = CURRENT) -> bytes:
        """Whole blocks deciphered, with the zeros that filled them; older key versions serve here too."""
        ...

    def current_version(self) -> int:
        """The key version that `CURRENT` stands for, from 1."""
        ...

    def device(self) -> DeviceInfo:
        """Check value and firmware versions."""
        ...

    def heartbeat(self) -> None:
        """Return when the machine answers."""
        ...


@runtime_checkable
class GroupCryptoMachine(Protocol):
    """A crypto machine that deciphers card ids of many people in one go: one inside this process."""

    def decrypt_each(self, blocks: Sequence[bytes], pairs: Sequence[bytes], version: int = CURRENT) -> list[bytes]:
        """Each of ``blocks`` deciphered under the security key dispersed by its own 16-byte factor pair."""
        ...
