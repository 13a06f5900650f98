"""Operations a second of both crypto engines in one run, and how many times faster the fast one is.

Run: ``python -m tests.benchmarks.crypto_engines``.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from reference.crypto import Engine
from reference.crypto.fast import FastEngine
from reference.crypto.oracle import GmsslEngine

KEY, BLOCK, RECORD, MESSAGE = bytes(range(16)), bytes(16), bytes(192), bytes(1639)
PRIVATE = bytes(range(1, 33))
PUBLIC = FastEngine().sm2_public_key(PRIVATE)
SIGNATURE = FastEngine().sm2_sign(PRIVATE, b"message")

OPERATIONS: dict[str, Callable[[Engine], object]] = {
    "SM3, 64 bytes": lambda engine: engine.sm3(RECORD[:64]),
    "SM3, inpatient file (1639 bytes)": lambda engine: engine.sm3(MESSAGE),
    "SM4, one block": lambda engine: engine.sm4_encrypt(KEY, BLOCK),
    "SM4, longest record (192 bytes)": lambda engine: engine.sm4_encrypt(KEY, RECORD),
    "SM4 chained (MAC), 208 bytes": lambda engine: engine.sm4_cbc_encrypt(KEY, BLOCK, RECORD + BLOCK),
    "SM2 signature": lambda engine: engine.sm2_sign(PRIVATE, b"message"),
    "SM2 verification": lambda engine: engine.sm2_verify(PUBLIC, b"message", SIGNATURE),
}


def rate(operation: Callable[[Engine], object], engine: Engine) -> float:
    """Operations a second, measured over at least 0.2 seconds after one that fills the caches."""
    operation(engine)
    count, seconds = timeit.Timer(lambda: operation(engine)).autorange()
    return count / seconds


def main() -> None:
    """Measure and print the table."""
    table = Table("operation", "fast /s", "gmssl /s", "ratio")
    for column in table.columns[1:]:
        column.justify = "right"
    fast, oracle = FastEngine(), GmsslEngine()
    for name, operation in OPERATIONS.items():
        quick, slow = rate(operation, fast), rate(operation, oracle)
        table.add_row(name, f"{quick:,.0f}", f"{slow:,.0f}", f"{quick / slow:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
