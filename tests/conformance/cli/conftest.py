"""Calling the whole command in this process, as the front door does it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import msgspec
import pytest
import typer.main

import conformance.cli
import healthcard.__main__
from conformance.engine.stand import Stand
from tests.pcsc import pcsc
from tests.runs import certified, demo_stand

__all__ = ["pcsc"]


class Called(msgspec.Struct, frozen=True):
    """What a call of the command came to."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Both streams, on one line."""
        return " ".join((self.out + self.err).split())


Call = Callable[..., Called]

front_door = functools.cache(typer.main.get_command)
"""The whole command; made of hundreds of functions, which takes longer than most calls."""


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """``call("verify", path)``: exit code and output of ``healthcard verify path``; a traceback fails the test."""

    def calling(*arguments: object) -> Called:
        monkeypatch.setattr("sys.argv", ["healthcard", *map(str, arguments)])
        monkeypatch.setattr("typer.main.get_command", front_door)
        monkeypatch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as ended:
            healthcard.__main__.main()
        streams = capsys.readouterr()
        assert "Traceback" not in streams.err
        return Called(int(ended.value.code or 0), streams.out, streams.err)

    return calling


@pytest.fixture
def on_the_stand(monkeypatch: pytest.MonkeyPatch) -> Callable[[Stand], None]:
    """Puts another product in the place of the simulated card."""

    def put(stand: Stand) -> None:
        monkeypatch.setattr(conformance.cli, "simulated_product", lambda *_, **__: nullcontext(stand))

    return put


@pytest.fixture(scope="package")
def short_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Evidence of a narrowed run of the demo card."""
    out = tmp_path_factory.mktemp("short")
    certified(out, demo_stand(), select="read_rights")
    return out / "evidence.zip"
