"""The commands of the simulated clients: the README's story, and mistakes answered with what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reference.command_line import Exit
from reference.gateway.profiles import CLIENTS
from reference.qr.images import png
from simulators.cli import app
from simulators.clients.phone_file import load_phone
from tests.platform import citizen_number


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are left in a folder of the test."""
    monkeypatch.chdir(tmp_path)


def simulate(*words: str) -> Result:
    return CliRunner().invoke(app, ["simulate", *words])


@pytest.mark.parametrize("profile", sorted(CLIENTS))
def test_register_show_and_read_is_a_story_of_three_lines(platform: str, numbers: Iterator[int], profile: str) -> None:
    at = ("--url", platform, "--profile", profile)
    registered = simulate("app", "register", "--name", "测试甲", "--id-number", citizen_number(next(numbers)), *at)
    assert (registered.exit_code, registered.stderr) == (0, "")
    assert simulate("app", "show-code", "--out", "code.png").exit_code == 0
    read = simulate("qr-terminal", "read", "code.png", *at)
    assert (read.exit_code, read.stderr) == (0, "")
    assert "Accepted: dynamic code of 测试甲" in read.stdout
    assert load_phone(Path("healthcard-app.json")).holder.ecard_id in read.stdout
    again = simulate("qr-terminal", "read", "code.png", *at, "--lang", "zh")
    assert again.exit_code == Exit.NOT_CONFORMANT
    assert "平台拒绝" in again.stderr


def test_the_phone_is_its_owners_alone_and_keeps_the_family(platform: str, numbers: Iterator[int]) -> None:
    simulate("app", "register", "--name", "测试甲", "--id-number", citizen_number(next(numbers)), "--url", platform)
    member = ("--name", "测试乙", "--id-number", citizen_number(next(numbers)), "--relation", "2")
    assert simulate("app", "add-member", *member).exit_code == 0
    assert Path("healthcard-app.json").stat().st_mode & 0o077 == 0
    assert simulate("app", "show-code", "--member", "测试乙").exit_code == 0
    read = simulate("workstation", "read", "code.png", "--url", platform)
    assert "Patient: 测试乙, account normal" in read.stdout
    assert simulate("app", "show-code", "--member", "谁").exit_code == Exit.USAGE


def test_kiosk_and_window_print_codes_that_are_accepted(platform: str, numbers: Iterator[int]) -> None:
    for counter in ("kiosk", "window"):
        who = ("--name", "测试甲", "--id-number", citizen_number(next(numbers)))
        assert simulate(counter, "register", *who, "--url", platform, "--out", "slip.png").exit_code == 0
        assert "static code" in simulate("qr-terminal", "read", "slip.png", "--url", platform).stdout
    assert (
        simulate("window", "temporary", "--name", "无名", "--sex", "1", "--age", "30", "--url", platform).exit_code == 0
    )
    read = simulate("qr-terminal", "read", "slip.png", "--url", platform, "--profile", "wenzhou")
    assert "temporary card of 无名" in read.stdout


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("app", "show-code"), Exit.USAGE, "Register first"),
        (("app", "show-code", "--phone-file", "other.json"), Exit.USAGE, "this is no phone's file"),
        (("qr-terminal", "read", "missing.png"), Exit.USAGE, "missing.png: No such file"),
        (("qr-terminal", "read", "other.json"), Exit.NOT_CONFORMANT, "no image that can be read"),
        (("qr-terminal", "read", "insurance.png"), Exit.NOT_CONFORMANT, "medical-insurance (medical-insurance)"),
        (("qr-terminal", "read", "hello.png"), Exit.NOT_CONFORMANT, "belongs to no system that is known"),
        (("qr-terminal", "read", "card.png", "--url", "http://127.0.0.1:1"), Exit.UNREACHABLE, "Connection refused"),
        (("qr-terminal", "read", "card.png", "--url", "nowhere"), Exit.USAGE, "is no address of a platform"),
        (("qr-terminal", "read", "card.png", "--profile", "hunan"), Exit.USAGE, "no wire profile hunan"),
        (
            ("window", "temporary", "--name", "无名", "--sex", "1", "--age", "3", "--profile", "sichuan"),
            Exit.USAGE,
            "The wire profile has no service for this: ApplyTemporary.",
        ),
    ],
)
def test_a_mistake_is_told_with_what_to_do(words: tuple[str, ...], code: Exit, told: str) -> None:
    Path("other.json").write_text("{}")
    Path("insurance.png").write_bytes(png("424" + "0" * 25, 0, 200))
    Path("hello.png").write_bytes(png("hello", 0, 200))
    Path("card.png").write_bytes(png("A" * 64 + ":1", 0, 200))
    result = simulate(*words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert told in result.stderr


@pytest.mark.parametrize("role", ["app", "kiosk", "window", "workstation", "qr-terminal"])
def test_every_role_has_help(role: str) -> None:
    result = simulate(role, "--help")
    assert result.exit_code == 0
