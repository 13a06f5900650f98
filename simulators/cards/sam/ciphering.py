"""The simulated SAM's session keys: DELIVERY SESSION KEY and CIPHER DATA (APP11 5.2, 5.3, 5.7; codes as fielded)."""

from __future__ import annotations

from reference.card.apdu import CommandApdu
from reference.crypto import SM4
from reference.crypto.derivation import FACTOR, diversify_levels, session_key
from reference.crypto.keys import SecretKey
from reference.crypto.secure_messaging import MAC_LENGTH, cbc_mac
from reference.terminal.sam_session import APPLICATION, CipherMode, delivery_p1, in_order
from simulators.cards.runtime import Refused
from simulators.cards.sam.runtime import BLOCK, SamRuntime, command


class Ciphering(SamRuntime):
    """Session keys, which never leave the SAM, and what is enciphered and sealed with them."""

    @command("sam.delivery-session-key")
    def delivery_session_key(self, apdu: CommandApdu) -> bytes:
        """DELIVERY SESSION KEY: diversify the named key by the factors, derive the session key; it stays inside.

        Diversification goes from the province down to the card, in whatever order the factors stand.
        """
        self.require(self.directory == APPLICATION, "conditions-not-satisfied")
        row = next((row for row in self.standard.sam_keys.values() if row.id == apdu.p2), None)
        if row is None or row.key not in self.memory.keys:
            raise Refused("key-not-found")
        self.require(apdu.p1 == delivery_p1(self.standard, row), "wrong-parameters")
        self.require(len(apdu.data) == (row.levels + 1) * FACTOR, "wrong-length")
        factors = [apdu.data[at : at + FACTOR] for at in range(0, row.levels * FACTOR, FACTOR)]
        card_first = in_order(self.standard, factors)
        key = diversify_levels(self.memory.keys[row.key], tuple(reversed(card_first)))
        self.session = session_key(key, apdu.data[-FACTOR:])
        return b""

    @command("sam.cipher-data")
    def cipher_data(self, apdu: CommandApdu) -> bytes:
        """CIPHER DATA: encipher whole blocks, or seal them, in one command or a series; the caller pads."""
        if self.session is None:
            raise Refused("command-not-accepted")
        if apdu.p1 not in set(CipherMode):
            raise Refused("wrong-parameters")
        self.require(bool(apdu.data) and len(apdu.data) % BLOCK == 0, "wrong-length")
        mode = CipherMode(apdu.p1)
        if mode in (CipherMode.LAST_BLOCKS, CipherMode.MORE_BLOCKS):
            return self.encipher(self.session, mode, apdu.data)
        return self.seal(self.session, mode, apdu.data)

    def encipher(self, session: SecretKey, mode: CipherMode, blocks: bytes) -> bytes:
        """Blocks enciphered one by one; a series ends with its last blocks and has no MAC in between."""
        self.require(self.chained is None, "conditions-not-satisfied")
        self.enciphering = mode is CipherMode.MORE_BLOCKS
        return SM4.encrypt(session.secret_value, blocks)

    def seal(self, session: SecretKey, mode: CipherMode, data: bytes) -> bytes:
        """The MAC at the end of a series, nothing before; the first command has the start value before its blocks."""
        self.require(not self.enciphering, "conditions-not-satisfied")
        if mode in (CipherMode.SINGLE_MAC, CipherMode.FIRST_MAC):
            self.require(self.chained is None, "conditions-not-satisfied")
            self.require(len(data) > BLOCK, "wrong-length")
            start, blocks = data[:BLOCK], data[BLOCK:]
        else:
            if self.chained is None:
                raise Refused("conditions-not-satisfied")
            start, blocks = self.chained, data
        end = cbc_mac(session, blocks, start)
        if mode in (CipherMode.FIRST_MAC, CipherMode.NEXT_MAC):
            self.chained = end
            return b""
        self.chained = None
        return end[:MAC_LENGTH]
