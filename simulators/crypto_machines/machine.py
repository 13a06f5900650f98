"""A simulated crypto machine: a request's body in, the answer's message out.

The fielded stand-in answers garbage with nothing; this one answers with an error code wherever the command can be
told, and hangs up where it cannot (decision).
"""

from __future__ import annotations

import msgspec

from reference.keys.fields import MalformedMessage
from reference.keys.messages import CODE, Answer, Request, answer_body, asked_by, framed, read_request
from reference.keys.tables import error_code
from reference.ports import CryptoMachine, CryptoMachineRefused, Randomness

MARK_BYTES = 8


class Reply(msgspec.Struct, frozen=True):
    """What goes back to the caller, and whether the connection ends behind it."""

    message: bytes = b""
    hang_up: bool = False


class SimulatedMachine:
    """A machine that does as the protocol says, over any `CryptoMachine`; for any number of threads."""

    def __init__(self, inside: CryptoMachine, randomness: Randomness) -> None:
        """``randomness`` draws the 16 characters that answer a heartbeat."""
        self.inside, self.randomness = inside, randomness

    def reply(self, body: bytes) -> Reply:
        """The reply to a request's body."""
        try:
            asked = asked_by(body)
        except MalformedMessage as mistake:
            message = answer_to_unknown(body, mistake.error)
            return Reply(message, hang_up=not message)
        return Reply(framed(answer_body(self.answer(asked.id, body))))

    def answer(self, command: str, body: bytes) -> Answer:
        """The answer to a body that asks for a command."""
        try:
            return self.done(read_request(body))
        except MalformedMessage as mistake:
            return Answer(command, error_code(mistake.error))
        except CryptoMachineRefused as refused:
            return Answer(command, refused.code)

    def done(self, request: Request) -> Answer:
        """The answer to a well-formed request. Raises CryptoMachineRefused."""
        match request.command:
            case "device":
                shown = self.inside.device()
                return Answer("device", check_value=shown.check_value, firmware=shown.firmware)
            case "heartbeat":
                self.inside.heartbeat()
                return Answer("heartbeat", mark=self.randomness.bytes(MARK_BYTES).hex())
            case "digest":
                return Answer("digest", data=self.inside.digest(request.data))
            case "encrypt":
                return Answer("encrypt", data=self.inside.encrypt(request.data, request.factors, request.version))
            case _:
                return Answer("decrypt", data=self.inside.decrypt(request.data, request.factors, request.version))


def answer_to_unknown(body: bytes, error: str) -> bytes:
    """The message that answers an unknown code: the code with its last character moved on by one, and the error.

    Nothing for codes that have no such answer.
    """
    if len(body) < CODE:
        return b""
    code = body[:1] + bytes([(body[1] + 1) % 256])
    return framed(code + error_code(error).encode("ascii")) if code.isalnum() else b""
