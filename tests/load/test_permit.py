"""Load on another machine needs a permit that covers target, window and rate."""

from __future__ import annotations

from pathlib import Path

import pytest

from load.permit import NotPermitted, is_loopback, require_permitted

FROM_MS = 1_767_240_000_000
"""2026-01-01, noon in China."""
PERMIT = """
target = "https://health.example"
from = 2026-01-01T12:00:00+08:00
until = 2026-01-01T13:00:00+08:00
rate = 300
allowed_by = "王主任，信息中心，100-0000"
"""


def elsewhere(host: str, port: int) -> list[str]:
    return ["203.0.113.7"]


def here(host: str, port: int) -> list[str]:
    return ["127.0.0.1", "::1"]


def both(host: str, port: int) -> list[str]:
    return ["127.0.0.1", "203.0.113.7"]


@pytest.fixture
def permit(tmp_path: Path) -> Path:
    file = tmp_path / "permit.toml"
    file.write_text(PERMIT, encoding="utf-8")
    return file


def test_this_machine_needs_no_permit() -> None:
    assert require_permitted("http://localhost:8080", 1e6, 0, 1e6, None, here) is None
    assert is_loopback("http://127.0.0.1:1")


def test_a_name_with_one_address_elsewhere_needs_a_permit() -> None:
    assert not is_loopback("http://mixed.example", both)
    with pytest.raises(NotPermitted, match="needs a permit file"):
        require_permitted("http://mixed.example", 1, FROM_MS, 1, None, both)


def test_a_permit_allows_its_target_within_window_and_rate(permit: Path) -> None:
    held = require_permitted("https://health.example:443/erhc", 300, FROM_MS, 3600, permit, elsewhere)
    assert held is not None
    assert held.allowed_by.startswith("王主任")


@pytest.mark.parametrize(
    ("url", "rate", "start_ms", "seconds", "reason"),
    [
        ("https://other.example", 300, FROM_MS, 60, "is a permit for"),
        ("http://health.example", 300, FROM_MS, 60, "is a permit for"),
        ("https://health.example", 301, FROM_MS, 60, "allows 300"),
        ("https://health.example", 300, FROM_MS - 1, 60, "holds from"),
        ("https://health.example", 300, FROM_MS, 3601, "holds from"),
    ],
)
def test_a_permit_refuses_what_it_does_not_cover(
    permit: Path, url: str, rate: float, start_ms: int, seconds: float, reason: str
) -> None:
    with pytest.raises(NotPermitted, match=reason):
        require_permitted(url, rate, start_ms, seconds, permit, elsewhere)


@pytest.mark.parametrize(
    "text", ["", PERMIT.replace("+08:00", ""), PERMIT + "more = 1", PERMIT.replace("300", "0"), "target = ["]
)
def test_a_file_that_is_no_permit_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "permit.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(NotPermitted, match="no permit"):
        require_permitted("https://health.example", 1, FROM_MS, 1, file, elsewhere)


@pytest.mark.parametrize("url", ["", "health.example", "ftp://health.example", "http://", "http://[::1", "http://a:b"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(NotPermitted, match="no address"):
        is_loopback(url, elsewhere)


def test_a_name_that_nobody_knows_is_refused() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError(2, "unknown name")

    with pytest.raises(NotPermitted, match="cannot be found"):
        is_loopback("http://nobody.example", unknown)
