"""A terminal's view of its SAM: the SAM derives session keys inside and enciphers or seals with them.

Follows APP11 5.2, 5.3, 5.7 and API13; the forms of the commands are those of fielded terminals.
"""

from __future__ import annotations

from reference.card.apdu import ResponseApdu
from reference.terminal.chip_session import ChipSession

APPLICATION = "DF01"
MASTER = "3F00"
LEVELS_SHIFT = 5
ENCIPHER_LAST_BLOCK = 0x00
SINGLE_MAC = 0x05
MAC_START = bytes(16)


class SamRefuses(Exception):
    """The SAM does not do what the terminal needs: says for which key and with which answer."""

    def __init__(self, purpose: str, answer: ResponseApdu) -> None:
        super().__init__(f"{purpose}: {answer.describe()}")
        self.purpose, self.answer = purpose, answer


class SamSession(ChipSession):
    """The SAM in the terminal's slot."""

    kind = "sam"

    def open(self) -> None:
        """SELECT the SAM's application. Raises SamRefuses."""
        self._need("SELECT DF01", self.send("select", data=bytes.fromhex(APPLICATION)))

    def verify_pin(self, pin: bytes) -> ResponseApdu:
        """VERIFY the PIN at the MF, then select the application again."""
        self._need("SELECT 3F00", self.send("select", data=bytes.fromhex(MASTER)))
        answer = self.send("verify-pin", data=pin)
        self.open()
        return answer

    def challenge(self) -> bytes:
        """Eight random bytes of the SAM, for internal authentication. Raises SamRefuses."""
        return self._need("GET CHALLENGE", self.send("get-challenge", le=self.standard.limit("challenge-length"))).data

    def deliver(self, key: str, card_factor: bytes, province_factor: bytes, random: bytes) -> None:
        """DELIVERY SESSION KEY: derive the card's key and from it the session key for ``random``.

        Factors stand in the order card, province; as many as the key has levels. Raises SamRefuses.
        """
        row = self.standard.sam_keys[key]
        factors = (card_factor, province_factor)[: row.levels]
        self._need(
            f"DELIVERY SESSION KEY {key}",
            self.send(
                "delivery-session-key",
                p1=row.levels << LEVELS_SHIFT | row.type,
                p2=row.id,
                data=b"".join(factors) + random,
            ),
        )

    def encipher(self, blocks: bytes) -> bytes:
        """CIPHER DATA: encipher whole blocks under the session key. Raises SamRefuses."""
        return self._need("CIPHER DATA", self.send("cipher-data", p1=ENCIPHER_LAST_BLOCK, data=blocks)).data

    def mac(self, blocks: bytes) -> bytes:
        """CIPHER DATA: the four byte MAC over padded blocks under the session key. Raises SamRefuses."""
        return self._need("CIPHER DATA (MAC)", self.send("cipher-data", p1=SINGLE_MAC, data=MAC_START + blocks)).data

    def _need(self, purpose: str, answer: ResponseApdu) -> ResponseApdu:
        if answer.sw != 0x9000:
            raise SamRefuses(purpose, answer)
        return answer
