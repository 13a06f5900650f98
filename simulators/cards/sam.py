"""The simulated SAM: holds the upper keys, derives session keys inside, enciphers and seals with them.

Follows APP11 5.2, 5.3, 5.7 and API13 for what it does, fielded terminals for the form of the commands. It answers as a
T=0 card: data announced by 61xx are fetched with GET RESPONSE.
"""

from __future__ import annotations

import hmac

from reference.card.apdu import OK, CommandApdu, MalformedApdu, ResponseApdu
from reference.card.reset_answer import build
from reference.crypto import SM4, SecretKey
from reference.crypto.derivation import diversify_levels, session_key
from reference.crypto.secure_messaging import MAC_LENGTH, cbc_mac
from reference.ports import Randomness
from reference.standard import Standard
from reference.terminal.sam_session import APPLICATION, ENCIPHER_LAST_BLOCK, LEVELS_SHIFT, MASTER, SINGLE_MAC
from simulators.cards.image import SamImage
from simulators.cards.user_card import Refused

BLOCK = 16
FACTOR = 8
TYPE_MASK = 0x1F


class SamCard:
    """A SAM: a Chip (reference.ports). The PIN counter survives resets, session key and PIN status do not."""

    def __init__(
        self, standard: Standard, image: SamImage, randomness: Randomness, interface: str = "sam-contact-t0"
    ) -> None:
        self.standard = standard
        self.memory = image
        self.randomness = randomness
        self.interface = standard.interfaces[interface]
        self.pin_tries_left = standard.limit("sam-pin-tries")
        self.by_instruction = {
            standard.commands[f"sam.{name}"].ins: (standard.commands[f"sam.{name}"], name.replace("-", "_"))
            for name in (
                "select",
                "verify-pin",
                "get-challenge",
                "delivery-session-key",
                "cipher-data",
                "get-response",
                "read-binary",
            )
        }
        self._begin_session()

    def reset(self) -> bytes:
        """Reset: the MF is selected, session key and PIN status are gone."""
        self._begin_session()
        return build(bytes.fromhex(self.interface.reset), self.memory.historical, check=self.interface.check)

    def _begin_session(self) -> None:
        self.directory = MASTER
        self.file: str | None = None
        self.session: SecretKey | None = None
        self.pin_verified = False
        self.waiting = b""

    def transmit(self, command: bytes) -> bytes:
        """Execute one command APDU; every malformed or refused one gets its status word."""
        try:
            apdu = CommandApdu.parse(command)
            data = self.execute(apdu)
        except MalformedApdu:
            return ResponseApdu(b"", self.standard.sw("wrong-length")).encode()
        except Refused as refusal:
            return ResponseApdu(refusal.data, self.standard.sw(refusal.status) | (refusal.low or 0)).encode()
        if data and apdu.data:
            self.waiting = data
            return ResponseApdu(b"", 0x6100 | len(data)).encode()
        return ResponseApdu(data, OK).encode()

    def execute(self, apdu: CommandApdu) -> bytes:
        """Find the command's handler, hold the command against its row of the table, and run it."""
        if apdu.ins not in self.by_instruction:
            raise Refused("instruction-not-supported")
        row, method = self.by_instruction[apdu.ins]
        if apdu.cla != row.cla:
            raise Refused("class-not-supported")
        if row.p1 not in (None, apdu.p1) or row.p2 not in (None, apdu.p2):
            raise Refused("wrong-parameters")
        if row.lc not in (None, len(apdu.data)):
            raise Refused("wrong-length")
        if method != "get_response":
            self.waiting = b""
        data: bytes = getattr(self, method)(apdu)
        return data

    def select(self, apdu: CommandApdu) -> bytes:
        """SELECT the MF, the application, or a file of the current one."""
        fid = apdu.data.hex().upper()
        if fid in (MASTER, APPLICATION):
            self.directory, self.file = fid, None
            return b""
        path = fid if self.directory == MASTER else f"{self.directory}/{fid}"
        if path not in self.memory.files:
            raise Refused("file-not-found")
        self.file = path
        return b""

    def read_binary(self, apdu: CommandApdu) -> bytes:
        """READ BINARY of the selected file; the SAM's files are free to read."""
        if self.file is None:
            raise Refused("no-current-file")
        content, offset = self.memory.files[self.file], apdu.p1 << 8 | apdu.p2
        if offset >= len(content):
            raise Refused("wrong-offset")
        return content[offset:][: apdu.le or 256]

    def verify_pin(self, apdu: CommandApdu) -> bytes:
        """VERIFY: at the MF; after too many wrong tries the PIN is blocked."""
        if not self.pin_tries_left:
            raise Refused("authentication-blocked")
        if not hmac.compare_digest(apdu.data, self.memory.pin):
            self.pin_tries_left -= 1
            raise Refused("authentication-failed", low=self.pin_tries_left)
        self.pin_tries_left = self.standard.limit("sam-pin-tries")
        self.pin_verified = True
        return b""

    def get_challenge(self, apdu: CommandApdu) -> bytes:
        """GET CHALLENGE: eight random bytes (APP11 5.2.1 (1))."""
        length = self.standard.limit("challenge-length")
        if apdu.le != length:
            raise Refused("wrong-length")
        return self.randomness.bytes(length)

    def delivery_session_key(self, apdu: CommandApdu) -> bytes:
        """DELIVERY SESSION KEY: diversify the named key by the factors, derive the session key; it stays inside.

        The factors stand card first, then province; diversification goes from the province down to the card.
        """
        if self.directory != APPLICATION:
            raise Refused("conditions-not-satisfied")
        row = next((row for row in self.standard.sam_keys.values() if row.id == apdu.p2), None)
        if row is None or row.key not in self.memory.keys:
            raise Refused("key-not-found")
        if apdu.p1 != row.levels << LEVELS_SHIFT | row.type & TYPE_MASK:
            raise Refused("wrong-parameters")
        if len(apdu.data) != (row.levels + 1) * FACTOR:
            raise Refused("wrong-length")
        factors = [apdu.data[at : at + FACTOR] for at in range(0, row.levels * FACTOR, FACTOR)]
        key = diversify_levels(self.memory.keys[row.key], tuple(reversed(factors)))
        self.session = session_key(key, apdu.data[-FACTOR:])
        return b""

    def cipher_data(self, apdu: CommandApdu) -> bytes:
        """CIPHER DATA: encipher whole blocks, or seal them; the caller pads."""
        if self.session is None:
            raise Refused("command-not-accepted")
        if not apdu.data or len(apdu.data) % BLOCK:
            raise Refused("wrong-length")
        if apdu.p1 == ENCIPHER_LAST_BLOCK:
            return SM4.encrypt(self.session.secret_value, apdu.data)
        if apdu.p1 == SINGLE_MAC and len(apdu.data) > BLOCK:
            start, blocks = apdu.data[:BLOCK], apdu.data[BLOCK:]
            return cbc_mac(self.session, blocks, start)[:MAC_LENGTH]
        raise Refused("wrong-parameters")

    def get_response(self, apdu: CommandApdu) -> bytes:
        """GET RESPONSE: the data announced by 61xx."""
        if not self.waiting:
            raise Refused("conditions-not-satisfied")
        if apdu.le not in (0, len(self.waiting)):
            raise Refused("wrong-le", low=len(self.waiting))
        data, self.waiting = self.waiting, b""
        return data
