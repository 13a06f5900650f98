"""The simulated card's GET CHALLENGE and its two authentications (APP11 5.2 and 5.3)."""

from __future__ import annotations

import hmac

from reference.card.access import authentication_key, key_of_role
from reference.card.apdu import CommandApdu
from reference.crypto.derivation import authentication_data, session_key
from reference.standard.rows import KeyRole
from simulators.cards.runtime import CardRuntime, Refused, command

FIELD = 8
UNLIMITED_TRIES = 0x0F
"""Low digit of 63Cx where no number of tries is set (no source gives a limit for external authentication)."""


class Authenticating(CardRuntime):
    """Proof of keys, both ways."""

    @command("card.get-challenge")
    def get_challenge(self, apdu: CommandApdu) -> bytes:
        """GET CHALLENGE: eight random bytes, kept for the next use (APP11 5.3.1 (2))."""
        self.require(apdu.p1 == apdu.p2 == 0, "wrong-parameters")
        self.require(not apdu.data, "wrong-length")
        challenge = self.take(apdu, self.randomness.bytes(self.standard.limit("challenge-length")))
        self.challenge_given = challenge
        return challenge

    @command("card.external-authenticate")
    def external_authenticate(self, apdu: CommandApdu) -> bytes:
        """EXTERNAL AUTHENTICATE: proof over the last challenge and the original information (APP11 5.3.1 (8))."""
        proof, original = self.authentication_fields(apdu)
        key = authentication_key(self.standard, self.directory, apdu.p2)
        if key is None:
            raise Refused("key-not-found")
        if self.challenge_given is None:
            raise Refused("conditions-not-satisfied")
        expected = authentication_data(session_key(self.memory.keys[key.id], self.challenge_given), original)
        self.use_challenge()
        if not self.proves(proof, expected):
            raise Refused("authentication-failed", low=UNLIMITED_TRIES)
        self.authenticated.add(key.id)
        return b""

    def use_challenge(self) -> None:
        """A challenge serves one authentication."""
        self.challenge_given = None

    def proves(self, proof: bytes, expected: bytes) -> bool:
        """Whether the proof sent is the one expected, compared in constant time."""
        return hmac.compare_digest(proof, expected)

    @command("card.internal-authenticate")
    def internal_authenticate(self, apdu: CommandApdu) -> bytes:
        """INTERNAL AUTHENTICATE: the proof that this card holds IRKDDF1 (APP11 5.2.1 (8))."""
        random, original = self.authentication_fields(apdu)
        key = key_of_role(self.standard, self.directory, KeyRole.INTERNAL)
        if key is None or apdu.p2 != key.reference:
            raise Refused("key-not-found")
        return authentication_data(session_key(self.memory.keys[key.id], random), original)

    def authentication_fields(self, apdu: CommandApdu) -> tuple[bytes, bytes]:
        """The two eight-byte fields before the key version of both authentication commands."""
        self.require(apdu.p1 == 0, "wrong-parameters")
        self.require(len(apdu.data) == 2 * FIELD + 1, "wrong-length")
        self.require(apdu.data[2 * FIELD] == self.standard.limit("key-version"), "key-not-found")
        return apdu.data[:FIELD], apdu.data[FIELD : 2 * FIELD]
