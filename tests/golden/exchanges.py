"""Reads golden exchanges and plays them against chips; takes nothing from the standard's tables.

An exchange is a TOML file of steps ``{ to, send, answer }`` in hexadecimal. An answer may capture bytes
(``<challenge:8>``: eight bytes under this name) or ask for captured ones again (``<challenge>``);
alternatives stand with ``|`` between them. A command splices captured bytes in (``<challenge>``, or
``<left^right>`` for their exclusive or); all else is sent as written. ``{ include = "name" }`` plays the
steps of ``parts/name.toml``. ``not_yet = "COMMAND"`` says what the simulators still lack for the exchange.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reference.ports import Chip

HERE = Path(__file__).parent
SPLICE = re.compile(r"<(\w+)(?:\^(\w+))?>")
CAPTURE = re.compile(r"<(\w+):(\d+)>")


class Mismatch(AssertionError):
    """A chip answered something else: says in which step."""


def read(path: Path) -> dict[str, Any]:
    """One file as it is written."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def steps(path: Path) -> Iterator[dict[str, str]]:
    """The steps of a file, those of its parts included."""
    for step in read(path)["steps"]:
        if "include" in step:
            yield from steps(HERE / "fielded" / "parts" / f"{step['include']}.toml")
        else:
            yield step


def play(path: Path, chips: Mapping[str, Chip]) -> int:
    """Play a file against ``card`` and ``sam``; the number of steps played. Raises Mismatch."""
    captured: dict[str, str] = {}
    count = 0
    for count, step in enumerate(steps(path), 1):
        chip, sent = chips[step["to"]], spliced(step["send"], captured)
        answer = (chip.reset() if sent == "reset" else chip.transmit(bytes.fromhex(sent))).hex().upper()
        found = captures(step["answer"], answer, captured)
        if found is None:
            raise Mismatch(f"{path.name}, step {count}: {step['to']} answered {answer} to {sent}")
        captured |= found
    return count


def spliced(send: str, captured: Mapping[str, str]) -> str:
    """The command with the captured bytes in their places."""

    def value(match: re.Match[str]) -> str:
        left, right = captured[match[1]], captured.get(match[2] or "")
        return left if right is None else f"{int(left, 16) ^ int(right, 16):0{len(left)}X}"

    return SPLICE.sub(value, send)


def captures(pattern: str, answer: str, captured: Mapping[str, str]) -> dict[str, str] | None:
    """What the answer gives to the names in the pattern; None where it does not fit."""
    for alternative in pattern.replace(" ", "").split("|"):
        expression = SPLICE.sub(lambda match: captured[match[1]], alternative)
        expression = CAPTURE.sub(lambda match: f"(?P<{match[1]}>[0-9A-F]{{{2 * int(match[2])}}})", expression)
        fit = re.fullmatch(expression, answer)
        if fit is not None:
            return fit.groupdict()
    return None
