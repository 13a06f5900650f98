"""A fault that two commands of somebody's stage: one breaks the platform, the other heals it, whatever happens between.

Neither gets a shell, both have a session of their own, so that Ctrl-C ends the run and not the healing, and a time
limit. What they say goes to the screen and into no evidence. Source: decision (whoever broke a platform heals it).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from load.faults.episode import Staged
from reference.languages import Text, say

LIMIT: Final = 60.0
"""Seconds in which a command must end (decision)."""
STDERR: Final = 2


@asynccontextmanager
async def by_command(
    breaks: Sequence[str], heals: Sequence[str], staged: Staged, tell: Callable[[Text], None], limit: float = LIMIT
) -> AsyncIterator[None]:
    """Run one command, and at the end the other; without a second one the platform heals itself.

    A healing that fails is told with ``tell``, and what to run by hand. Raises OSError for what cannot be run.
    """
    try:
        staged.breaking = None
        staged.breaking = await _status(breaks, limit)
        yield
    finally:
        if heals:
            staged.healing = None
            healing = asyncio.create_task(_status(heals, limit, leave=True))
            try:
                await _to_the_end(healing)
            finally:
                if healing.done() and not healing.cancelled() and healing.exception() is None:
                    staged.healing = healing.result()
                if staged.healing != 0:
                    tell(
                        say(
                            "THE PLATFORM MAY STILL BE BROKEN: what heals it did not end well. Run it by hand: "
                            "{command}",
                            command=shlex.join(heals),
                        )
                    )


async def _status(command: Sequence[str], limit: float, *, leave: bool = False) -> int | None:
    """How a command ended; None where it was ended after its time. ``leave`` it running where this is cancelled."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=STDERR, start_new_session=True
    )
    try:
        async with asyncio.timeout(limit):
            return await process.wait()
    except TimeoutError:
        await _end(process)
        return None
    except asyncio.CancelledError:
        if not leave:
            await _end(process)
        raise


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def _to_the_end(task: asyncio.Task[Any]) -> None:
    """Wait for a task whatever comes, and only then be cancelled by what came meanwhile."""
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
