"""The simulated SAM's digests and signatures: DATA COMPRESS and DIGITAL SIGNATURES (APP11 7.1.3, API13).

The codes of both commands are ours (`standard/sam/commands.toml`). What is signed is the 32-byte digest as a message:
SM2 over SM3(Z ‖ digest) with the default user id, also by decision.
"""

from __future__ import annotations

from reference.card.apdu import CommandApdu
from reference.crypto import engine
from reference.terminal.sam_session import APPLICATION, CompressMode
from simulators.cards.sam.runtime import SamRuntime, command


class Signing(SamRuntime):
    """The SAM's own SM2 key at work."""

    @command("sam.data-compress")
    def data_compress(self, apdu: CommandApdu) -> bytes:
        """DATA COMPRESS: take one more group; the last one is answered with the digest of all (APP11 7.1.3 (3))."""
        self.require(self.directory == APPLICATION, "conditions-not-satisfied")
        self.require(apdu.p1 in set(CompressMode), "wrong-parameters")
        self.require(bool(apdu.data), "wrong-length")
        self.collected += apdu.data
        if apdu.p1 == CompressMode.MORE_GROUPS:
            return b""
        data, self.collected = self.collected, b""
        return engine().sm3(data)

    @command("sam.digital-signatures")
    def digital_signatures(self, apdu: CommandApdu) -> bytes:
        """DIGITAL SIGNATURES: r ‖ s over a digest; the PIN must have been verified (APP11 7.1.3 (4), API13)."""
        self.require(self.directory == APPLICATION, "conditions-not-satisfied")
        self.require(self.pin_verified, "security-status-not-satisfied")
        return self.memory.signing_key.sign(apdu.data)
