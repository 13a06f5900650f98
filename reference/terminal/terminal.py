"""The reference terminal: a user card and a SAM together, and the flows between them.

Follows APP11 5.1 to 5.3 (general flow, internal and external authentication), 5.7 (maintenance rule) and 6.1 to 6.3.
A flow that cannot go on raises FlowBroken with the violation that stopped it; what that means for a verdict is for
the caller to say.
"""

from __future__ import annotations

from reference.card.access import key_of_role
from reference.card.apdu import ResponseApdu
from reference.card.reset_answer import MalformedReset, historical_bytes
from reference.card.violations import (
    AuthenticationRefused,
    ChallengeNotRandom,
    FileMissing,
    ReadRefused,
    Violation,
    WrongCoding,
    WrongRecord,
    WrongResetAnswer,
)
from reference.crypto.derivation import card_factor, province_factor
from reference.crypto.secure_messaging import MAC_LENGTH, length_then_pad, pad80
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import KeyRole
from reference.terminal.card_session import BY_NUMBER, PREVIOUS_RECORD, SECURED, CardSession
from reference.terminal.sam_session import SamSession

ISSUER_FILE = "DDF1/EF05"
CITY_CODE = "city-code"
ORIGINAL = bytes.fromhex("1122334455667788")
"""Original information of the authentication, as in APP11 5.2's example and fielded terminals."""
KEY_VERSION = b"\x01"
OK = 0x9000


class FlowBroken(Exception):
    """A flow could not go on: holds the violation that stopped it."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(str(violation))
        self.violation = violation


class Terminal:
    """A user card and a SAM in one terminal."""

    def __init__(self, card: CardSession, sam: SamSession) -> None:
        self.card = card
        self.sam = sam
        self.historical = b""
        self.card_factor = b""
        self.province_factor = b""

    @property
    def standard(self) -> Standard:
        """The standard that the terminal works by."""
        return self.card.standard

    def start(self) -> None:
        """Reset both chips, open the SAM and learn the card's diversification factors.

        The card factor comes from the reset answer, the province factor from the application city code, which is
        read freely (APP11 table 4-1; fielded practice).
        """
        answer = self.card.reset()
        try:
            self.historical = historical_bytes(answer)
            self.card_factor = card_factor(self.historical)
        except (MalformedReset, ValueError) as fault:
            raise FlowBroken(
                WrongResetAnswer(
                    answer.hex(" ").upper(),
                    wanted=say("thirteen historical bytes"),
                    found=fault.reason if isinstance(fault, MalformedReset) else say("{fault}", fault=fault),
                )
            ) from fault
        self.sam.reset()
        self.sam.open()
        self._learn_province()

    def _learn_province(self) -> None:
        """Read the application city code, which gives the province factor. Raises FlowBroken."""
        city = self.standard.element(ISSUER_FILE, CITY_CODE)
        place = f"{ISSUER_FILE} {city.tag}"
        self.select(ISSUER_FILE)
        record = self.card.read_record_tagged(city.tag or 0)
        if record.sw != OK or len(record.data) != city.length + 2:
            raise FlowBroken(ReadRefused(place, condition=say("free to read"), answer=record.describe()))
        found = say("{hex}", hex=record.data.hex(" ").upper())
        if record.data[:2] != bytes((city.tag or 0, city.length)):
            wanted = say("tag {tag:02X}, length {length:02X}, {length} bytes", tag=city.tag, length=city.length)
            raise FlowBroken(WrongRecord(place, wanted=wanted, found=found))
        try:
            self.province_factor = province_factor(record.data[2:])
        except ValueError as fault:
            raise FlowBroken(WrongCoding(place, type=city.type, wanted=say("six digits"), found=found)) from fault

    def select(self, path: str) -> None:
        """Select a file or directory from the MF down. Raises FlowBroken(FileMissing)."""
        answer = self.card.select(path)
        if answer.sw != OK:
            raise FlowBroken(FileMissing(path or "MF", answer=answer.describe()))

    def challenge(self) -> bytes:
        """Eight random bytes of the card. Raises FlowBroken(ChallengeNotRandom)."""
        answer = self.card.challenge()
        length = self.standard.limit("challenge-length")
        if answer.sw != OK or len(answer.data) != length:
            raise FlowBroken(
                ChallengeNotRandom(
                    "GET CHALLENGE",
                    wanted=say("{length} random bytes and 9000", length=length),
                    found=answer.describe(),
                )
            )
        return answer.data

    def authentication_data(self, key: str, random: bytes, original: bytes = ORIGINAL) -> bytes:
        """The eight bytes that prove knowledge of ``key`` for ``random`` (APP11 5.2, 5.3)."""
        self.sam.deliver(key, self.card_factor, self.province_factor, random)
        block = self.sam.encipher(original + bytes(len(original)))
        half = len(block) // 2
        return bytes(left ^ right for left, right in zip(block[:half], block[half:], strict=True))

    def authentication_command_data(self, key: str, random: bytes) -> bytes:
        """Command data of EXTERNAL AUTHENTICATE: proof, original information, key version (APP11 5.3.1 (7))."""
        return self.authentication_data(key, random) + ORIGINAL + KEY_VERSION

    def try_external_authentication(self, key: str, *, reference: int | None = None) -> ResponseApdu:
        """External authentication with ``key`` in the current directory; the card's answer, whatever it is."""
        p2 = self.standard.keys[key].reference if reference is None else reference
        assert p2 is not None, f"{key} is no key for authentication"
        return self.card.external_authenticate(p2, self.authentication_command_data(key, self.challenge()))

    def authenticate(self, key: str) -> None:
        """External authentication that must succeed. Raises FlowBroken(AuthenticationRefused)."""
        answer = self.try_external_authentication(key)
        if answer.sw != OK:
            raise FlowBroken(AuthenticationRefused(key, answer=answer.describe()))

    def internal_authentication(self, random: bytes) -> tuple[ResponseApdu, bytes]:
        """Internal authentication for ``random``: the card's answer, and the eight bytes of a genuine card."""
        key = key_of_role(self.standard, "DDF1", KeyRole.INTERNAL)
        assert key is not None
        answer = self.card.internal_authenticate(key.reference or 0, random + ORIGINAL + KEY_VERSION)
        return answer, self.authentication_data(key.id, random)

    def secured_data(
        self,
        directory: str,
        header: bytes,
        plain: bytes,
        *,
        cipher_key: str = "",
        mac_key: str = "",
        random: bytes | None = None,
    ) -> bytes:
        """Cipher text and MAC of a secured update in ``directory``, for a fresh challenge of the card.

        ``header`` is CLA INS P1 P2. The key of both is the directory's maintenance key unless others are named.
        The session key is delivered twice with the same challenge, for cipher text and MAC, as fielded.
        """
        random = self.challenge() if random is None else random
        key = cipher_key or self.maintenance_key(directory)
        self.sam.deliver(key, self.card_factor, self.province_factor, random)
        cipher = self.sam.encipher(length_then_pad(plain))
        return cipher + self.command_mac(directory, header, cipher, mac_key=mac_key, random=random)

    def command_mac(
        self, directory: str, header: bytes, data: bytes = b"", *, mac_key: str = "", random: bytes | None = None
    ) -> bytes:
        """The MAC over CLA INS P1 P2, Lc (which counts the MAC) and the data (APP11 5.4 to 5.7, 6.4).

        The key is the directory's maintenance key unless another is named; it serves for a fresh challenge of the
        card, or for ``random``.
        """
        random = self.challenge() if random is None else random
        self.sam.deliver(mac_key or self.maintenance_key(directory), self.card_factor, self.province_factor, random)
        return self.sam.mac(pad80(header + bytes((len(data) + MAC_LENGTH,)) + data))

    def protected(self, command: str, directory: str, *, p1: int = 0, p2: int = 0) -> ResponseApdu:
        """A command protected by a MAC alone: WRITE RECORD, ERASE RECORD, the locks; the card's answer."""
        row = self.standard.commands[f"card.{command}"]
        mac = self.command_mac(directory, bytes((row.cla, row.ins, p1, p2)))
        return self.card.send(command, p1=p1, p2=p2, data=mac)

    def maintenance_key(self, directory: str) -> str:
        """The key that protects updates in a directory (REV2 table 10-2)."""
        key = key_of_role(self.standard, directory, KeyRole.MAINTENANCE)
        assert key is not None, f"{directory} has no maintenance key"
        return key.id

    def update_record(self, directory: str, number: int, record: bytes) -> ResponseApdu:
        """Secured UPDATE RECORD of the selected file (REV2 item 24); the card's answer."""
        data = self.secured_data(directory, self.update_header(number, BY_NUMBER), record)
        return self.card.update_record(number, data, cla=SECURED)

    def push_record(self, directory: str, record: bytes) -> ResponseApdu:
        """Secured UPDATE RECORD "previous" of the selected cyclic file; the card's answer."""
        data = self.secured_data(directory, self.update_header(0, PREVIOUS_RECORD), record)
        return self.card.push_record(data, cla=SECURED)

    def update_header(self, p1: int, p2: int) -> bytes:
        """CLA INS P1 P2 of the secured UPDATE RECORD, over which the MAC runs."""
        return bytes((SECURED, self.standard.commands["card.update-record"].ins, p1, p2))
