"""A terminal's view of its SAM: the SAM derives session keys inside, enciphers, seals and signs with what it holds.

Follows APP11 5.2, 5.3, 5.7, 7.1 and API13; the forms of the commands are those of fielded terminals, those of DATA
COMPRESS and DIGITAL SIGNATURES ours (`standard/sam/commands.toml`).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from reference.card.apdu import ResponseApdu
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import SamKey
from reference.terminal.chip_session import ChipSession
from reference.terminal.endings import WrongPin

APPLICATION = "DF01"
MASTER = "3F00"
LEVELS_SHIFT = 5
PIN_SEPARATOR = b"\xff"
"""Stands between the old and the new PIN of CHANGE PIN."""
MAC_START = bytes(16)
GROUP = 0x80
"""Bytes that the terminal hands over with one DATA COMPRESS."""
OK = 0x9000


class CipherMode(IntEnum):
    """P1 of CIPHER DATA, as fielded: bit 1 MAC, bit 2 more to come, bit 3 with the start value in front."""

    LAST_BLOCKS = 0x00
    MORE_BLOCKS = 0x02
    LAST_MAC = 0x01
    NEXT_MAC = 0x03
    SINGLE_MAC = 0x05
    FIRST_MAC = 0x07


class CompressMode(IntEnum):
    """P1 of DATA COMPRESS, by decision after CIPHER DATA: the last group, or more to come."""

    LAST_GROUP = 0x00
    MORE_GROUPS = 0x02


def delivery_p1(standard: Standard, key: SamKey) -> int:
    """P1 of DELIVERY SESSION KEY: levels of diversification and type of the key (switch ``delivery-p1``)."""
    levels = key.levels if standard.switch("delivery-p1") == "follows-levels" else key.fielded_levels
    return levels << LEVELS_SHIFT | key.type


def in_order(standard: Standard, factors: Sequence[bytes]) -> Sequence[bytes]:
    """Factors given as card, province, as DELIVERY SESSION KEY has them (switch ``factor-order``); and back again."""
    return factors if standard.switch("factor-order") == "card-province-random" else factors[::-1]


class SamRefuses(Exception):
    """The SAM does not do what the terminal needs: says for which key and with which answer."""

    def __init__(self, purpose: str, answer: ResponseApdu) -> None:
        super().__init__(f"{purpose}: {answer.describe()}")
        self.purpose, self.answer = purpose, answer
        self.text = say("The SAM refuses {purpose}: {answer}.", purpose=purpose, answer=answer.describe())


class SamSession(ChipSession):
    """The SAM in the terminal's slot."""

    kind = "sam"

    def open(self) -> None:
        """SELECT the SAM's application. Raises SamRefuses."""
        self._select(APPLICATION)

    def read_file(self, path: str) -> bytes:
        """The whole of one of the SAM's files (`standard/sam/files.toml`); ends in DF01. Raises SamRefuses."""
        row = self.standard.sam_files[path]
        self._select(APPLICATION if path.startswith(APPLICATION) else MASTER)
        self._select(row.fid)
        content = self._need(f"READ BINARY {row.fid}", self.send("read-binary", p1=0, p2=0, le=row.size)).data
        self.open()
        return content

    def field(self, path: str, name: str) -> bytes:
        """One field of one of the SAM's files. Raises SamRefuses."""
        offset, length = next((at, size) for found, at, size in self.standard.sam_files[path].fields if found == name)
        return self.read_file(path)[offset : offset + length]

    def verify_pin(self, pin: bytes) -> ResponseApdu:
        """VERIFY the PIN at the MF, then select the application again."""
        self._select(MASTER)
        answer = self.send("verify-pin", data=pin)
        self.open()
        return answer

    def need_pin(self, pin: bytes) -> None:
        """VERIFY the PIN, which must be right. Raises WrongPin, which says how many tries are left."""
        answer = self.verify_pin(pin)
        if answer.sw != OK:
            counted = answer.sw >> 4 == self.standard.sw("authentication-failed") >> 4
            raise WrongPin(answer.describe(), tries=answer.sw & 0x0F if counted else None)

    def change_pin(self, old: bytes, new: bytes) -> ResponseApdu:
        """CHANGE PIN in the application."""
        return self.send("change-pin", data=old + PIN_SEPARATOR + new)

    def challenge(self) -> bytes:
        """Eight random bytes of the SAM, for internal authentication. Raises SamRefuses."""
        return self._need("GET CHALLENGE", self.send("get-challenge", le=self.standard.limit("challenge-length"))).data

    def deliver(self, key: str, card_factor: bytes, province_factor: bytes, random: bytes) -> None:
        """DELIVERY SESSION KEY: derive the card's key and from it the session key for ``random``.

        As many factors as the key has levels, in the order of the profile. Raises SamRefuses.
        """
        row = self.standard.sam_keys[key]
        factors = in_order(self.standard, (card_factor, province_factor)[: row.levels])
        self._need(
            f"DELIVERY SESSION KEY {key}",
            self.send(
                "delivery-session-key",
                p1=delivery_p1(self.standard, row),
                p2=row.id,
                data=b"".join(factors) + random,
            ),
        )

    def encipher(self, blocks: bytes) -> bytes:
        """CIPHER DATA: encipher whole blocks under the session key. Raises SamRefuses."""
        answer = self.send("cipher-data", p1=CipherMode.LAST_BLOCKS, data=blocks)
        return self._need("CIPHER DATA", answer, length=len(blocks)).data

    def mac(self, blocks: bytes) -> bytes:
        """CIPHER DATA: the four byte MAC over padded blocks under the session key. Raises SamRefuses."""
        answer = self.send("cipher-data", p1=CipherMode.SINGLE_MAC, data=MAC_START + blocks)
        return self._need("CIPHER DATA (MAC)", answer).data

    def compress(self, data: bytes) -> bytes:
        """DATA COMPRESS in groups: the 32-byte digest of the data (APP11 7.1.3 (2), (3)). Raises SamRefuses."""
        groups = [data[at : at + GROUP] for at in range(0, len(data), GROUP)]
        for group in groups[:-1]:
            self._need("DATA COMPRESS", self.send("data-compress", p1=CompressMode.MORE_GROUPS, data=group))
        last = self.send("data-compress", p1=CompressMode.LAST_GROUP, data=groups[-1])
        return self._need("DATA COMPRESS", last, length=self.standard.limit("hash-length")).data

    def sign(self, digest: bytes) -> bytes:
        """DIGITAL SIGNATURES: r ‖ s over a digest; the PIN must have been verified. Raises SamRefuses."""
        answer = self.send("digital-signatures", data=digest)
        return self._need("DIGITAL SIGNATURES", answer, length=self.standard.limit("signature-length")).data

    def _select(self, fid: str) -> None:
        self._need(f"SELECT {fid}", self.send("select", data=bytes.fromhex(fid)))

    def _need(self, purpose: str, answer: ResponseApdu, *, length: int | None = None) -> ResponseApdu:
        if answer.sw != OK or length not in (None, len(answer.data)):
            raise SamRefuses(purpose, answer)
        return answer
