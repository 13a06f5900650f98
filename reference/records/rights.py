"""By what right a reader may open a record: it is his own, the resident has authorised him, or it is an emergency.

The order is that of the words: who needs no emergency declares none. Source: P-EMPI-08, P-AUTHZ-03; that restricted
kinds stay closed in emergencies is a decision (`records.toml`).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Authorisation, Caller
from reference.records.checks import check_text
from reference.records.tables import kinds
from reference.store.record_tables import record_openings


class Right(msgspec.Struct, frozen=True):
    """A right to open: ``way`` is ``own``, ``authorisation`` or ``emergency``."""

    way: str
    authorisation_id: str = ""


def right(
    keeper: str, kind: str, reader: str, granted: Sequence[Authorisation], *, purpose: str = "", emergency: bool
) -> Right | None:
    """The right to open a record of this keeper and kind; None where there is none.

    ``purpose`` must be that of the authorisation; empty while records are only gathered.
    """
    if keeper == reader:
        return Right("own")
    for authorisation in granted:
        if kind in authorisation.kinds and purpose in ("", authorisation.purpose):
            return Right("authorisation", authorisation.authorisation_id)
    if emergency and not kinds()[kind].restricted:
        return Right("emergency")
    return None


def check_emergency(caller: Caller, reason: str) -> None:
    """An emergency has a reason and a doctor with a name. Raises Refusal ``request.empty-field``."""
    if not reason:
        return
    check_text(record_openings.c.reason, "emergency", reason)
    if not (caller.operator and caller.institution):
        raise Refusal("request.empty-field", "operator" if caller.institution else "institution")
