"""Printing of static codes (二维码打印, P-ECARD-08): image, print log, and revocation of a lost print (P-LIFE-05).

The image is a PNG of 200 by 200 pixels (Qinghai 3.3) in the colour of the holder's health state (Tencent
getDynamicQRCode), or an SVG for labels. The national text of a static code holds nothing but the card id, so that no
print tells when it was made: once a new code is applied for after a revocation, the lost print works again. The print
log says which prints were revoked, and the line of the new code in the audit log how many of them work again. Whoever
needs more uses dynamic codes.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select, update

from reference.ecard.refusals import Refusal
from reference.ecard.states import CodeEvent, StaticCodeState, next_state
from reference.ecard.verbs import Caller, Done, Print, PrintCode, RevokeCode
from reference.qr.columns import keeps
from reference.qr.images import png, svg
from reference.qr.in_force import code_of, states_that_allow, static_row
from reference.serving import Surroundings, serves
from reference.store import audit
from reference.store.account_rows import found, require_holding
from reference.store.code_tables import codes, prints

MEDIA = ("label", "slip", "wristband", "booklet")
"""What codes are printed on (P-ECARD-08)."""


@serves(PrintCode)
def print_code(surroundings: Surroundings, caller: Caller, verb: PrintCode) -> Print:
    """Print the static code once more; the print is in the log before the image is handed out.

    Raises Refusal ``account.…`` by the state of the account, ``code.not-issued``, ``code.revoked``,
    ``request.field-malformed`` for a medium or reason that cannot be kept.
    """
    if verb.medium not in MEDIA:
        raise Refusal("request.field-malformed", "medium")
    if not keeps(prints.c.reason, verb.reason):
        raise Refusal("request.field-malformed", "reason")
    now_ms = surroundings.clock.now_ms()

    def work(connection: Connection) -> Print:
        account = found(connection, verb.who, surroundings.tables, locked=True)
        require_holding(account, surroundings.tables)
        row = static_row(connection, account["ecard_id"], locked=True)
        state = StaticCodeState(row["state"]) if row is not None else StaticCodeState.NOT_ISSUED
        if row is None or state.value not in states_that_allow(CodeEvent.PRINT, surroundings.tables):
            raise Refusal(surroundings.tables.states["static-code", state.value].refusal)
        printed = next_state(state, CodeEvent.PRINT, surroundings.tables)
        connection.execute(update(codes).where(codes.c.code_id == row["code_id"]).values(state=printed.value))
        connection.execute(
            insert(prints).values(
                ecard_id=account["ecard_id"],
                printed_ms=now_ms,
                medium=verb.medium,
                institution=caller.institution,
                terminal=caller.terminal,
                operator=caller.operator,
                reason=verb.reason,
            )
        )
        number = connection.execute(
            select(func.count()).select_from(prints).where(prints.c.ecard_id == account["ecard_id"])
        ).scalar_one()
        code = code_of(surroundings, row, caller.profile, account["colour"])
        side = surroundings.tables.limit("qr-image-pixels")
        image = png(code.text, code.colour, side) if verb.format == "png" else svg(code.text, code.colour)
        audit.append(
            connection,
            now_ms,
            caller.name,
            "code.print",
            account["index_id"],
            code=row["code_id"],
            medium=verb.medium,
            number=number,
        )
        return Print(code=code, image=image, number=number)

    return surroundings.store.transact(work)


@serves(RevokeCode)
def revoke_code(surroundings: Surroundings, caller: Caller, verb: RevokeCode) -> Done:
    """Take the static code out of use.

    Raises Refusal ``code.not-issued``, ``code.revoked``, ``account.unregistered``, ``request.field-malformed``.
    """
    if not keeps(prints.c.reason, verb.reason):
        raise Refusal("request.field-malformed", "reason")
    now_ms = surroundings.clock.now_ms()

    def work(connection: Connection) -> Done:
        account = found(connection, verb.who, surroundings.tables, locked=True)
        row = static_row(connection, account["ecard_id"], locked=True)
        state = StaticCodeState(row["state"]) if row is not None else StaticCodeState.NOT_ISSUED
        revoked = next_state(state, CodeEvent.REVOKE, surroundings.tables)
        assert row is not None, "a code that was not issued is not revoked either"
        connection.execute(update(codes).where(codes.c.code_id == row["code_id"]).values(state=revoked.value))
        ecard_id = account["ecard_id"]
        lost = connection.execute(
            update(prints).where(prints.c.ecard_id == ecard_id, prints.c.revoked_ms.is_(None)).values(revoked_ms=now_ms)
        ).rowcount
        audit.append(
            connection,
            now_ms,
            caller.name,
            "code.revoke",
            account["index_id"],
            code=row["code_id"],
            prints=lost,
            reason=verb.reason,
        )
        return Done()

    return surroundings.store.transact(work)
