"""Which refusal a call ends in, and what the audit log then holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from reference.ecard.refusals import Refusal
from reference.serving import Surroundings
from reference.store import audit
from reference.store.audit import audit_lines


def refused(call: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    """The id of the refusal that the call raises."""
    with pytest.raises(Refusal) as caught:
        call(*arguments, **named)
    return caught.value.id


def actions(around: Surroundings) -> list[str]:
    """The actions of the audit log, in order; its chain must hold."""
    with around.store.read() as connection:
        audit.check(connection)
        return list(connection.scalars(select(audit_lines.c.action).order_by(audit_lines.c.number)))
