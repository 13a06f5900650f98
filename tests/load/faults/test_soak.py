"""The soak finds what may not be: each variation of the platform breaks one thing, and the books show it.

The variations are triggers in the database, whatever the platform does by itself: a use that is lost, a code that comes
back to life, a replaced code that stays good, a line of the use log that somebody changed.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from conformance.evidence.model import Verdict
from load.soak.result import SoakResult, shown
from load.soak.run import soak
from load.soak.settings import SoakSettings
from reference.store import Store
from reference.store.migrating import migrate

NOTHING = ""
LOSES_USES = """CREATE TRIGGER variation AFTER INSERT ON uses WHEN new.use_id % 20 = 0
BEGIN DELETE FROM uses WHERE use_id = new.use_id; END"""
REVIVES_CODES = """CREATE TRIGGER variation AFTER UPDATE ON codes WHEN new.uses_left = 0 AND new.code_id % 3 = 0
BEGIN UPDATE codes SET state = 'issued', uses_left = 1 WHERE code_id = new.code_id; END"""
KEEPS_REPLACED_CODES = """CREATE TRIGGER variation AFTER INSERT ON codes WHEN new.state = 'replaced'
BEGIN UPDATE codes SET state = 'issued' WHERE code_id = new.code_id; END"""
CHANGES_THE_LOG = """CREATE TRIGGER variation AFTER INSERT ON uses WHEN new.use_id % 20 = 0
BEGIN UPDATE uses SET institution = 'another' WHERE use_id = new.use_id; END"""


def soaked(folder: Path, variation: str) -> SoakResult:
    """What a short soak finds on a platform with this trigger."""
    database = f"sqlite:///{folder}/varied.db"
    store = Store(database)
    migrate(store)
    if variation:
        with store.begin() as connection:
            connection.execute(text(variation))
    store.close()
    settings = SoakSettings(
        codes=600, kill_every=0, workers=1, database=database, cards=300, connections=16, wave=600, seconds=60
    )
    result = soak(settings)
    assert result.valid, result.why_invalid
    assert f"{result.codes} codes" in shown(result)[0]
    assert msgspec.json.decode(msgspec.json.encode(result))["right"] is result.right
    return result


@pytest.mark.parametrize(
    ("built", "found", "broken"),
    [
        (NOTHING, set(), set()),
        (LOSES_USES, {"lost_events", "broken_logs"}, {"fault.every.no-lost-use"}),
        (REVIVES_CODES, {"double_uses"}, {"fault.every.single-use"}),
        (KEEPS_REPLACED_CODES, {"wrong_accepts"}, {"fault.every.right-answers"}),
        (CHANGES_THE_LOG, {"broken_logs"}, {"fault.every.no-lost-use"}),
    ],
    ids=["right", "loses uses", "revives codes", "keeps replaced codes", "changes the log"],
)
def test_a_platform_that_breaks_a_promise_is_found_out(
    tmp_path: Path, built: str, found: set[str], broken: set[str]
) -> None:
    result = soaked(tmp_path, built)
    counted = {name for name, count in msgspec.structs.asdict(result.findings).items() if name != "words" and count}
    failed = {id for id, verdict in result.verdicts.items() if verdict is Verdict.FAILED}
    assert found <= counted, result.findings
    assert broken <= failed
    assert built or not counted | failed, result
