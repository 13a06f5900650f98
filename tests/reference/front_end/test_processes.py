"""The front-end as a process: the command, a platform of its own, and its death at any moment.

Every use that was answered for is in the spool, whatever killed the process; the next one uploads it, once.
"""

from __future__ import annotations

import random
import signal
import threading
from pathlib import Path

import httpx
import pytest
from msgspec import convert
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from reference.command_line import Exit
from reference.ecard.verbs import ReportedUse
from reference.front_end.carrier import HttpCarrier
from reference.front_end.clock_check import ClockCheck
from reference.front_end.facts import carried_by
from reference.front_end.spool import Spool
from reference.front_end.uploading import Uploader
from reference.front_end.upstream import Upstream
from reference.front_end_cli import app
from reference.gateway.demo import demo_credentials
from reference.gateway.profiles import CLIENTS
from reference.gateway.wire import WireClient
from reference.operating_system import SystemClock, SystemRandomness
from reference.store import audit
from tests.reference.front_end.pieces import CARD, TERMINAL
from tests.simulators.clients.platform_process import command, demo_front_end, demo_platform

LIMIT_S = 30
NOWHERE = "http://127.0.0.1:1"
PERSON = {
    "id_type": "01",
    "id_number": "11010020171225006X",
    "name": "测试甲",
    "phone": "13800000000",
    "nation": "01",
}


def use(serial: str) -> dict[str, object]:
    return {"serial": serial, "card": CARD, "used_ms": SystemClock().now_ms(), "step": "010101"}


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_it_has_lost_no_use_that_it_answered_for(tmp_path: Path, seed: int) -> None:
    chance, answered = random.Random(seed), list[str]()
    with demo_front_end(tmp_path, NOWHERE) as (process, address):
        enough = threading.Event()
        wanted = chance.randrange(20, 60)

        def tell(teller: int) -> None:
            with httpx.Client(base_url=address, timeout=LIMIT_S, trust_env=False) as http:
                for number in range(1000):
                    serials = [f"{teller}-{number}-{row}" for row in range(chance.randrange(1, 4))]
                    try:
                        body = {"terminal": TERMINAL, "uses": [use(serial) for serial in serials]}
                        answer = http.post("/uses", json=body)
                    except httpx.TransportError:
                        return
                    assert answer.json()["data"]["kept"] == len(serials)
                    answered.extend(serials)
                    if len(answered) >= wanted:
                        enough.set()

        tellers = [threading.Thread(target=tell, args=(number,)) for number in range(3)]
        for teller in tellers:
            teller.start()
        assert enough.wait(LIMIT_S)
        process.send_signal(signal.SIGKILL)
        for teller in tellers:
            teller.join(LIMIT_S)
    spool = Spool(tmp_path / "front-end.db")
    waiting = {one.use.serial for one in spool.waiting(10_000, SystemClock().now_ms())}
    assert set(answered) <= waiting
    with spool.store.read() as connection:
        assert audit.check(connection) > 0
    spool.close()


def test_uses_of_a_killed_front_end_reach_the_platform_once(tmp_path: Path) -> None:
    with demo_front_end(tmp_path, NOWHERE) as (process, address):
        body = {"terminal": TERMINAL, "uses": [use(str(number)) for number in range(7)]}
        assert httpx.post(address + "/uses", json=body, trust_env=False).status_code == 200
        process.kill()
        process.wait(LIMIT_S)
    with demo_platform(tmp_path) as platform:
        for _ in range(2):  # the second time as after a crash between upload and note
            spool, clock = Spool(tmp_path / "front-end.db"), SystemClock()
            carrier = HttpCarrier(platform, LIMIT_S)
            randomness, check = SystemRandomness(), ClockCheck(30)
            upstream = Upstream(asking_in_sichuan, carrier, clock, randomness, lambda seconds: None, check)
            assert Uploader(spool, upstream, carried_by("sichuan"), clock).upload() == 7
            carrier.close()
            _forget_that_they_were_uploaded(spool, body["uses"])
            spool.close()
    engine = create_engine(f"sqlite:///{tmp_path / 'platform.db'}")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM reported_uses")).scalar_one() == 7
    engine.dispose()


def _forget_that_they_were_uploaded(spool: Spool, uses: object) -> None:
    assert isinstance(uses, list)
    now = SystemClock().now_ms()
    with spool.store.begin() as connection:
        connection.execute(text("DELETE FROM spooled_uses"))
    spool.keep([convert(one, ReportedUse) for one in uses], now, "test")


def asking_in_sichuan(terminal: str) -> WireClient:
    return CLIENTS["sichuan"](demo_credentials("sichuan"))


def test_an_institution_registers_shows_and_reads_through_its_front_end(tmp_path: Path) -> None:
    with (
        demo_platform(tmp_path) as platform,
        demo_front_end(tmp_path, platform) as (_, address),
        httpx.Client(base_url=address, timeout=LIMIT_S, trust_env=False) as http,
    ):

        def asked(path: str, **body: object) -> dict[str, object]:
            answer: dict[str, object] = http.post(path, json={"terminal": TERMINAL, **body}).json()
            return answer

        proof = {"way": "on-site", "clerk_name": "经办人甲", "clerk_id_number": "990000198001010019"}
        account = asked("/cards/register", person=PERSON, proof=proof)["data"]
        assert isinstance(account, dict)
        code = asked("/codes/apply", who={"ecard_id": account["ecard_id"]}, kind="dynamic")["data"]
        assert isinstance(code, dict)
        assert asked("/codes/read", text=code["text"], step="010101", request="1")["code"] == "ok"
        assert asked("/codes/read", text=code["text"], step="010101", request="1")["code"] == "ok"
        assert asked("/codes/read", text=code["text"], step="010101", request="2")["code"] == "code.consumed"
        assert http.get("/health").json()["platform"] == "reached"


def test_a_second_front_end_on_the_same_spool_is_refused(tmp_path: Path) -> None:
    with demo_front_end(tmp_path, NOWHERE):
        spool = str(tmp_path / "front-end.db")
        result = CliRunner().invoke(app, ["--demo", "--port", "0", "--spool", spool])
    assert result.exit_code == Exit.USAGE
    assert "another front-end uses this spool" in result.stderr


def test_it_ends_in_order_when_told_to(tmp_path: Path) -> None:
    with demo_front_end(tmp_path, NOWHERE) as (process, _):
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, errors) == (-signal.SIGTERM, "")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--profile", "hunan"], "There is no wire profile hunan"),
        (["--platform", "nowhere", "--demo"], "is no address of a platform"),
        ([], "Name the file of credentials"),
        (["--credentials", "missing.toml"], "missing.toml: it cannot be read"),
        (["--credentials", "wrong.toml"], "this is no file of credentials"),
        (["--credentials", "open.toml"], "chmod 600"),
        (["--credentials", "right.toml"], "Name the file of terminals"),
        (["--credentials", "right.toml", "--terminals", "missing.csv"], "missing.csv: it cannot be read"),
        (["--demo", "--host", "0.0.0.0"], "must show a token"),
        (["--demo", "--clock", "never"], "--clock is refuse or warn"),
        (["--demo", "--spool", "no/folder/spool.db"], "the spool cannot be kept there"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(
    words: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content, mode in (
        ("wrong.toml", "secret = 'no hex'", 0o600),
        ("open.toml", "app = 'a'", 0o644),
        ("right.toml", "app = 'a'\nsecret = '00'", 0o600),
    ):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(mode)
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")
    assert told in result.stderr
    assert "no hex" not in result.stderr


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with command("reference.serve_cli", "--demo", "--port", "0", "--database", f"sqlite:///{tmp_path / 'p.db'}") as (
        _,
        address,
    ):
        port = address.rpartition(":")[2]
        result = CliRunner().invoke(app, ["--demo", "--port", port, "--spool", str(tmp_path / "s.db")])
    assert result.exit_code == Exit.UNREACHABLE
    assert "Choose another with --host and --port." in result.stderr
