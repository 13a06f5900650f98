"""The commands that break and heal a platform: healing is run whatever happens, and one that fails is told loudly."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from load.faults.by_command import by_command
from load.faults.episode import Staged
from reference.languages import Text

WRITES = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text('done')"


class Stage:
    """A platform of two files: one says that it was broken, the other that it was healed."""

    def __init__(self, folder: Path) -> None:
        self.broken, self.healed = folder / "broken", folder / "healed"
        self.staged = Staged()
        self.said: list[Text] = []

    def writes(self, file: Path) -> list[str]:
        return [sys.executable, "-c", WRITES, str(file)]

    async def pass_through(self, breaks: list[str], heals: list[str], during: BaseException | None = None) -> None:
        async with by_command(breaks, heals, self.staged, self.said.append, limit=20.0):
            assert not self.healed.exists()
            if during is not None:
                raise during


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_what_breaks_is_run_before_and_what_heals_after(stage: Stage) -> None:
    asyncio.run(stage.pass_through(stage.writes(stage.broken), stage.writes(stage.healed)))
    assert (stage.staged.breaking, stage.staged.healing, stage.said) == (0, 0, [])
    assert stage.broken.exists()
    assert stage.healed.exists()


@pytest.mark.parametrize("error", [ValueError("a fault of ours"), KeyboardInterrupt(), asyncio.CancelledError()])
def test_healing_is_run_whatever_ends_the_run(stage: Stage, error: BaseException) -> None:
    with pytest.raises(type(error)):
        asyncio.run(stage.pass_through(stage.writes(stage.broken), stage.writes(stage.healed), error))
    assert stage.healed.exists()


def test_healing_is_run_after_a_command_that_cannot_be_run_and_after_one_that_fails(stage: Stage) -> None:
    with pytest.raises(OSError, match="no-such-program"):
        asyncio.run(stage.pass_through(["no-such-program"], stage.writes(stage.healed)))
    assert stage.healed.exists()
    stage.healed.unlink()
    asyncio.run(stage.pass_through([sys.executable, "-c", "raise SystemExit(3)"], stage.writes(stage.healed)))
    assert (stage.staged.breaking, stage.staged.healing) == (3, 0)
    assert stage.healed.exists()


def test_a_cancellation_during_healing_waits_for_its_end(stage: Stage) -> None:
    slow = [sys.executable, "-c", f"import time; time.sleep(0.5); {WRITES}", str(stage.healed)]

    async def interrupted() -> None:
        passing = asyncio.create_task(stage.pass_through(stage.writes(stage.broken), slow))
        while stage.staged.healing is not None or stage.staged.breaking is None or not stage.broken.exists():
            await asyncio.sleep(0.01)
        passing.cancel()
        await passing

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(interrupted())
    assert stage.healed.exists()
    assert (stage.staged.healing, stage.said) == (0, [])


@pytest.mark.parametrize("heals", [["-c", "raise SystemExit(4)"], ["-c", "import time; time.sleep(60)"]])
def test_a_healing_that_fails_or_does_not_end_is_told_with_what_to_run_by_hand(stage: Stage, heals: list[str]) -> None:
    async def passed() -> None:
        breaks = stage.writes(stage.broken)
        async with by_command(breaks, [sys.executable, *heals], stage.staged, stage.said.append, limit=1.5):
            pass

    asyncio.run(passed())
    assert stage.staged.healing in (4, None)
    assert heals[1] in stage.said[0].en
    assert "MAY STILL BE BROKEN" in stage.said[0].en


def test_a_platform_that_heals_itself_needs_no_command(stage: Stage) -> None:
    asyncio.run(stage.pass_through(stage.writes(stage.broken), []))
    assert (stage.staged.healing, stage.said) == (0, [])
