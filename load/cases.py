"""What a load test asks: one code to verify each, with the outcomes that are right for it at any time of the run.

A corpus is a flat file of such cases in the order of the schedule, so that ten million of them are read as a stream by
every generator without being held in memory. Source: decision (correctness under load).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal, get_args

import msgspec

from reference.languages import Text, say
from reference.qr.use_log import ACCEPTED
from reference.standard.ecard.refusals import refusals

Kind = Literal["dynamic", "static", "forged", "grafted", "expired", "replayed", "superseded", "cancelled", "foreign"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

MAGIC: Final = b"healthcard cases 1\n"
"""With which a file of cases begins."""

_LENGTH = struct.Struct("<I")


class Case(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One code to verify.

    ``expected`` holds every outcome that is right at some moment of the run: `ACCEPTED` or ids of `refusals.toml`.
    ``step`` is the diagnosis step told to the platform, empty for none. ``code_key`` is the same positive number in
    all cases that carry one and the same single-use code, and 0 where the code has no such limit: of all answers with
    one key at most one is an acceptance.
    """

    kind: Kind
    text: str
    expected: frozenset[str]
    step: str = ""
    code_key: int = 0

    def may_be_accepted(self) -> bool:
        """Whether there is a moment at which the platform rightly accepts the code."""
        return ACCEPTED in self.expected

    def __repr__(self) -> str:
        return f"«Case {self.kind}»"


class UnreadableCases(Exception):
    """A file that holds no cases, or is cut short; ``text`` names it, the reason and the next step."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def check_outcomes(case: Case) -> None:
    """Raise UnreadableCases for a case that expects nothing, or an outcome that nobody gives."""
    unknown = sorted(case.expected - {ACCEPTED} - set(refusals()))
    if unknown or not case.expected:
        raise UnreadableCases(
            say(
                "A case of the kind {kind} expects {outcome}, which no platform answers: name 'accepted' or ids of "
                "refusals.toml.",
                kind=case.kind,
                outcome=", ".join(unknown) or "-",
            )
        )


def write_cases(path: Path, cases: Iterable[Case]) -> int:
    """Write a file of cases; the number of cases written. Each is its length in 4 bytes, then MessagePack."""
    encode = msgspec.msgpack.Encoder(order="deterministic").encode
    count = 0
    with path.open("wb") as file:
        file.write(MAGIC)
        for case in cases:
            encoded = encode(case)
            file.write(_LENGTH.pack(len(encoded)) + encoded)
            count += 1
    return count


def read_cases(path: Path, first: int = 0, stride: int = 1) -> Iterator[Case]:
    """Every ``stride``-th case of a file, from number ``first`` on (from 0), in the order of the file.

    Generator ``first`` of ``stride`` generators gets its own cases this way; the others' are skipped unread.
    Raises UnreadableCases when the file is none of cases, or is cut short.
    """
    decode = msgspec.msgpack.Decoder(Case).decode
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise UnreadableCases(say("{file} is no file of cases: make one anew.", file=path))
        number = 0
        while head := file.read(_LENGTH.size):
            length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else -1
            encoded = file.read(max(length, 0))
            if len(encoded) != length:
                raise UnreadableCases(
                    say("{file} is cut short after {count} cases: make it anew.", file=path, count=number)
                )
            if number % stride == first:
                try:
                    yield decode(encoded)
                except msgspec.DecodeError as error:
                    raise UnreadableCases(
                        say("{file}, case {number}: {reason}", file=path, number=number + 1, reason=str(error))
                    ) from None
            number += 1
