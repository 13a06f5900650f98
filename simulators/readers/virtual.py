"""Virtual PC/SC readers with a simulated card and a simulated SAM in them, for one process or for any PC/SC
program.

Puts together in-process readers, the card server and a private `pcscd`. The card lies in slot 1, the SAM in
slot 2.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import TracebackType

from reference.ports import Chip
from simulators.readers.card_server import CardServer
from simulators.readers.in_process import InProcessReader
from simulators.readers.pcsc_daemon import SLOTS, PcscDaemon


class VirtualReaders:
    """Two virtual PC/SC readers, for the time of a `with`; either may be empty.

    `card_slot` and `sam_slot` take chips in and out while the readers run. Without `socket_path` the
    readers serve this process; see `PcscDaemon`. `port` is the first of two loopback ports, 0 for free
    ones.
    """

    card_reader, sam_reader = SLOTS

    def __init__(
        self,
        card: Chip | None = None,
        sam: Chip | None = None,
        *,
        port: int = 0,
        socket_path: Path | None = None,
    ) -> None:
        self.card_slot, self.sam_slot = InProcessReader(card), InProcessReader(sam)
        self._port, self._socket_path = port, socket_path
        self._opened = contextlib.ExitStack()

    def __enter__(self) -> VirtualReaders:
        """Raises ProductUnreachable when PC/SC is incomplete or does not start."""
        with contextlib.ExitStack() as opening:
            self.server = opening.enter_context(CardServer([self.card_slot, self.sam_slot], self._port))
            self.daemon = opening.enter_context(PcscDaemon(self.server.port, self._socket_path))
            self._opened = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    @property
    def socket_path(self) -> Path:
        """What other programs set PCSCLITE_CSOCK_NAME to."""
        return self.daemon.socket_path

    def faults(self) -> tuple[Exception, ...]:
        """What the simulated chips raised beside ProductUnreachable: faults of a simulator."""
        return self.server.faults()
