"""The commands `healthcard load`: other machines need a permit, test persons come and go, a mistake is explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from load import provisioning_session
from load.cli import app
from load.schedule import Schedule
from load.settings import RunSettings, UnreadableCredentials, read_credentials
from reference.command_line import Exit
from reference.ecard.states import AccountState
from reference.store import Store
from reference.store.account_tables import accounts
from reference.store.migrating import migrate
from tests.reference.gateway.serving import served

ELSEWHERE = "http://203.0.113.7"
"""An address for documents, which is nobody's (RFC 5737)."""
PERMIT = """
target = "http://203.0.113.7"
from = 2000-01-01T00:00:00+08:00
until = 2000-01-02T00:00:00+08:00
rate = 300
allowed_by = "somebody"
"""


def called(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["load", *map(str, arguments)])


@pytest.mark.parametrize("command", [("qr", "--cases"), ("provision", "--state"), ("clean-up", "--state")])
def test_another_machine_is_not_loaded_without_a_permit(tmp_path: Path, command: tuple[str, str]) -> None:
    result = called(*command, tmp_path / "file", "--url", ELSEWHERE)
    assert result.exit_code == Exit.USAGE
    assert "needs a permit file" in result.stderr
    assert not (tmp_path / "file").exists()


def test_a_permit_that_is_over_allows_no_run(tmp_path: Path) -> None:
    permit = tmp_path / "permit.toml"
    permit.write_text(PERMIT, encoding="utf-8")
    result = called("qr", "--url", ELSEWHERE, "--cases", tmp_path / "cases", "--permit", permit)
    assert result.exit_code == Exit.USAGE
    assert "holds from" in result.stderr


def test_a_trace_asks_for_the_most_requests_of_any_second(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    trace.write_text("0\n4\n4.25\n4.5\n4.75\n5\n10\n", encoding="utf-8")
    assert RunSettings(url="", cases="", trace=str(trace), rate=1, duration=10).highest_rate() == 4
    assert RunSettings(url="", cases="", rate=7).highest_rate() == 7
    assert Schedule(()).most_within(1.0) == 0


def test_test_persons_are_registered_and_cancelled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(f"sqlite:///{tmp_path}/platform.db")
    migrate(store)
    state = tmp_path / "state"
    with served(store, "sichuan") as platform:
        monkeypatch.setattr(provisioning_session, "SystemClock", lambda: platform.clock)
        where = ("--url", platform.address, "--state", state, "--rate", 100)
        made = called("provision", *where, "--persons", 2)
        assert made.exit_code == Exit.CONFORMANT, made.output
        gone = called("clean-up", *where)
        assert gone.exit_code == Exit.CONFORMANT, gone.output
    with store.read() as connection:
        states = [row.state for row in connection.execute(accounts.select())]
    store.close()
    assert states == [AccountState.CANCELLED] * 2
    assert made.stdout.startswith("2 test persons registered")
    assert gone.stdout == "2 test persons cancelled.\n"


def test_a_state_file_that_cannot_be_made_is_a_mistake_of_usage(tmp_path: Path) -> None:
    result = called("provision", "--url", "http://127.0.0.1:9", "--state", tmp_path / "none" / "state")
    assert result.exit_code == Exit.USAGE
    assert "No such file" in result.stderr


def test_credentials_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableCredentials, match=r"none\.json"):
        read_credentials(tmp_path / "none.json")
    (tmp_path / "wrong.json").write_bytes(b"{")
    with pytest.raises(UnreadableCredentials, match=r"wrong\.json"):
        read_credentials(tmp_path / "wrong.json")
