"""Waits until a PC/SC service shows given readers; run as a process of its own, ended from outside when it
takes long.

`python -m simulators.readers.readiness READER …` ends with 0 once all named readers are listed and powered
up. A process of its own, because libpcsclite keeps the first service's name for the life of a process, and
because its calls cannot be given a time limit.
"""

from __future__ import annotations

import sys

LONGEST_SLEEP_MS = 100


def wait_for(names: list[str]) -> None:
    """Return when every named reader is listed and has settled on a card or on none."""
    from smartcard import scard

    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    known = [("\\\\?PnP?\\Notification", scard.SCARD_STATE_UNAWARE)]
    while True:
        _, listed = scard.SCardListReaders(context, [])
        if set(names) <= set(listed):
            watched = [(name, scard.SCARD_STATE_UNAWARE) for name in names]
            _, states = scard.SCardGetStatusChange(context, 0, watched)
            if len(states) == len(names) and all(len(atr) or _settled(state) for _, state, atr in states):
                return
            known = [(name, state) for name, state, _ in states]
        scard.SCardGetStatusChange(context, LONGEST_SLEEP_MS, known)


def _settled(state: int) -> bool:
    from smartcard import scard

    return bool(state & (scard.SCARD_STATE_EMPTY | scard.SCARD_STATE_MUTE))


if __name__ == "__main__":
    wait_for(sys.argv[1:])
