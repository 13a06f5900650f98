"""Locks of applications and of the card (APP11 5.4 to 5.6)."""

from __future__ import annotations

from reference.card.violations.base import Violation


class LockIneffective(Violation):
    """A locked application still gives out or takes content."""

    summary = "{subject} can be used although its application is locked ({how})."
    expected = "an error status and no data"
    causes = ("Is the lock looked at by SELECT only, and not by reading and updating?",)
    remedy = "Refuse reading and updating of every file of a locked application."


class LockRefused(Violation):
    """A right command to lock or unlock is refused."""

    summary = "{command} is refused in {subject} although key and MAC are right."
    expected = "9000"
    causes = (
        "Does the card know the command under other codes?",
        "Is the lock key or the maintenance key another one?",
    )
    remedy = "Compare class, instruction and P2 with the profile's command table, and recompute the MAC."


class LockWithoutRight(Violation):
    """The card locks or unlocks without the right key or MAC."""

    summary = "{command} in {subject} was carried out although {fault}."
    expected = "an error status, and the lock as it was"
    causes = ("Is the security status checked before the MAC?", "Is the MAC checked at all?")
    remedy = "Demand the lock key's right and a right MAC before anything is changed."


class LockLost(Violation):
    """A lock that must last was lifted."""

    summary = "The lock of {subject} was lifted by {event}."
    expected = "the lock lasts"
    causes = ("Is the lock kept in memory that does not last?", "Is a permanent lock handled like a temporary one?")
    remedy = "Keep locks in non-volatile memory, and permanent ones for ever."


class NoAutomaticLock(Violation):
    """Too many wrong MACs do not lock the application."""

    summary = "{subject} is not locked after {count} wrong MACs in a row."
    expected = "the application is locked temporarily, and a right update is refused"
    causes = ("Is there no counter, or a greater limit?", "Is the counter reset by commands without MAC?")
    remedy = "Count wrong MACs and lock at the limit, or state the product's own limit in the capability statement."
