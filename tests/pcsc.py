"""The one rule about PC/SC in tests: where it is missing, a test is skipped with the reason, or under CI
fails.
"""

from __future__ import annotations

import os
import shutil

import pytest

from reference.languages import Text
from simulators.readers import foreign_card
from simulators.readers.pcsc_daemon import SOCKET_VARIABLE, missing, socket_of_this_process


def give_up(lack: Text | str) -> None:
    """Skip the test, or fail it under CI (CI=true), with the lack as the reason."""
    if os.environ.get("CI") == "true":
        pytest.fail(str(lack))
    pytest.skip(str(lack))


@pytest.fixture
def pcsc(monkeypatch: pytest.MonkeyPatch) -> None:
    """PC/SC with virtual readers is there; calls of this process go to its private service or to none."""
    lack = missing()
    if lack is not None:
        give_up(lack)
    monkeypatch.setenv(SOCKET_VARIABLE, str(socket_of_this_process()))


@pytest.fixture
def vicc() -> None:
    """The foreign card of the virtualsmartcard project is installed."""
    if not foreign_card.PROGRAM.exists():
        give_up("The program vicc is not installed (Debian: vsmartcard-vpicc).")


def pcsc_program(name: str, package: str) -> str:
    """The path of a PC/SC program of Debian's; its absence is treated as PC/SC's."""
    program = shutil.which(name)
    if program is None:
        give_up(f"The program {name} is not installed (Debian: {package}).")
    return str(program)
