"""Serving a recorded card in a virtual PC/SC reader, so that a vendor's own software meets the failure."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence

from reference.languages import Text, say
from simulators.cards.scripted import ScriptedCard
from simulators.readers.pcsc_daemon import SOCKET_VARIABLE
from simulators.readers.virtual import VirtualReaders


def serve_script(script: Sequence[tuple[bytes, bytes]], stop: threading.Event, tell: Callable[[Text], None]) -> None:
    """Serve the scripted card until ``stop`` is set or Ctrl-C. Raises ProductUnreachable without PC/SC."""
    with VirtualReaders(ScriptedCard(script)) as readers:
        tell(say("Recorded card: {reader}", reader=readers.card_reader))
        tell(say("Other programs reach it with this variable set:"))
        tell(say("  {name}={path} opensc-tool -l", name=SOCKET_VARIABLE, path=readers.socket_path))
        tell(say("Ctrl-C ends it."))
        with contextlib.suppress(KeyboardInterrupt):
            while not stop.wait(0.5):
                readers.daemon.check()
