"""The lives of accounts and codes: which event leads from which state to which, by the table `states.toml`.

P-LIFE-04 (account) and P-LIFE-05 (codes) of the platform documents, account states of EC-QH. The functions know no
guards: the service checks what `guard_of` names before it lets the event happen.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from reference.ecard.broken_rules import BrokenRule
from reference.languages import Text, say
from reference.standard.ecard import EcardTables, load_ecard
from reference.standard.ecard.rows import Transition
from reference.standard.errors import StandardError, among


class AccountState(StrEnum):
    """States of an account (virtual card)."""

    UNREGISTERED = "unregistered"
    AWAITING_AUDIT = "awaiting-audit"
    AUDIT_FAILED = "audit-failed"
    CERTIFIED = "certified"
    PREMADE = "premade"
    NORMAL = "normal"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    ALIAS = "alias"


class AccountEvent(StrEnum):
    """What happens to an account."""

    REGISTER = "register"
    REQUEST = "request"
    APPROVE = "approve"
    REFUSE = "refuse"
    PREMAKE = "premake"
    CLAIM = "claim"
    APPLY_CODE = "apply-code"
    UPDATE = "update"
    BIND_BANK_CARD = "bind-bank-card"
    UNBIND_BANK_CARD = "unbind-bank-card"
    SUSPEND = "suspend"
    RESUME = "resume"
    CANCEL = "cancel"
    RESTORE = "restore"
    MERGE = "merge"
    UNDO_MERGE = "undo-merge"


class StaticCodeState(StrEnum):
    """States of a static code."""

    NOT_ISSUED = "not-issued"
    ISSUED = "issued"
    PRINTED = "printed"
    REVOKED = "revoked"
    DEAD = "dead"


class DynamicCodeState(StrEnum):
    """States of a dynamic code; none but ``issued`` can be left, once reached."""

    NOT_ISSUED = "not-issued"
    ISSUED = "issued"
    CONSUMED = "consumed"
    EXPIRED = "expired"
    REPLACED = "replaced"
    DEAD = "dead"


class CodeEvent(StrEnum):
    """What happens to a code; printing and revoking to static ones, consuming, expiring, replacing to dynamic ones."""

    ISSUE = "issue"
    PRINT = "print"
    USE = "use"
    REVOKE = "revoke"
    CONSUME = "consume"
    EXPIRE = "expire"
    REPLACE = "replace"
    KILL = "kill"


S = TypeVar("S", AccountState, StaticCodeState, DynamicCodeState)

MACHINES: Final[dict[type[StrEnum], str]] = {
    AccountState: "account",
    StaticCodeState: "static-code",
    DynamicCodeState: "dynamic-code",
}
"""The machine of the table that each kind of state belongs to."""


class TransitionRefused(BrokenRule):
    """An event that the state does not allow; its id is the refusal that the table gives to the state."""


class UnknownStateNumber(BrokenRule):
    """A number that means no state in its profile."""

    refusal = "person.unknown-code"


def next_state(state: S, event: AccountEvent | CodeEvent, tables: EcardTables | None = None) -> S:
    """The state after the event. Raises TransitionRefused. Source: PLAT P-LIFE-04, P-LIFE-05."""
    step = _steps(tables).get((type(state), state, event))
    if step is None:
        row = (tables or load_ecard()).states[MACHINES[type(state)], state.value]
        raise TransitionRefused(
            say(
                "The state is {state}; it allows: {events}.",
                state=row.title,
                events=", ".join(allowed_events(state, tables)) or "–",
            ),
            refusal=row.refusal,
        )
    return type(state)(step.after)


def allowed_events(state: S, tables: EcardTables | None = None) -> tuple[str, ...]:
    """The events that the state allows, in the order of the table."""
    return tuple(event for kind, before, event in _steps(tables) if kind is type(state) and before == state)


def guard_of(state: S, event: AccountEvent | CodeEvent, tables: EcardTables | None = None) -> Text | None:
    """What must hold before the event may happen; None where nothing must. Raises TransitionRefused."""
    next_state(state, event, tables)
    return _steps(tables)[type(state), state, event].guard


def state_number(profile: str, state: AccountState, tables: EcardTables | None = None) -> str:
    """The number that a wire profile sends for the state. Raises StandardError where the table has none."""
    written = _numbers(tables)[0]
    if (profile, state) not in written:
        raise StandardError(
            "ecard/states.toml",
            say("there is no row {name}.", name=f"{profile} {state}"),
            among(f"{profile} {state}" for profile, state in written),
        )
    return written[profile, state]


def state_of_number(profile: str, number: str, tables: EcardTables | None = None) -> AccountState:
    """The state that a number of a wire profile means. Raises UnknownStateNumber."""
    read = _numbers(tables)[1]
    if (profile, number) not in read:
        known = ", ".join(value for owner, value in read if owner == profile)
        raise UnknownStateNumber(say("Known numbers of the state are: {names}.", names=known or "–"), "status")
    return read[profile, number]


@functools.cache
def _steps(tables: EcardTables | None) -> Mapping[tuple[type[StrEnum], str, str], Transition]:
    """The transitions by kind of state, state and event."""
    kinds = {machine: kind for kind, machine in MACHINES.items()}
    return MappingProxyType(
        {
            (kinds[row.machine], before, row.event): row
            for row in (tables or load_ecard()).transitions
            for before in row.before
        }
    )


@functools.cache
def _numbers(
    tables: EcardTables | None,
) -> tuple[Mapping[tuple[str, str], str], Mapping[tuple[str, str], AccountState]]:
    """The numbers to send, by profile and state, and the states received, by profile and number."""
    rows = (tables or load_ecard()).state_numbers
    return (
        MappingProxyType({(row.profile, row.state): row.value for row in rows if row.write}),
        MappingProxyType({(row.profile, row.value): AccountState(row.state) for row in rows if row.read}),
    )
