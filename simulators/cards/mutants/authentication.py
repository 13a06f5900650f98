"""Mutants of challenge, internal and external authentication (APP11 5.2 and 5.3)."""

from __future__ import annotations

import hmac

from reference.card.apdu import CommandApdu
from reference.card.violations import AuthenticationAccepted, ChallengeNotRandom, ForgedCard, ReadWithoutRight
from simulators.cards.mutants.registry import mutant
from simulators.cards.user_card import UserCard


@mutant("card.extauth.verifies", caught_as=AuthenticationAccepted)
class AnyProofAccepted(UserCard):
    """Any authentication data are accepted: the outcome of the comparison is not used."""

    def proves(self, proof: bytes, expected: bytes) -> bool:
        """Always."""
        return True


@mutant("card.extauth.verifies", caught_as=AuthenticationAccepted)
class HalfTheProofCompared(UserCard):
    """Only four of eight bytes are compared: guessing becomes feasible."""

    def proves(self, proof: bytes, expected: bytes) -> bool:
        """By the first half."""
        return hmac.compare_digest(proof[:4], expected[:4])


@mutant("card.extauth.challenge-once", caught_as=AuthenticationAccepted)
class ChallengeServesTwice(UserCard):
    """A challenge serves again: a recorded authentication opens the card once more."""

    def use_challenge(self) -> None:
        """Keep it."""


@mutant("card.extauth.challenge-8", caught_as=ChallengeNotRandom)
class ConstantChallenge(UserCard):
    """The challenge is a constant: every authentication can be played back."""

    def get_challenge(self, apdu: CommandApdu) -> bytes:
        """The same eight bytes each time."""
        super().get_challenge(apdu)
        self.challenge_given = bytes(range(8))
        return self.challenge_given


@mutant("card.intauth.answer", caught_as=ForgedCard)
class HalvesNotCombined(UserCard):
    """The left half of the cipher text is answered alone: the exclusive or of the halves was forgotten."""

    def internal_authenticate(self, apdu: CommandApdu) -> bytes:
        """A wrong proof of the right length."""
        return bytes(byte ^ 0x55 for byte in super().internal_authenticate(apdu))


@mutant("card.extauth.key-version", caught_as=AuthenticationAccepted)
class KeyVersionIgnored(UserCard):
    """The key version is not looked at: after a change of keys nobody knows which one was used."""

    def authentication_fields(self, apdu: CommandApdu) -> tuple[bytes, bytes]:
        """With whatever version."""
        known = CommandApdu(apdu.cla, apdu.ins, apdu.p1, apdu.p2, apdu.data[:16] + b"\x01", apdu.le)
        return super().authentication_fields(known)


@mutant("card.intauth.no-right", caught_as=ReadWithoutRight, subject="DDF1/EF06")
class InternalAuthenticationOpens(UserCard):
    """Internal authentication gives the read right: whoever asks the card who it is may read who its holder is."""

    def internal_authenticate(self, apdu: CommandApdu) -> bytes:
        """As the reference, and a right with it."""
        answer = super().internal_authenticate(apdu)
        self.authenticated.add("RK1DDF1")
        return answer
