"""The requirements on products as data: rows written by hand, and families over the tables.

Follows APP11 v1.1 and REV2; what neither states cites the standard or the decision that it is taken from.
`families.toml` makes a requirement of every row of a selection, `card_*.toml` hold the rows written by hand,
`reasons.toml` says why a row has no test. `awaited_*.csv` hold what waits for a suite to come, and `obligations.txt` is
the ledger of all obligations, against which both are accounted. Every id is stable and in one place only.
"""

from reference.standard.requirements.awaiting import read_awaited
from reference.standard.requirements.catalogue import read

__all__ = ["read", "read_awaited"]
