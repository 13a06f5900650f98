"""Messages of the application crypto machine, both ways: requests and answers to bytes and back.

A message is two length bytes and a body; the body is a two-character code and the fields of its layout, in an
answer with two characters of error code between them. S4 is the answer to S3 and a request too: an answer can be
read only by who knows what was asked.
"""

from __future__ import annotations

import msgspec

from reference.keys.fields import Cursor, Field, UnknownCommand, Value, WrongField, WrongLength
from reference.keys.tables import Command, command, command_by_code, error_code, layout, protocol
from reference.languages import say

CODE = 2
"""Characters of a command's code and of an error code."""


class Request(msgspec.Struct, frozen=True):
    """What is asked: the command's id and those values that its layout has.

    ``version`` is a key version, ``factors`` have 16 bytes each, ``sequence`` has 4 characters.
    """

    command: str
    data: bytes = b""
    version: int = 0
    factors: tuple[bytes, ...] = ()
    sequence: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What is answered: the command's id, the error code, and without error the values of the layout."""

    command: str
    error: str = "00"
    data: bytes = b""
    check_value: str = ""
    firmware: str = ""
    mark: str = ""


def request_body(request: Request) -> bytes:
    """The body of a request. Raises MalformedMessage when a value does not fit its field."""
    asked = command(request.command)
    return asked.code.encode("ascii") + _written(layout(asked.request), msgspec.structs.asdict(request))


def request_message(request: Request) -> bytes:
    """A request as it goes over the wire. Raises MalformedMessage when a value does not fit its field."""
    return framed(request_body(request))


def read_request(body: bytes) -> Request:
    """The request that a body holds. Raises MalformedMessage, which names the place."""
    asked = asked_by(body)
    return Request(asked.id, **_read(layout(asked.request), Cursor(body, CODE)))  # type: ignore[arg-type]


def asked_by(body: bytes) -> Command:
    """The command that a body begins with. Raises UnknownCommand."""
    asked = command_by_code().get(body[:CODE])
    if asked is None:
        raise UnknownCommand(say("No command has this code."))
    return asked


def answer_body(answer: Answer) -> bytes:
    """The body of an answer; one with an error ends behind the error code. Raises MalformedMessage."""
    asked = command(answer.command)
    head = asked.answer.encode("ascii") + answer.error.encode("ascii")
    if answer.error != error_code("done"):
        return head
    return head + _written(layout(asked.answered), msgspec.structs.asdict(answer))


def read_answer(body: bytes, asked: str) -> Answer:
    """The answer to the command with the id ``asked`` that a body holds. Raises MalformedMessage."""
    answered, error = body[:CODE], body[CODE : 2 * CODE]
    if answered != command(asked).answer.encode("ascii"):
        raise WrongField(
            say("The answer to {code} begins with {answer}.", code=command(asked).code, answer=command(asked).answer)
        )
    if len(error) < CODE or not (error.isascii() and error.isalnum()):
        raise WrongField(say("An error code of two characters must follow the code of the answer."))
    if error != error_code("done").encode("ascii"):
        return Answer(asked, error.decode("ascii"))
    values = _read(layout(command(asked).answered), Cursor(body, 2 * CODE))
    return Answer(asked, **values)  # type: ignore[arg-type]


def framed(body: bytes) -> bytes:
    """The message with a body. Raises WrongLength when the body is longer than a message may be."""
    frame = protocol().frame
    if len(body) > frame.longest:
        raise WrongLength(
            say("A message has at most {longest} bytes, not {count}.", longest=frame.longest, count=len(body))
        )
    return len(body).to_bytes(frame.length_bytes, "big") + body


def announced(head: bytes) -> int:
    """The length that the first bytes of a message announce. Raises WrongLength when no message has it."""
    count, longest = int.from_bytes(head, "big"), protocol().frame.longest
    if not CODE <= count <= longest:
        raise WrongLength(
            say(
                "A message has {shortest} to {longest} bytes, not {count}.", shortest=CODE, longest=longest, count=count
            )
        )
    return count


def _written(fields: tuple[Field, ...], values: dict[str, Value]) -> bytes:
    return b"".join(field.write(values) for field in fields)


def _read(fields: tuple[Field, ...], cursor: Cursor) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for field in fields:
        values |= field.read(cursor)
    cursor.end()
    return values
