"""The simulated SAM's PIN: VERIFY and CHANGE PIN (API13 iVerifyPIN, iChange_Pin; tries by decision).

The PIN is that of the whole SAM: its status lasts from a right VERIFY to the next reset or wrong try, wherever the SAM
stands. Terminals verify it at the MF and change it in DF01.
"""

from __future__ import annotations

import hmac

from reference.card.apdu import CommandApdu
from reference.terminal.sam_session import PIN_SEPARATOR
from simulators.cards.runtime import Refused
from simulators.cards.sam.runtime import SamRuntime, command


class Pin(SamRuntime):
    """The PIN with its tries, which survive a reset."""

    @command("sam.verify-pin")
    def verify_pin(self, apdu: CommandApdu) -> bytes:
        """VERIFY PIN; after too many wrong tries the PIN is blocked for good."""
        self.require(self.is_pin_length(apdu.data), "wrong-length")
        self.try_pin(apdu.data)
        self.pin_verified = True
        return b""

    @command("sam.change-pin")
    def change_pin(self, apdu: CommandApdu) -> bytes:
        """CHANGE PIN: old PIN, FF, new PIN; a wrong old PIN counts as a try, a malformed command does not."""
        parts = apdu.data.split(PIN_SEPARATOR)
        self.require(len(parts) == 2 and all(map(self.is_pin_length, parts)), "wrong-data")
        old, new = parts
        self.try_pin(old)
        self.pin = new
        return b""

    def is_pin_length(self, pin: bytes) -> bool:
        """Whether a PIN can have this many bytes."""
        return self.standard.limit("sam-pin-min") <= len(pin) <= self.standard.limit("sam-pin-max")

    def try_pin(self, pin: bytes) -> None:
        """Hold a PIN against the SAM's: right ones give the tries back, wrong ones use one up and end the status."""
        self.require(bool(self.pin_tries_left), "authentication-blocked")
        if not hmac.compare_digest(pin, self.pin):
            self.pin_tries_left -= 1
            self.pin_verified = False
            raise Refused("authentication-failed", low=self.pin_tries_left)
        self.pin_tries_left = self.standard.limit("sam-pin-tries")
