"""Key versions of the crypto machine: which of them encrypts, which still decrypts, and how they grow old.

States and their order: platform facts on keys (active, verify-only, destroyed; from any, disabled). That the newest
active version alone encrypts is a decision: two versions in use at once would give one person two e-card ids.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec

from reference.crypto import SecretKey, engine
from reference.keys.tables import refusal
from reference.languages import Text, say
from reference.ports import CURRENT

CHECK_VALUE_BYTES: Final = 8


class State(StrEnum):
    """What a key version may do."""

    ACTIVE = "active"
    """Encrypts when it is the newest such version, and decrypts."""
    VERIFY_ONLY = "verify-only"
    """Decrypts what it once encrypted."""
    DISABLED = "disabled"
    """Does nothing; its keys are still there."""
    DESTROYED = "destroyed"
    """Its keys are gone."""


NEXT: Final[dict[State, tuple[State, ...]]] = {
    State.ACTIVE: (State.VERIFY_ONLY, State.DISABLED, State.DESTROYED),
    State.VERIFY_ONLY: (State.DISABLED, State.DESTROYED),
    State.DISABLED: (State.DESTROYED,),
    State.DESTROYED: (),
}
"""The states that may follow each; no version ever comes back."""


class KeySetMistake(ValueError):
    """Key versions that cannot stand together, or a step that a version cannot take; ``text`` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class KeyVersion(msgspec.Struct, frozen=True):
    """One version: security key (安全密钥) for e-card ids, protection key (保护密钥) for validity tokens.

    Both keys are there unless the version is destroyed.
    """

    number: int
    state: State
    security: SecretKey | None
    protection: SecretKey | None

    @property
    def demo(self) -> bool:
        """Whether one of the keys is published."""
        return any(key is not None and key.demo for key in (self.security, self.protection))


class KeySet:
    """The versions of a machine's keys; it does not change: every step gives a new set."""

    def __init__(self, versions: Iterable[KeyVersion]) -> None:
        """Raises KeySetMistake for two versions of one number, or keys that do not go with their state."""
        self.versions = tuple(sorted(versions, key=lambda version: version.number))
        self._by_number = {version.number: version for version in self.versions}
        if len(self._by_number) < len(self.versions):
            raise KeySetMistake(say("Two key versions have the same number. Number them from 1."))
        for version in self.versions:
            _require_keys(version)
        self._current = next((row for row in reversed(self.versions) if row.state is State.ACTIVE), None)

    def current(self) -> KeyVersion:
        """The newest active version. Raises CryptoMachineRefused when none is active."""
        if self._current is None:
            raise refusal("none-active")
        return self._current

    def to_encrypt(self, number: int = CURRENT) -> KeyVersion:
        """The version to encrypt under. Raises CryptoMachineRefused unless it is the newest active one."""
        version = self.to_decrypt(number)
        if version is not self._current:
            raise refusal("not-current")
        return version

    def to_decrypt(self, number: int = CURRENT) -> KeyVersion:
        """The version to decrypt under. Raises CryptoMachineRefused for one unknown, disabled or destroyed."""
        if number == CURRENT:
            return self.current()
        version = self._by_number.get(number)
        if version is None:
            raise refusal("unknown-key")
        if version.state in (State.DISABLED, State.DESTROYED):
            raise refusal(version.state.value)
        return version

    def rolled_over(self, security: SecretKey, protection: SecretKey) -> KeySet:
        """The set with a new active version; those that were active verify only from now on."""
        number = max(self._by_number, default=0) + 1
        older = (
            msgspec.structs.replace(version, state=State.VERIFY_ONLY) if version.state is State.ACTIVE else version
            for version in self.versions
        )
        return KeySet((*older, KeyVersion(number, State.ACTIVE, security, protection)))

    def moved(self, number: int, state: State) -> KeySet:
        """The set with one version in a later state; destroying takes the keys out.

        Raises KeySetMistake for an unknown version or a state that cannot follow.
        """
        version = self._by_number.get(number)
        if version is None:
            raise KeySetMistake(say("There is no key version {number}.", number=number))
        if state not in NEXT[version.state]:
            raise KeySetMistake(
                say(
                    "Key version {number} is {before} and cannot become {after}.",
                    number=number,
                    before=version.state.value,
                    after=state.value,
                )
            )
        changed = (
            KeyVersion(number, state, None, None)
            if state is State.DESTROYED
            else msgspec.structs.replace(version, state=state)
        )
        return KeySet(changed if row is version else row for row in self.versions)

    @property
    def demo(self) -> bool:
        """Whether any version has published keys: whoever works with the set says so."""
        return any(version.demo for version in self.versions)

    def check_value(self) -> str:
        """16 hexadecimal digits that tell key sets apart, the same on all machines with the same keys.

        Source: decision; how the fielded machine computes its check value is not known. SM3 over each version's
        number and keys, first eight bytes.
        """
        digested = b"".join(
            version.number.to_bytes(CHECK_VALUE_BYTES, "big") + key.secret_value
            for version in self.versions
            for key in (version.security, version.protection)
            if key is not None
        )
        return engine().sm3(digested)[:CHECK_VALUE_BYTES].hex().upper()

    def __repr__(self) -> str:
        return f"KeySet({', '.join(f'{version.number} {version.state}' for version in self.versions)})"


def _require_keys(version: KeyVersion) -> None:
    if version.number < 1:
        raise KeySetMistake(say("Key versions are numbered from 1."))
    there = [key is not None for key in (version.security, version.protection)]
    if version.state is State.DESTROYED and any(there):
        raise KeySetMistake(say("Key version {number} is destroyed and still has a key.", number=version.number))
    if version.state is not State.DESTROYED and not all(there):
        raise KeySetMistake(
            say("Key version {number} needs a security key and a protection key.", number=version.number)
        )
