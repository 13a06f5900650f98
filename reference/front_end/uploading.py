"""Uploading the spooled uses: in batches that the wire profile takes, in order, until none waits.

A batch that is refused for the fault of a record is halved until the record is found and put aside; any other failure
leaves everything waiting. Sent twice after a crash between upload and note, a use counts once: its serial tells.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import structlog

from reference.ecard.verbs import ReportUses
from reference.front_end.carrier import PlatformAway
from reference.front_end.facts import ProfileCarries, facts, limits
from reference.front_end.spool import Spool, Waiting
from reference.front_end.upstream import FrontEndClock, Upstream
from reference.gateway.wire import UnreadableAnswer, UnsupportedVerb, WireRefusal
from reference.ports import ProductUnreachable

log = structlog.get_logger("healthcard.front_end")


class Uploader:
    """Uploads when told to (`upload`), or by itself every so many seconds between `start` and `stop`."""

    def __init__(self, spool: Spool, upstream: Upstream, carries: ProfileCarries, clock: FrontEndClock) -> None:
        self._spool, self._upstream, self._carries, self._clock = spool, upstream, carries, clock
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._live, name="uploader", daemon=True)

    def upload(self) -> int:
        """Upload all that wait; how many uses the platform has taken. Raises PlatformAway, WireRefusal and others
        of `Upstream.ask`; what was taken before is noted.
        """
        taken = 0
        while batch := self._spool.waiting(self._carries.uses, self._clock.now_ms()):
            taken += self._upload(batch)
        return taken

    def start(self) -> None:
        """Begin to upload by itself; not where the wire profile takes no uses."""
        if self._carries.uses:
            self._thread.start()

    def stop(self) -> None:
        """End; a batch under way is waited for."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _upload(self, batch: Sequence[Waiting]) -> int:
        try:
            self._upstream.ask(ReportUses(uses=tuple(one.use for one in batch)))
        except (WireRefusal, UnsupportedVerb) as refused:
            reason = _fault_of_record(refused)
            if not reason:
                raise
            if len(batch) == 1:
                self._spool.put_aside(batch[0], reason, self._clock.now_ms())
                return 0
            half = len(batch) // 2
            return self._upload(batch[:half]) + self._upload(batch[half:])
        self._spool.uploaded(batch, self._clock.now_ms())
        return len(batch)

    def _live(self) -> None:
        while not self._ended.wait(limits()["upload-seconds"]):
            try:
                self.upload()
            except (PlatformAway, WireRefusal, UnreadableAnswer, ProductUnreachable) as failure:
                log.warning("uses wait", reason=type(failure).__name__)
            except Exception:
                # The thread must live on: what waits would wait for ever, and nobody would know.
                log.exception("upload failed")


def _fault_of_record(refused: WireRefusal | UnsupportedVerb) -> str:
    """The reason for which a record is put aside; empty where the connection is at fault."""
    if isinstance(refused, UnsupportedVerb):
        return "front-end.unsupported"
    if refused.ids and refused.ids <= facts().record_faults.ids:
        return min(refused.ids)
    return ""
