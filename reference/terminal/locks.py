"""Locking and unlocking: APPLICATION BLOCK, APPLICATION UNBLOCK, CARD BLOCK (APP11 5.4 to 5.7)."""

from __future__ import annotations

from reference.card.access import key_of_role
from reference.card.tree import MASTER_FILE
from reference.languages import Text, say
from reference.standard.rows import KeyRole
from reference.terminal.admission import begin, internal_key, need_sam
from reference.terminal.endings import CommandRefused
from reference.terminal.terminal import OK, Terminal


def block_application(terminal: Terminal, application: str, *, permanent: bool = False) -> None:
    """Lock an application (``DDF1/DF01``), for the time being or for ever (APP11 5.4.1).

    Raises WrongSamType before the card is touched; CommandRefused, FlowBroken, SamRefuses; ValueError for a directory
    that has no lock key.
    """
    mode = terminal.standard.limit("block-permanent" if permanent else "block-temporary")
    _locked(terminal, say("locking an application"), "application-block", application, p2=mode)


def unblock_application(terminal: Terminal, application: str) -> None:
    """Lift an application's temporary lock (APP11 5.5.1); raises as `block_application`."""
    _locked(terminal, say("unlocking an application"), "application-unblock", application)


def block_card(terminal: Terminal) -> None:
    """Lock the whole card for ever (APP11 5.6.1); raises as `block_application`."""
    _locked(terminal, say("locking a card"), "card-block", MASTER_FILE, role=KeyRole.CARD_BLOCK)


def _locked(
    terminal: Terminal,
    flow: Text,
    command: str,
    directory: str,
    *,
    p2: int = 0,
    role: KeyRole = KeyRole.APPLICATION_LOCK,
) -> None:
    """The flow that all three share: SELECT, the lock key's authentication, challenge, MAC over the header, command."""
    standard = terminal.standard
    key = key_of_role(standard, directory, role)
    if key is None:
        raise ValueError(f"{directory or 'MF'} has no key of role {role}")
    need_sam(terminal, flow, [internal_key(standard), key.id, terminal.maintenance_key(directory)])
    begin(terminal)
    terminal.select(directory)
    terminal.authenticate(key.id)
    answer = terminal.protected(command, directory, p2=p2)
    if answer.sw != OK:
        raise CommandRefused(standard.commands[f"card.{command}"].title, directory, answer.describe())
