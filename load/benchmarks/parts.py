"""What each part of a verification costs, beside the bare primitive that it cannot do without; in this process.

Parts of a group (look-ups, count-down, use log, commit) are divided by the size of the group. All is measured on the
prepared database itself; what is written for it is undone.
"""

from __future__ import annotations

import base64
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import typer
from sqlalchemy import Connection, Table, bindparam, delete, insert, select
from sqlalchemy.engine import make_url

from load.benchmarks.prepared import NONCE_BYTES, Prepared
from load.cases import Case
from reference.access.admission import Admission, admit_many
from reference.access.desk import Desk
from reference.crypto import engine
from reference.crypto.block_texts import decipher, encipher
from reference.ecard.ids import dispersal_factor, factor_pair
from reference.ecard.moments import china_date
from reference.ecard.qr_text import parse, qr_layouts
from reference.ecard.verbs import Account, Caller, Verified, Verify
from reference.gateway import composing, demo
from reference.gateway.profiles.sichuan import PATH, PROFILE, Envelope, Sichuan, digest_of
from reference.gateway.profiles.sichuan_client import SichuanClient
from reference.gateway.settings import ServeSettings
from reference.gateway.wire import Call, Counter, Received
from reference.qr.looking_up import accounts_of_cards, codes_with_accounts
from reference.qr.use_log import ACCEPTED, Use, use_of, write_uses
from reference.qr.verification import verify_within
from reference.serving import Surroundings
from reference.store.access_tables import requests_seen
from reference.store.account_tables import accounts
from reference.store.code_tables import codes, uses
from reference.store.compiled import SQLITE

GROUP: Final = 64
GROUPS: Final = 24
RUNS: Final = 3
"""Groups that each part is measured on."""


class Part(NamedTuple):
    """Microseconds a request: of the platform's own code, and of the bare primitive."""

    name: str
    own: float
    bare: float
    primitive: str


def report(held: Prepared) -> None:
    """Measure and print the table."""
    for part in measure(held):
        typer.echo(f"{part.name:42s} {part.own:8.1f} µs   {part.bare:8.1f} µs  {part.primitive}")


def measure(held: Prepared) -> list[Part]:
    """The parts in the order of a request."""
    store = composing.open_store(ServeSettings(database=held.database))
    surroundings = composing.surroundings_of(ServeSettings(database=held.database, demo=True), store)
    cases = list(held.cases(GROUP * GROUPS * 2, 1000, seed=int(time.time())))
    client = SichuanClient(demo.demo_credentials(PROFILE))
    verifies = [Verify(text=case.text, step=case.step) for case in cases]
    bodies = [client.write(verify, surroundings.clock.now_ms(), os.urandom(NONCE_BYTES)).body for verify in verifies]
    parts = [*_envelope(surroundings, bodies), *_group(surroundings, held, verifies, cases)]
    store.close()
    return parts


def _group(surroundings: Surroundings, held: Prepared, verifies: Sequence[Verify], cases: Sequence[Case]) -> list[Part]:
    caller = Caller(profile=PROFILE, app="demo-sichuan", institution=demo.INSTITUTION.code, scopes=frozenset({"*"}))
    layouts, machine = qr_layouts(PROFILE), surroundings.machine
    read = [parse(case.text, layouts) for case in cases]
    groups = [range(start, start + GROUP) for start in range(0, len(cases), GROUP)]
    ids = [{read[place].card_id for place in group} for group in groups]
    wanted = [{(read[place].card_id, read[place].token) for place in group} for group in groups]
    now_ms = surroundings.clock.now_ms()
    marks = [[Admission(caller.app, os.urandom(NONCE_BYTES).hex(), now_ms) for _ in group] for group in groups]
    written = [
        [use_of(caller, verifies[place], read[place].card_id, place, ACCEPTED, now_ms, 1) for place in group]
        for group in groups
    ]
    asked = [[(caller, verifies[place]) for place in group] for group in groups]
    primitives = _Primitives(held.database)
    with surroundings.store.read() as connection:
        accounts = [accounts_of_cards(connection, some) for some in ids]
    factors = [factor_pair(dispersal_factor(row.account.index_id)) for known in accounts for row in known.values()]
    card_ids = [bytes.fromhex(one.card_id) for one in read[: len(factors)]]
    tokens = [bytes.fromhex(one.token) for one in read]
    two = list(zip(factors, card_ids, strict=True))

    def in_group(work: Callable[[Connection, int], object], first: int = 0) -> float:
        """A request's share of the work on one group, in a transaction that is undone."""
        spent = []
        for number in range(first, first + GROUPS):
            with surroundings.store.engine.connect() as connection, connection.begin() as transaction:
                started = time.perf_counter()
                work(connection, number)
                spent.append(time.perf_counter() - started)
                transaction.rollback()
        return _median(spent) / GROUP * 1e6

    today = china_date(now_ms)
    return [
        Part(
            "text of the code",
            _each(lambda case: parse(case.text, layouts), cases),
            _each(lambda case: case.text.split(":"), cases),
            "split at the colons",
        ),
        Part(
            "code and account: look-up",
            in_group(lambda connection, number: codes_with_accounts(connection, wanted[number])),
            primitives.codes([list(some) for some in wanted]),
            "sqlite3: both rows by a key of one",
        ),
        Part(
            "card id: two SM4 (key, deciphering)",
            _each(lambda both: machine.decrypt(both[1], (both[0],), 1), two),
            _each(lambda both: engine().sm4_decrypt(both[0], both[1]), two[::-1]),
            "one SM4 under a new key",
        ),
        Part(
            "token: SM4, as one call for the group",
            _each(lambda some: machine.decrypt(b"".join(some)), [tokens[g.start : g.stop] for g in groups]) / GROUP,
            _each(lambda some: engine().sm4_encrypt(bytes(16), b"".join(some)), [tokens[:GROUP]] * GROUPS) / GROUP,
            "SM4 of as many blocks",
        ),
        Part(
            "replay mark and quota",
            in_group(lambda connection, number: admit_many(connection, marks[number], today)),
            primitives.marked([[(now_ms, "bare", os.urandom(16)) for _ in group] for group in groups]),
            "sqlite3: insert a row",
        ),
        Part(
            "use log and audit line",
            in_group(lambda connection, number: write_uses(connection, written[number])),
            primitives.used([list(some) for some in written]),
            "sqlite3: insert a row",
        ),
        Part(
            "whole group, without marks and commit",
            in_group(lambda connection, number: verify_within(surroundings, connection, asked[number]), GROUPS),
            0.0,
            "",
        ),
        Part("commit, shared by the group", primitives.committed(), primitives.synced(held.folder), "fsync of a page"),
    ]


def _envelope(surroundings: Surroundings, bodies: Sequence[bytes]) -> list[Part]:
    counter = Counter(surroundings, Desk(surroundings))
    secret = demo.demo_credentials(PROFILE).secret
    decoded = [msgspec.json.decode(body, type=Envelope) for body in bodies]
    blocks = [base64.b64decode(envelope.biz_content) for envelope in decoded]
    plain = [decipher(secret, one).decode() for one in blocks]
    received = [Received("POST", PATH, b"", {}, body, surroundings.clock.now_ms()) for body in bodies]
    answer = Verified(account=_any_account(surroundings), kind="dynamic", expires_ms=surroundings.clock.now_ms())
    exchange = Sichuan().begin(received[0], counter)
    assert isinstance(exchange.read(), Call)
    content = exchange.answer(answer).body
    opened = decipher(secret, base64.b64decode(msgspec.json.decode(content)["biz_content"]))
    signed = [(one + "x" * 230).encode() for one in plain]
    return [
        Part(
            "envelope: open, whole",
            _each(lambda one: Sichuan().begin(one, counter).read(), received),
            _each(lambda body: msgspec.json.decode(body, type=Envelope), bodies),
            "msgspec decodes the envelope",
        ),
        Part(
            "  of it the digest",
            _each(lambda both: digest_of(both[0], both[1], secret.hex()), list(zip(decoded, plain, strict=True))),
            _each(engine().sm3, signed),
            "SM3 of as many bytes",
        ),
        Part(
            "  of it deciphering the body",
            _each(lambda envelope: decipher(secret, base64.b64decode(envelope.biz_content, validate=True)), decoded),
            _each(lambda one: engine().sm4_decrypt(secret, one), blocks),
            "SM4 of as many blocks",
        ),
        Part(
            "answer: write and encipher",
            _each(lambda _: exchange.answer(answer), bodies),
            _each(lambda _: encipher(secret, opened), bodies),
            "SM4 of as many blocks",
        ),
    ]


class _Primitives:
    """The statements themselves, on a bare connection of Python's driver; undone, but for the commit of nothing."""

    def __init__(self, address: str) -> None:
        path = make_url(address).database
        assert path is not None
        self._connection = sqlite3.connect(path, isolation_level=None)
        for setting in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -65536"):
            self._connection.execute(f"PRAGMA {setting}")

    def codes(self, groups: Sequence[Sequence[tuple[str, str]]]) -> float:
        """Codes by card id and token, with their accounts."""
        both = (codes.c.ecard_id == bindparam("id")) & (codes.c.token == bindparam("token"))
        joined = codes.join(accounts, accounts.c.account_id == codes.c.account_id)
        query = select(codes.c.code_id, accounts.c.index_id).select_from(joined).where(both)
        text = str(query.compile(dialect=SQLITE))
        return self._timed(groups, lambda group: [self._connection.execute(text, key).fetchone() for key in group])

    def marked(self, groups: Sequence[Sequence[tuple[Any, ...]]]) -> float:
        """Replay marks."""
        return self._inserted(requests_seen, [column.name for column in requests_seen.columns], groups)

    def used(self, groups: Sequence[Sequence[tuple[Any, ...]]]) -> float:
        """Uses."""
        return self._inserted(uses, list(Use._fields), groups)

    def committed(self) -> float:
        """A transaction of one row, on the disk, shared by a group."""
        spent = []
        for number in range(GROUPS):
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute(
                str(insert(requests_seen).compile(dialect=SQLITE)), (0, "benchmark", number.to_bytes(16))
            )
            started = time.perf_counter()
            self._connection.execute("COMMIT")
            spent.append(time.perf_counter() - started)
        self._connection.execute(
            str(delete(requests_seen).where(requests_seen.c.app == bindparam("app")).compile(dialect=SQLITE)),
            ("benchmark",),
        )
        return _median(spent) / GROUP * 1e6

    def synced(self, folder: Path) -> float:
        """A page written to a file and to the disk, shared by a group."""
        spent = []
        with tempfile.TemporaryFile(dir=folder) as file:
            for _ in range(GROUPS):
                started = time.perf_counter()
                file.write(bytes(4096))
                file.flush()
                os.fdatasync(file.fileno())
                spent.append(time.perf_counter() - started)
        return _median(spent) / GROUP * 1e6

    def _inserted(self, table: Table, names: Sequence[str], groups: Sequence[Sequence[tuple[Any, ...]]]) -> float:
        statement = str(insert(table).values({name: bindparam(name) for name in names}).compile(dialect=SQLITE))
        return self._timed(groups, lambda group: self._connection.executemany(statement, group))

    def _timed(self, groups: Sequence[Any], work: Callable[[Any], object]) -> float:
        spent = []
        for group in groups[:GROUPS]:
            self._connection.execute("BEGIN IMMEDIATE")
            started = time.perf_counter()
            work(group)
            spent.append(time.perf_counter() - started)
            self._connection.execute("ROLLBACK")
        return _median(spent) / GROUP * 1e6


def _each(work: Callable[[Any], object], values: Sequence[Any]) -> float:
    """Microseconds of the work on one value, the median of several runs over them all."""
    spent = []
    for _ in range(RUNS):
        started = time.perf_counter()
        for value in values:
            work(value)
        spent.append(time.perf_counter() - started)
    return _median(spent) / len(values) * 1e6


def _median(spent: Sequence[float]) -> float:
    return statistics.median(spent)


def _any_account(surroundings: Surroundings) -> Account:
    with surroundings.store.read() as connection:
        card_id = connection.execute(select(accounts.c.ecard_id).limit(1)).scalar_one()
        return accounts_of_cards(connection, {card_id})[card_id].account
