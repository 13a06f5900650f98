"""Goes on for ever and hears no alarm, as code outside Python does."""

from __future__ import annotations

import signal

from tests.fuzzing.broken.raises import REFUSALS, SHARE, TOKENS, seeds

__all__ = ["REFUSALS", "SHARE", "TOKENS", "seeds", "target"]


def target(data: bytes) -> None:
    """Deaf for ever where the input is not empty."""
    if data:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
        signal.sigwait({signal.SIGUSR1})
