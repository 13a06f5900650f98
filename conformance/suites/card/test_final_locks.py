"""Locks for ever: they use up the card, so they run last, on a spare one.

Follows APP11 5.4 (permanent lock of an application) and 5.6 (lock of the card). The tests of this module run in the
order of the file: the card is locked by the last of them.
"""

from __future__ import annotations

from conformance.engine.marks import refusal, requirement, uses_up
from conformance.suites.card.steps import read_first
from conformance.suites.card.test_locks import BLOCK, UNBLOCK, content, reading, sample_file, send_lock
from reference.card.apdu import OK
from reference.card.violations import LockIneffective, LockLost, LockRefused, LockWithoutRight
from reference.languages import say
from reference.standard import Standard
from reference.terminal.terminal import FlowBroken, Terminal

CARD_BLOCK = "card-block"
CARD_KEY = "BKMF"


@requirement("card.appblock.permanent-final", "card.appblock.modes")
@uses_up("card")
def test_an_application_is_locked_for_ever(terminal: Terminal, standard: Standard) -> None:
    """Lock DF01 permanently: taken, and its files are closed."""
    directory = standard.directories["DDF1/DF01"]
    answer = send_lock(terminal, directory, BLOCK, mode=standard.limit("block-permanent"))
    if answer.sw != OK:
        name = standard.commands[f"card.{BLOCK}"].title
        raise LockRefused(directory.path, command=name, answer=answer.describe())
    closed = reading(terminal, sample_file(standard, directory))
    if closed.granted:
        how = say("locked for ever by APPLICATION BLOCK")
        raise LockIneffective(directory.path, how=how, answer=closed.describe())


@requirement("card.appblock.permanent-final")
@refusal(twin="test_an_application_is_locked_for_ever")
@uses_up("card")
def test_a_permanent_lock_is_not_lifted(terminal: Terminal, standard: Standard) -> None:
    """UNBLOCK with right key and MAC, locking temporarily over it and unlocking again: still locked."""
    directory = standard.directories["DDF1/DF01"]
    send_lock(terminal, directory, UNBLOCK)
    send_lock(terminal, directory, BLOCK)
    send_lock(terminal, directory, UNBLOCK)
    answer = reading(terminal, sample_file(standard, directory))
    if answer.granted:
        raise LockLost(directory.path, event=say("APPLICATION UNBLOCK"), answer=answer.describe())


@requirement("card.cardblock.needs-bk", "card.maintenance.set")
@refusal(twin="test_the_card_is_locked")
@uses_up("card")
def test_card_block_is_refused_without_its_key(terminal: Terminal, standard: Standard) -> None:
    """At the MF, a right MAC, nothing authenticated: refused, and the card works."""
    terminal.select("")
    answer = terminal.protected(CARD_BLOCK, "")
    require_working(terminal, standard, answer.granted, say("BKMF had not been authenticated"), answer.describe())


@requirement("card.cardblock.mac-checked")
@refusal(twin="test_the_card_is_locked")
@uses_up("card")
def test_card_block_is_refused_with_a_wrong_mac(terminal: Terminal, standard: Standard) -> None:
    """BKMF authenticated, one bit of the MAC changed: refused, and the card works."""
    terminal.select("")
    terminal.authenticate(CARD_KEY)
    row = standard.commands[f"card.{CARD_BLOCK}"]
    mac = bytearray(terminal.command_mac("", bytes((row.cla, row.ins, 0, 0))))
    mac[0] ^= 0x80
    answer = terminal.card.send(CARD_BLOCK, data=bytes(mac))
    require_working(terminal, standard, answer.granted, say("its MAC was wrong"), answer.describe())


@requirement("card.key.stkmf.files")
@refusal(twin="test_the_card_is_locked")
@uses_up("card")
def test_card_block_is_refused_with_a_mac_of_another_key(terminal: Terminal, standard: Standard) -> None:
    """BKMF authenticated, a MAC under STKDDF1: refused, and the card works."""
    terminal.select("")
    terminal.authenticate(CARD_KEY)
    row = standard.commands[f"card.{CARD_BLOCK}"]
    mac = terminal.command_mac("", bytes((row.cla, row.ins, 0, 0)), mac_key="STKDDF1")
    answer = terminal.card.send(CARD_BLOCK, data=mac)
    require_working(terminal, standard, answer.granted, say("its MAC was made with STKDDF1"), answer.describe())


def require_working(terminal: Terminal, standard: Standard, granted: bool, fault: object, answer: object) -> None:
    """Raise LockWithoutRight when the faulty command was accepted or the card no longer works."""
    try:
        works = bool(content(terminal, sample_file(standard, standard.directories["DDF1/DF02"])))
    except FlowBroken:
        works = False
    if granted or not works:
        name = standard.commands[f"card.{CARD_BLOCK}"].title
        raise LockWithoutRight("MF", command=name, fault=fault, answer=answer)


@requirement("card.cardblock.needs-bk", "card.cardblock.mac-checked", "card.key.bkmf.files", "card.key.stkmf.files")
@uses_up("card")
def test_the_card_is_locked(terminal: Terminal, standard: Standard) -> None:
    """BKMF authenticated at the MF, CARD BLOCK with a right MAC: taken."""
    terminal.select("")
    terminal.authenticate(CARD_KEY)
    answer = terminal.protected(CARD_BLOCK, "")
    if answer.sw != OK:
        raise LockRefused("MF", command=standard.commands[f"card.{CARD_BLOCK}"].title, answer=answer.describe())


@requirement("card.cardblock.permanent")
@refusal(twin="test_the_card_is_locked")
@uses_up("card")
def test_a_locked_card_does_nothing_any_more(bench: Terminal, standard: Standard) -> None:
    """Reset; select, read, challenge: every command is refused, and after another reset as well."""
    for _ in range(2):
        bench.card.reset()
        answers = [
            bench.card.select_identifier(standard.directories["DDF1"].fid),
            bench.card.select_identifier(standard.files["DDF1/EF05"].fid),
            read_first(bench.card, standard.files["DDF1/EF05"]),
            bench.card.challenge(),
        ]
        for answer in answers:
            if answer.granted:
                raise LockLost("MF", event=say("a reset"), answer=answer.describe())
