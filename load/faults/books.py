"""Whether the books of a platform check out once it stands: audit log, use log, and the file of the database."""

from __future__ import annotations

from load.faults.ledger import Findings
from reference.qr.use_log import BrokenUseLog, check_uses
from reference.store import BrokenChain, Store, audit


def check_books(store: Store, findings: Findings) -> None:
    """Add what does not check out to the findings. Nobody writes meanwhile."""
    with store.read() as connection:
        try:
            audit.check(connection)
        except BrokenChain as broken:
            findings.found("broken_logs", str(broken))
        try:
            check_uses(connection)
        except BrokenUseLog as broken:
            findings.found("broken_logs", str(broken))
        if store.is_sqlite:
            said = [row[0] for row in connection.exec_driver_sql("PRAGMA quick_check(5)")]
            if said != ["ok"]:
                findings.found("broken_logs", f"the database: {'; '.join(said)}")
