"""The demo card with its memory in a file, in processes that are killed: the program behind `test_tearing`.

Started once (``python -m tests.simulators.cards.torn_card``), it loads everything and then serves one order a line of
its input, each in a fork of itself: the order's commands go to the card and each answer is written as a line as soon
as it is there. An order may name a step of writing the memory at which the fork kills itself in its last command;
without one somebody else kills it, by the process id that comes first. The last line of an order is ``ended``.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from reference.standard import load
from simulators.cards.demo import DEMO_SEED, demo_image
from simulators.cards.image import CardImage
from simulators.cards.memory import CardMemory
from simulators.cards.user_card import UserCard
from simulators.sources import SeededRandomness

STANDARD = load()
STEPS = ("before-draft", "draft-begun", "draft-half-written", "draft-written", "draft-synced", "moved")
"""Where a power cut can fall while the memory is written; only the last finds the new memory."""


class Order(msgspec.Struct, frozen=True):
    """What one fork is to do."""

    file: str
    commands: list[str]
    """In hexadecimal; the empty one is a reset."""
    dies_at: str = ""


def card_with_memory(image: CardImage, file: Path | None) -> UserCard:
    """The demo card, the same every time, with its memory in a file."""
    return UserCard(STANDARD, image, SeededRandomness(DEMO_SEED), memory=CardMemory(image, file))


def answer(card: UserCard, command: str) -> bytes:
    """The card's answer to a command, or to a reset."""
    return card.transmit(bytes.fromhex(command)) if command else card.reset()


def die(*_: object, **__: object) -> Any:
    """What a power cut does."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(step: str) -> None:
    """Let this process die at a step of writing the memory."""
    sync, move, begin = os.fsync, Path.replace, Path.open

    def begun(path: Path, *arguments: Any) -> Any:
        begin(path, *arguments)
        die()

    def half_written(descriptor: int) -> None:
        os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
        sync(descriptor)
        die()

    def moved(path: Path, target: Path) -> None:
        move(path, target)
        die()

    patches: dict[str, tuple[object, str, Callable[..., Any]]] = {
        "before-draft": (Path, "open", die),
        "draft-begun": (Path, "open", begun),
        "draft-half-written": (os, "fsync", half_written),
        "draft-written": (os, "fsync", die),
        "draft-synced": (Path, "replace", die),
        "moved": (Path, "replace", moved),
    }
    setattr(*patches[step])


def tell(line: str) -> None:
    """One line of output, whole."""
    os.write(sys.stdout.fileno(), line.encode() + b"\n")


def serve(order: Order, image: CardImage) -> None:
    """Give the order's commands to the card."""
    tell(f"pid {os.getpid()}")
    card = card_with_memory(image, Path(order.file))
    for number, command in enumerate(order.commands, start=1):
        if order.dies_at and number == len(order.commands):
            arm(order.dies_at)
        tell(answer(card, command).hex())


def main() -> None:
    """Serve the orders of the input until it ends."""
    image = demo_image(STANDARD)
    for line in sys.stdin:
        order = msgspec.json.decode(line, type=Order)
        child = os.fork()
        if child == 0:
            serve(order, image)
            os._exit(0)
        os.waitpid(child, 0)
        tell("ended")


if __name__ == "__main__":
    main()
