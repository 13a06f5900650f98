"""Verifications a second without HTTP, and what each part of one costs beside its bare primitive, in one run.

    python -m tests.benchmarks.verification_core [CARDS] [GROUP] [FOLDER]

CARDS (1 000 000) stand in an SQLite file of FOLDER (a temporary one), which is used again when it is there. Only the
ratios carry over to other machines. Each figure is the best of many groups: what the code costs, not its neighbours.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, func, insert, select, text

from reference.ecard.ids import dispersal_factor, ecard_id_plaintext, factor_pair, index_id
from reference.ecard.moments import SECOND
from reference.ecard.validity import validity_plaintext
from reference.ecard.verbs import Caller, Verified, Verify
from reference.qr import examining, looking_up, use_log
from reference.qr.verification import Request, verify_group
from reference.serving import Surroundings
from reference.store import Store, metadata
from reference.store.account_tables import accounts
from reference.store.code_tables import codes
from tests.platform import NOON_MS, SettableClock, surroundings

CHUNK = 10_000
SHOWN = 20_000
"""Codes verified in one measurement; their cards are drawn from all."""
REPEAT = 40
CALLER = Caller(profile="national", app="a" * 32, institution="510100001", terminal="5101000010001", channel="01")


def make_cards(platform: Surroundings, count: int) -> None:
    """Fill an empty database."""
    with platform.store.begin() as connection:
        metadata.create_all(connection)
        there = connection.execute(select(func.count()).select_from(accounts)).scalar_one()
    for start in range(there, count, CHUNK):
        with platform.store.begin() as connection:
            connection.execute(
                insert(accounts), [_account(platform, number) for number in range(start, min(start + CHUNK, count))]
            )


def _account(platform: Surroundings, number: int) -> dict[str, object]:
    document = f"99{number:016d}"
    index = index_id("01", document, "测试")
    pair = factor_pair(dispersal_factor(index))
    return {
        "index_id": index,
        "ecard_id": platform.machine.encrypt(ecard_id_plaintext("01", document), (pair,)).hex().upper(),
        "key_version": 1,
        "state": "normal",
        "id_type": "01",
        "id_number": document,
        "name": "测试",
        "sex": "1",
        "birthday": "19900101",
        "phone": "13800000000",
        "address": "四川省成都市测试路1号",
        "registered_ms": NOON_MS,
        "updated_ms": NOON_MS,
    }


def issue(platform: Surroundings, cards: Sequence[str], now_ms: int) -> list[Request]:
    """Issue a dynamic code to each card, in the order in which they are about to be shown."""
    expires_ms = now_ms + 120 * SECOND
    token = platform.machine.encrypt(validity_plaintext(expires_ms)).hex().upper()
    rows = [
        {
            "ecard_id": card,
            "token": token,
            "kind": "dynamic",
            "state": "issued",
            "issued_ms": now_ms,
            "expires_ms": expires_ms,
            "uses_left": 1,
        }
        for card in cards
    ]
    with platform.store.begin() as connection:
        connection.execute(insert(codes), rows)
    return [
        (CALLER, Verify(text=f"{card}:0:{token}", step="010105", request=f"request-{number}"))
        for number, card in enumerate(cards)
    ]


def groups_of(requests: Sequence[Request], size: int) -> Iterator[Sequence[Request]]:
    """The requests in groups."""
    return (requests[start : start + size] for start in range(0, len(requests), size))


def whole(platform: Surroundings, requests: Sequence[Request], size: int) -> dict[str, float]:
    """Microseconds a verification of whole groups: mean, best group, processor time."""
    took, processor, accepted = [], time.process_time(), 0
    for group in groups_of(requests, size):
        began = time.perf_counter()
        answers = verify_group(platform, group)
        took.append((time.perf_counter() - began) / len(group))
        accepted += sum(isinstance(answer, Verified) for answer in answers)
    if accepted != len(requests):
        raise SystemExit(f"{len(requests) - accepted} codes were refused: the measurement is void")
    used = (time.process_time() - processor) / len(requests)
    return {"mean": sum(took) / len(took) * 1e6, "best": min(took) * 1e6, "processor": used * 1e6}


def best(act: Callable[[int], object], size: int) -> float:
    """Microseconds an item of the fastest of several calls on groups 0, 1, 2 …."""
    times = []
    for number in range(REPEAT):
        began = time.perf_counter()
        act(number)
        times.append(time.perf_counter() - began)
    return min(times) / size * 1e6


def parts(platform: Surroundings, requests: Sequence[Request], size: int) -> list[tuple[str, float]]:
    """The parts of a verification."""
    groups = list(itertools.islice(groups_of(requests, size), REPEAT))
    cards = [[verify.text[:64] for _, verify in group] for group in groups]
    keys = [{(verify.text[:64], verify.text[67:]) for _, verify in group} for group in groups]
    figures = []
    with platform.store.read() as connection:
        read = [[examining._read(platform, caller, verify) for caller, verify in group] for group in groups]
        known = [looking_up.accounts_of_cards(connection, ids) for ids in cards]
        figures += [
            ("read the text", lambda n: [examining._read(platform, *one) for one in groups[n]]),
            ("find the accounts", lambda n: looking_up.accounts_of_cards(connection, cards[n])),
            (
                "decipher the card ids",
                lambda n: examining._check_cards(platform.machine, known[n], read[n], map),
            ),
            ("decipher the tokens", lambda n: examining._read_tokens(platform.machine, read[n])),
            ("find the codes", lambda n: looking_up.codes_of_cards(connection, keys[n])),
        ]
        measured = [(name, best(act, size)) for name, act in figures]
        rows = [list(looking_up.codes_of_cards(connection, wanted).values()) for wanted in keys]
    for row in itertools.chain.from_iterable(rows):
        row.changed = True
    uses = [
        [use_log.use_of(*request, request[1].text[:64], 1, use_log.ACCEPTED, NOON_MS, n) for request in group]
        for n, group in enumerate(groups)
    ]
    with platform.store.engine.connect() as connection:
        measured.append(("count down", best(lambda n: looking_up.count_down(connection, rows[n]), size)))
        measured.append(
            ("write the uses and the audit line", best(lambda n: use_log.write_uses(connection, uses[n]), size))
        )
        connection.rollback()
    return measured


def primitives(path: Path, size: int, cards: Sequence[str]) -> list[tuple[str, float]]:
    """The bare cost of what cannot be avoided."""
    key, block = bytes(range(16)), bytes(32)
    context = Cipher(algorithms.SM4(key), modes.ECB()).decryptor()
    database = sqlite3.connect(path)
    database.isolation_level = None
    database.execute("PRAGMA cache_size = -65536")
    found = "SELECT * FROM accounts WHERE ecard_id = ?"
    group = [(card,) for card in cards[:size]]
    database.execute("CREATE TEMP TABLE bare (a INTEGER PRIMARY KEY, b TEXT, c TEXT, d INTEGER)")
    rows = [("A" * 64, "accepted", number) for number in range(size)]
    figures = [
        ("SM4, 2 blocks, cached context", best(lambda _: [context.update(block) for _ in range(size)], size)),
        (
            "SM4, 2 blocks, new context",
            best(
                lambda _: [Cipher(algorithms.SM4(key), modes.ECB()).decryptor().update(block) for _ in range(size)],
                size,
            ),
        ),
        ("SQLite point select", best(lambda _: [database.execute(found, one).fetchone() for one in group], size)),
        (
            "SQLite insert, in memory, no index",
            best(lambda _: database.executemany("INSERT INTO bare (b, c, d) VALUES (?, ?, ?)", rows), size),
        ),
    ]
    database.close()
    return figures


def durable_commit(store: Store) -> float:
    """Milliseconds of the fastest commit of one changed row."""

    def commit(connection: Connection) -> None:
        connection.execute(text("PRAGMA user_version"))
        connection.execute(text("UPDATE audit_head SET number = number"))

    return best(lambda _: store.transact(commit), 1) / 1000


def main(count: int, size: int, folder: Path) -> None:
    """Measure and print."""
    console = Console()
    path = folder / f"verification-{count}.db"
    store = Store(f"sqlite:///{path}")
    platform = dataclasses.replace(surroundings(store, seed=time.time_ns() % 2**31))
    make_cards(platform, count)
    with store.begin() as connection:
        # Each run issues its codes at a later moment, so that the file serves again.
        now_ms = max(NOON_MS, connection.execute(select(func.max(codes.c.issued_ms))).scalar() or 0) + 1000 * SECOND
        ids = list(connection.execute(select(accounts.c.ecard_id)).scalars())
    platform = dataclasses.replace(platform, clock=SettableClock(now_ms))
    shown = random.Random(count).sample(ids, min(SHOWN, len(ids)))
    requests = issue(platform, shown, now_ms)
    figures = whole(platform, requests, size)
    console.print(
        f"{count} cards, groups of {size}, durable: {1e6 / figures['mean']:.0f} verifications/s "
        f"({figures['mean']:.1f} µs each, in the best group {figures['best']:.1f} µs, of the processor "
        f"{figures['processor']:.1f} µs); "
        f"one durable commit {durable_commit(store):.2f} ms"
    )
    table = Table("part", "µs a verification", title="parts")
    for name, cost in parts(platform, requests, size):
        table.add_row(name, f"{cost:.2f}")
    console.print(table)
    bare = Table("primitive", "µs each", title="bare primitives")
    for name, cost in primitives(path, size, shown):
        bare.add_row(name, f"{cost:.2f}")
    console.print(bare)
    store.close()


if __name__ == "__main__":
    arguments = dict(enumerate(sys.argv[1:]))
    with tempfile.TemporaryDirectory(prefix="healthcard-") as temporary:
        main(int(arguments.get(0, 1_000_000)), int(arguments.get(1, 64)), Path(arguments.get(2, temporary)))
