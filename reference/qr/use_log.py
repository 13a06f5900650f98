"""The use log (用卡记录): one row a verification, accepted or refused, and one chained audit line a group of rows.

The line carries number and SM3 digest of its rows, so that a row changed, taken out or put in is found, at the price of
one link of the chain a transaction. Monitoring (用卡监测) reads the rows. Source: decision (architecture, platform and
scale); the fields are those of Qinghai E0003 and Sichuan verify.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, func, insert, select

from reference.ecard.moments import Moment
from reference.ecard.verbs import Caller, Verify
from reference.qr.columns import keeps, width
from reference.store import audit
from reference.store.audit import audit_lines
from reference.store.code_tables import codes, uses
from reference.store.compiled import Blocks, numbered

ACTION = "codes.verify"
ACTOR = "verification"
ACCEPTED = "accepted"


class Use(NamedTuple):
    """One verification: a row of `uses` but for its number. ``code_id`` is 0 where no code is recorded."""

    ecard_id: str
    code_id: int
    used_ms: Moment
    institution: str
    terminal: str
    channel: str
    step: str
    app: str
    outcome: str
    request: str
    group_id: int


WIDTHS = {name: width(uses.c[name]) for name in ("institution", "terminal", "channel", "step", "app", "request")}
"""Characters that the columns take which a request fills."""
STEP_WIDTH, REQUEST_WIDTH, TERMINAL_WIDTH = WIDTHS["step"], WIDTHS["request"], WIDTHS["terminal"]
CHANNEL_WIDTH, INSTITUTION_WIDTH, APP_WIDTH = WIDTHS["channel"], WIDTHS["institution"], WIDTHS["app"]


class BrokenUseLog(Exception):
    """The rows of a group of uses are not those that its audit line tells of; ``group_id`` names it, 0 all together."""

    def __init__(self, group_id: int) -> None:
        super().__init__(f"the uses of group {group_id} are not those of its audit line")
        self.group_id = group_id


def use_of(
    caller: Caller, verify: Verify, ecard_id: str, code_id: int, outcome: str, used_ms: Moment, group_id: int
) -> Use:
    """The use that a request is; whoever asks has seen that it `fits`, or takes `cut_to_fit`."""
    return Use(
        ecard_id,
        code_id,
        used_ms,
        caller.institution,
        caller.terminal,
        caller.channel,
        verify.step,
        caller.app,
        outcome,
        verify.request,
        group_id,
    )


def cut_to_fit(use: Use) -> Use:
    """The use without what its columns cannot keep."""
    cut = {name: "" for name in WIDTHS if not keeps(uses.c[name], getattr(use, name))}
    return Use._make((use._asdict() | cut).values())


def fits(caller: Caller, verify: Verify) -> bool:
    """Whether what a request says of itself can be kept: one that does not fit must not spoil its group."""
    step, request, terminal, channel = verify.step, verify.request, caller.terminal, caller.channel
    institution, app = caller.institution, caller.app
    return (
        len(step) <= STEP_WIDTH
        and len(request) <= REQUEST_WIDTH
        and len(terminal) <= TERMINAL_WIDTH
        and len(channel) <= CHANNEL_WIDTH
        and len(institution) <= INSTITUTION_WIDTH
        and len(app) <= APP_WIDTH
        and f"{step}{request}{terminal}{channel}{institution}{app}".isprintable()
    )


def write_uses(connection: Connection, rows: Sequence[Use]) -> None:
    """Write a group of uses and its audit line. Call it last in a transaction: it makes other writers wait."""
    if not rows:
        return
    _INSERT.each(connection, rows)
    used_ms, group_id = rows[0].used_ms, rows[0].group_id
    details = {"group": group_id, "count": len(rows), "digest": digest_of(rows)}
    audit.append(connection, used_ms, ACTOR, ACTION, str(group_id), **details)


def digest_of(rows: Iterable[Use]) -> str:
    """SM3 over the rows of a group, in hexadecimal; their order does not matter."""
    return hashlib.new("sm3", b"\n".join(sorted(map(_encode, rows)))).hexdigest()


def check_uses(connection: Connection) -> int:
    """The number of uses, when each is what the audit log tells; `audit.check` checks that log itself.

    Raises BrokenUseLog with the first group that differs, or 0 when rows belong to no group.
    """
    counted = 0
    lines = connection.execute(
        select(audit_lines.c.at_ms, audit_lines.c.details)
        .where(audit_lines.c.action == ACTION)
        .order_by(audit_lines.c.number)
    ).all()
    for at_ms, details in lines:
        told = msgspec.json.decode(details, type=_Line)
        rows = [
            Use(*row)
            for row in connection.execute(
                select(*_COLUMNS).where(uses.c.used_ms == at_ms, uses.c.group_id == told.group)
            )
        ]
        if len(rows) != told.count or digest_of(rows) != told.digest:
            raise BrokenUseLog(told.group)
        counted += len(rows)
    if counted != connection.execute(select(func.count()).select_from(uses)).scalar_one():
        raise BrokenUseLog(0)
    return counted


def uses_of_card(connection: Connection, ecard_id: str, limit: int = 100) -> tuple[Use, ...]:
    """The last uses of a card's recorded codes, the latest first."""
    rows = connection.execute(
        select(*_COLUMNS)
        .join(codes, codes.c.code_id == uses.c.code_id)
        .where(codes.c.ecard_id == ecard_id)
        .order_by(uses.c.use_id.desc())
        .limit(limit)
    ).all()
    return tuple(Use(*row) for row in rows)


class _Line(msgspec.Struct):
    group: int
    count: int
    digest: str


_COLUMNS = [uses.c[name] for name in Use._fields]
_INSERT = Blocks(
    lambda dialect, rows: insert(uses).inline().values([numbered(Use._fields, row) for row in range(rows)])
)
assert tuple(column.name for column in uses.columns)[1:] == Use._fields, "parameters stand in the order of the table"
_encode = msgspec.json.Encoder().encode
