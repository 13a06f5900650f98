"""Cases for a platform on which test persons were made: the codes that it gave them, and wrong ones made from these.

As `load.corpus` does for the reference platform, but through the wire profile alone. Static codes hold for any number
of runs; dynamic ones are the platform's freshest, hold for minutes, and are right once. Forged codes carry a made-up
validity token, grafted ones that of another person, foreign ones a card id that nobody has. Source: decision.
"""

from __future__ import annotations

import functools
import random
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import msgspec

from load.cases import Case, Kind, check_outcomes, write_cases
from load.corpus.kinds import ELSEWHERE, IDENTIFYING, STEP
from load.provisioning import Provisioner
from reference.ecard.ids import ID_BYTES
from reference.ecard.moments import Moment
from reference.ecard.qr_text import QrLayouts, QrText, format_text, parse, qr_layouts
from reference.ecard.validity import BLOCK
from reference.ecard.verbs import Code
from reference.gateway.wire import UnsupportedVerb

TABLE = Path(__file__).with_name("foreign_reasons.toml")
WRONG: Final = ("forged", "grafted", "foreign")
ONE_WRONG_OF: Final = 5
"""One case of so many is a wrong code (decision: mostly right ones, as in life)."""
ONE_REPLAYED_OF: Final = 4
"""One dynamic code of so many is shown twice (decision)."""


class Written(msgspec.Struct, frozen=True):
    """A file of cases: how many of each kind, and when the first of its dynamic codes is over, where that is known."""

    kinds: dict[Kind, int]
    until_ms: Moment | None

    @property
    def count(self) -> int:
        """Cases in all."""
        return sum(self.kinds.values())


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: Kind
    right: tuple[str, ...]
    source: str


def write_foreign_cases(path: Path, maker: Provisioner, profile: str, count: int, seed: int) -> Written:
    """Ask for a code of every test person and write up to ``count`` cases, in an order that the seed gives.

    There are fewer where the profile issues no static codes: dynamic ones are right once. Raises WireRefusal,
    UnreadableAnswer and OSError as provisioning does, BrokenRule for a code that the profile does not read.
    """
    drawn = random.Random(seed)  # noqa: S311 - repeatable on purpose
    statics = _statics(maker)
    dynamics = list(maker.codes("dynamic"))  # last, being over soon
    right = count - count // ONE_WRONG_OF
    cases = list(islice(_once(dynamics), right // 2 if statics else right))
    cases += islice(cycle([_case("static", code.text, IDENTIFYING) for code in statics]), right - len(cases))
    cases += islice(_wrong(dynamics, qr_layouts(profile), drawn), len(cases) // (ONE_WRONG_OF - 1))
    drawn.shuffle(cases)
    write_cases(path, cases)
    until = [code.expires_ms for code in dynamics if code.expires_ms]
    return Written(dict(Counter(case.kind for case in cases)), min(until, default=None))


@functools.cache
def right_outcomes() -> dict[Kind, frozenset[str]]:
    """The outcomes that are right for a kind of case on any platform."""
    rows = msgspec.convert(tomllib.loads(TABLE.read_text(encoding="utf-8"))["reason"], list[_Row])
    return {row.kind: frozenset(row.right) for row in rows}


def _statics(maker: Provisioner) -> list[Code]:
    try:
        return list(maker.codes("static"))
    except UnsupportedVerb:
        return []


def _once(dynamics: Sequence[Code]) -> Iterator[Case]:
    """Each dynamic code once; some twice, of which one alone may be accepted."""
    for key, code in enumerate(dynamics, 1):
        if key % ONE_REPLAYED_OF:
            yield _case("dynamic", code.text, STEP, key)
        else:
            yield from [_case("replayed", code.text, STEP, key)] * 2


def _wrong(dynamics: Sequence[Code], layouts: QrLayouts, drawn: random.Random) -> Iterator[Case]:
    """Wrong codes of each kind in turn, without end; no grafted ones where none can be made. Raises BrokenRule."""
    read = [parse(code.text, layouts) for code in dynamics]
    grafts = _grafts(read)
    for kind in cycle(WRONG if grafts else [kind for kind in WRONG if kind != "grafted"]):
        spoilt = drawn.choice(grafts) if kind == "grafted" else _made_up(kind, drawn.choice(read), drawn)
        yield _case(kind, format_text(spoilt, layouts), STEP)


def _grafts(read: Sequence[QrText]) -> list[QrText]:
    """The card of each code with the token of the last one that was issued after it.

    Trap: a token says nothing but a second. Codes of the same one have the same token, and a card may have had an
    earlier code with that of another; a later second it never had.
    """
    last = read[-1].token if read else ""
    return [msgspec.structs.replace(one, token=last) for one in read if one.token != last]


def _made_up(kind: str, one: QrText, drawn: random.Random) -> QrText:
    """The code with a token, or a card id too, that nobody issued."""
    token = drawn.randbytes(BLOCK).hex().upper()
    if kind == "forged":
        return msgspec.structs.replace(one, token=token)
    card_id = drawn.randbytes(ID_BYTES).hex().upper()
    return msgspec.structs.replace(one, card_id=card_id, token=token, issuer=ELSEWHERE if one.issuer else "")


def _case(kind: Kind, text: str, step: str, key: int = 0) -> Case:
    case = Case(kind, text, right_outcomes()[kind], step, key)
    check_outcomes(case)
    return case
