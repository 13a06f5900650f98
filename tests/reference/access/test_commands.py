"""`healthcard platform app|institution|terminal|operator`: what they do, what they show once, how they refuse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from typer.testing import CliRunner, Result

from reference import platform_cli
from reference.access import apps, institutions, operators
from reference.access.desk import Desk
from reference.keys.key_file import demo_keys
from reference.keys.software_machine import SoftwareCryptoMachine
from reference.store import Store, audit
from reference.store.access_tables import requests_seen
from tests.platform import SettableClock, surroundings

PASSWORD = "a password of the tests"


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'platform.db'}"


def run(database: str, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(platform_cli.app, ["platform", *words, "--database", database], input=typed)


def done(database: str, *words: str, typed: str = "") -> str:
    """What a call that succeeds prints on standard output."""
    result = run(database, *words, typed=typed)
    assert result.exit_code == 0, result.output
    return result.stdout


APPLY = ("app", "apply", "his-app", "--name", "医院系统", "--profile", "sichuan")


def test_an_application_applies_works_and_is_stopped(database: str) -> None:
    secret = done(database, *APPLY, "--scope", "Verify", "--daily-quota", "9", "--until", "20991231").strip()
    assert re.fullmatch("[0-9a-f]{32}", secret)
    states = [done(database, "app", event, "his-app").strip() for event in ("approve", "suspend", "resume")]
    assert states == ["approved", "suspended", "approved"]
    listed = done(database, "app", "list")
    assert listed == "his-app\tsichuan\tapproved\t医院系统\tVerify\t9\t20991231\n"
    store = Store(database)
    around = surroundings(store, machine=SoftwareCryptoMachine(demo_keys()))
    assert Desk(around).app("his-app", "sichuan").secret.hex() == secret
    with store.read() as connection:
        assert audit.check(connection) == 4
    store.close()


def test_a_renewed_secret_is_another_one_and_no_list_shows_any(database: str) -> None:
    first = done(database, *APPLY).strip()
    second = done(database, "app", "renew", "his-app").strip()
    assert first != second
    listed = done(database, "app", "list")
    assert first not in listed
    assert second not in listed


def test_a_grant_takes_the_place_of_rights_quota_and_end(database: str) -> None:
    done(database, *APPLY, "--scope", "*", "--daily-quota", "9")
    done(database, "app", "grant", "his-app", "--scope", "Query", "--scope", "Verify", "--until", "20270101")
    store = Store(database)
    with store.read() as connection:
        found = apps.find(connection, "his-app")
    store.close()
    assert found is not None
    assert (found.scopes, found.daily_quota) == (frozenset({"Query", "Verify"}), 0)
    assert found.valid_until_ms == 1_798_819_200_000, "2027-01-02, midnight in China"


def test_an_institution_is_added_gets_a_password_and_is_suspended(database: str) -> None:
    done(database, "institution", "add", "510100888", "--name", "测试医院", "--kind", "1", "--until", "20991231")
    done(database, "institution", "password", "510100888", "--user", "his", typed=f"{PASSWORD}\n")
    store = Store(database)
    with store.read() as connection:
        assert institutions.knows_password(connection, "510100888", "his", PASSWORD)
    store.close()
    assert done(database, "institution", "suspend", "510100888") == "suspended\n"
    assert done(database, "institution", "list") == "510100888\tsuspended\t测试医院\t1\t\t20991231\n"
    assert done(database, "institution", "resume", "510100888") == "in-service\n"
    assert done(database, "institution", "close", "510100888") == "closed\n"


def test_a_terminal_is_registered_assigned_blocked_and_retired(database: str) -> None:
    done(database, "terminal", "register", "5101000880001", "--institution", "510100888", "--kind", "window")
    done(database, "terminal", "assign", "5101000880001", "--institution", "510100889", "--department", "A03")
    events = ("repair", "return", "block", "unblock", "retire")
    states = [done(database, "terminal", event, "5101000880001").strip() for event in events]
    assert states == ["repair", "in-service", "blocked", "in-service", "retired"]
    listed = done(database, "terminal", "list", "--institution", "510100889")
    assert listed.split("\t")[:4] == ["5101000880001", "retired", "A03", "window"]
    assert done(database, "terminal", "list", "--institution", "510100888") == ""


def test_an_operator_is_made_renewed_and_suspended(database: str) -> None:
    done(database, "operator", "add", "li.ming", "--name", "李明", "--scope", "Cancel", typed=f"{PASSWORD}\n")
    done(database, "operator", "password", "li.ming", typed="another of the tests\n")
    assert done(database, "operator", "list") == "li.ming\tin-service\t李明\tCancel\n"
    store = Store(database)
    around = surroundings(store, clock=SettableClock())
    assert operators.sign_in(around, "li.ming", "another of the tests").scopes == frozenset({"Cancel"})
    store.close()
    for event in ("suspend", "resume", "close"):
        done(database, "operator", event, "li.ming")
    assert "\tclosed\t" in done(database, "operator", "list")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("app", "apply", "x", "--name", "x", "--profile", "mars"), "no wire profile mars"),
        (("app", "apply", "x" * 37, "--name", "x", "--profile", "sichuan"), "app_id"),
        ((*APPLY, "--scope", "Destroy"), "no verb Destroy"),
        ((*APPLY, "--until", "2026-01-01"), "until"),
        (("app", "approve", "nobody"), "no such institution, application or terminal"),
        (("app", "renew", "nobody"), "no such institution, application or terminal"),
        (("institution", "add", "1", "--name", "x", "--until", "soon"), "valid_until"),
        (("institution", "suspend", "nobody"), "no such institution"),
        (("terminal", "block", "nobody"), "no such institution"),
        (("operator", "add", "not a name"), "letters, digits, dots and hyphens"),
        (("operator", "add", "li.hua"), "12 to 128 characters"),
    ],
)
def test_a_mistake_is_named_and_changes_nothing(database: str, words: tuple[str, ...], told: str) -> None:
    result = run(database, *words, typed="short\n")
    assert result.exit_code == 64
    assert told in result.stderr
    assert "Traceback" not in result.output
    assert done(database, "app", "list") + done(database, "operator", "list") == ""


def test_what_is_registered_already_is_told_in_chinese_too(database: str) -> None:
    done(database, *APPLY)
    result = run(database, *APPLY, "--lang", "zh")
    assert result.exit_code == 64
    assert "已" in result.stderr


def test_a_database_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    result = run(f"sqlite:///{tmp_path}/no/such/folder/platform.db", "app", "list")
    assert result.exit_code == 69
    assert "does not answer" in result.stderr
    assert run("mars:nothing", "app", "list").exit_code == 64


def test_what_may_be_forgotten_is_forgotten_to_the_end(database: str) -> None:
    assert done(database, "purge") == "Forgotten: 0 marks of requests, 0 codes that were never shown.\n"
    store = Store(database)
    with store.begin() as connection:
        marks = [{"sent_ms": 0, "app": "app", "mark": f"{number:032d}"} for number in range(10_001)]
        connection.execute(insert(requests_seen), marks)
    assert done(database, "purge", "--lang", "zh") == "已清理：请求标记 10001 条，从未使用的二维码 0 个。\n"
    with store.read() as connection:
        assert connection.execute(select(requests_seen)).first() is None
    store.close()
