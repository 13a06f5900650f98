"""What of a run may stand in the public evidence: everything else is replaced, and stands in the sealed part only.

By decision (no document says what a laboratory may pass on), everything is personal that `card/personal.toml` does not
name as open: records, files, enciphered records, what the SAM enciphers for them, and the texts that quote them. PINs
and keys are struck out while they are recorded (`struck`), of made-up data too, and stand nowhere.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence

import msgspec

from conformance.evidence.model import Exchange, Finding, TestResult, Verdict, Withheld
from conformance.evidence.personal_bytes import HEADER, Place, Watch, data_received
from reference.card import violations
from reference.card.violations import Violation, content
from reference.crypto import engine
from reference.crypto.sm2 import hmac_with
from reference.languages import Text, say
from reference.standard import Standard

MARK = "**"
"""Stands for one withheld byte."""
SALT_LENGTH = 32
QUOTING = frozenset({"wanted", "found"})
"""Values of a violation's texts that quote what was read, or what the sample was made with."""
QUOTING_REASONS = frozenset({Verdict.BLOCKED, Verdict.FAILED, Verdict.WARNING})
"""Verdicts whose reasons may quote an answer; that of an error may quote anything, those of all others nothing."""
WITHHELD = say("withheld: it may quote a real person's data; see the sealed part")
STATED = "*"
"""Stands for a personal value of the personalisation file, of whatever length."""


def struck(standard: Standard, channel: str, sent: bytes, received: bytes) -> tuple[str, str, tuple[Withheld, ...]]:
    """Command and answer in hexadecimal as they may be written down at all, and what is struck out of them.

    The data of a command that carries a PIN or a key are struck out, and those of its answer, which may repeat them.
    """
    sides = {"sent": sent.hex().upper(), "received": received.hex().upper()}
    secret = any(row.chip == channel and sent[1:2] == bytes((row.ins,)) for row in standard.secret_commands)
    places: list[Place] = []
    if secret and len(sent) > HEADER:
        places = [("sent", HEADER, len(sent) - HEADER), *data_received(received)]
    for side, at, length in places:
        sides[side] = _marked(sides[side], at, length)
    withheld = tuple(Withheld(side=side, at=at, length=length, why="secret") for side, at, length in places)
    return sides["sent"], sides["received"], withheld


def plain(hexadecimal: str) -> bytes:
    """Bytes as they stand in a transcript; those that are withheld count as zeros."""
    return bytes.fromhex(hexadecimal.replace(MARK, "00"))


def _marked(hexadecimal: str, at: int, length: int) -> str:
    return hexadecimal[: 2 * at] + MARK * length + hexadecimal[2 * (at + length) :]


class Redaction:
    """Redacts the evidence of one run. ``salt``: 32 random bytes, which stand in the sealed part alone.

    A digest runs over salt, place and bytes: without the salt nobody can try out all numbers that an identity card can
    have, and equal values in two places have different digests, so that nobody sees which flags are set alike.
    """

    def __init__(self, standard: Standard, salt: bytes) -> None:
        self.standard, self.salt = standard, salt
        self.open_elements = {(row.file, row.element) for row in standard.open_elements}

    def exchanges(self, test: str, exchanges: Sequence[Exchange]) -> tuple[Exchange, ...]:
        """The exchanges of a test with everything personal withheld."""
        watch = Watch(self.standard, exchanges)
        return tuple(self._exchange(f"{test}\n{number}", watch, each) for number, each in enumerate(exchanges))

    def result(self, result: TestResult, redacted: Sequence[Exchange]) -> TestResult:
        """The result with the texts withheld that may quote content; ``redacted`` are its exchanges, redacted."""
        quotes = any(part.why == "personal" for exchange in redacted for part in exchange.withheld)
        findings = tuple(_finding(finding, quotes=quotes) for finding in result.findings)
        may_quote = result.verdict is Verdict.ERROR or (quotes and result.verdict in QUOTING_REASONS)
        reason = WITHHELD if result.reason is not None and may_quote else result.reason
        withheld = quotes or (findings, reason) != (result.findings, result.reason)
        return msgspec.structs.replace(result, findings=findings, reason=reason, withheld=withheld)

    def expected(self, expected: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
        """What the sample was made with; of personal values no more than that they are stated."""
        return {
            path: {id: value if (path, id) in self.open_elements else STATED for id, value in values.items()}
            for path, values in expected.items()
        }

    def _exchange(self, place: str, watch: Watch, exchange: Exchange) -> Exchange:
        sides = {"sent": exchange.sent, "received": exchange.received}
        withheld = list(exchange.withheld)
        for side, at, length in watch.personal(exchange):
            value = bytes.fromhex(sides[side][2 * at : 2 * (at + length)])
            digest = hmac_with(engine().sm3, self.salt, f"{place}\n{side}\n{at}\n".encode() + value).hex()
            withheld.append(Withheld(side=side, at=at, length=length, why="personal", digest=digest))
            sides[side] = _marked(sides[side], at, length)
        return msgspec.structs.replace(exchange, **sides, withheld=tuple(withheld))


def _finding(finding: Finding, *, quotes: bool) -> Finding:
    """The finding without texts that quote values; those of an unknown violation are withheld whole."""
    kind = getattr(violations, finding.violation, None)
    if not (isinstance(kind, type) and issubclass(kind, Violation)):
        return msgspec.structs.replace(finding, summary=WITHHELD, expected=WITHHELD, actual=WITHHELD)
    if not quotes and kind.__module__ != content.__name__:
        return finding

    def shown(template: str, text: Text) -> Text:
        values = {value for _, value, _, _ in string.Formatter().parse(template)}
        return WITHHELD if values & QUOTING else text

    return msgspec.structs.replace(
        finding,
        summary=shown(kind.summary, finding.summary),
        expected=shown(kind.expected, finding.expected),
        actual=shown(kind.actual, finding.actual),
    )
