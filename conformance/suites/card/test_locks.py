"""Temporary locks: APPLICATION BLOCK and UNBLOCK, and the lock that wrong MACs bring about.

Follows APP11 5.4, 5.5 and 5.7 and REV2 table 10-2. Every lock of this module is lifted again; locks for ever are in
`test_final_locks`.
"""

from __future__ import annotations

from conformance.engine.marks import each, refusal, requirement, uses_up
from conformance.engine.transcript import Transcript
from conformance.suites.card.steps import open_file, read_first
from conformance.suites.card.subjects import applications
from reference.card.access import key_of_role
from reference.card.apdu import OK, ResponseApdu
from reference.card.violations import (
    ContentNotStored,
    LockIneffective,
    LockLost,
    LockRefused,
    LockWithoutRight,
    NoAutomaticLock,
)
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import Directory, File, FileKind, KeyRole
from reference.terminal.card_session import SECURED
from reference.terminal.terminal import FlowBroken, Terminal

BLOCK, UNBLOCK = "application-block", "application-unblock"
WRONG_MAC_LENGTH = 4


def lock_key(standard: Standard, directory: Directory) -> str:
    """The key whose right locks and unlocks an application."""
    key = key_of_role(standard, directory.path, KeyRole.APPLICATION_LOCK)
    assert key is not None
    return key.id


def sample_file(standard: Standard, directory: Directory) -> File:
    """A record file of the application."""
    return next(f for f in standard.files.values() if f.directory == directory.path and f.kind is not FileKind.BINARY)


def send_lock(terminal: Terminal, directory: Directory, command: str, *, mode: int = 0) -> ResponseApdu:
    """Lock or unlock with every right: select, lock key, command with MAC (APP11 5.4.1, 5.5.1)."""
    terminal.select(directory.path)
    terminal.authenticate(lock_key(terminal.standard, directory))
    return terminal.protected(command, directory.path, p2=mode)


def must_lock(terminal: Terminal, directory: Directory, command: str) -> None:
    """Lock or unlock; raise FlowBroken(LockRefused) when the card does not."""
    answer = send_lock(terminal, directory, command)
    if answer.sw != OK:
        name = terminal.standard.commands[f"card.{command}"].title
        raise FlowBroken(LockRefused(directory.path, command=name, answer=answer.describe()))


def reading(terminal: Terminal, file: File) -> ResponseApdu:
    """Try to read with the read key; a refused authentication counts as the refusal."""
    terminal.select(file.directory)
    selected = terminal.card.select_identifier(file.fid)
    if selected.sw != OK:
        return selected
    assert file.read is not None
    answer = terminal.try_external_authentication(file.read)
    return answer if answer.sw != OK else read_first(terminal.card, file)


def require_locked(terminal: Terminal, file: File, how: str) -> None:
    """Raise LockIneffective when the file is given out; the lock is lifted first."""
    answer = reading(terminal, file)
    if answer.granted:
        directory = terminal.standard.directories[file.directory]
        send_lock(terminal, directory, UNBLOCK)
        raise LockIneffective(file.path, how=say(how), answer=answer.describe())


def content(terminal: Terminal, file: File) -> bytes:
    """The sample file's first record, read with its right."""
    return reading(terminal, file).data


@requirement(
    "card.appblock.modes",
    "card.appblock.temporary-can-unblock",
    "card.appunblock.effect",
    "card.appunblock.mac-checked",
    "card.appblock.mac-checked",
    "card.appblock.needs-lk",
    "card.appunblock.needs-lk",
    "card.appunblock.only-way",
    "card.appblock.effect",
    "card.maintenance.set",
)
@each("directory", applications)
def test_an_application_is_locked_and_unlocked(
    terminal: Terminal, directory: Directory, standard: Standard, transcript: Transcript
) -> None:
    """Lock temporarily, unlock: the content is as before. The twin of the refusals below."""
    file = sample_file(standard, directory)
    before = content(terminal, file)
    for command in (BLOCK, UNBLOCK):
        answer = send_lock(terminal, directory, command)
        if answer.sw != OK:
            name = standard.commands[f"card.{command}"].title
            raise LockRefused(directory.path, command=name, answer=answer.describe()).at(transcript.last())
    after = content(terminal, file)
    if after != before or not before:
        raise ContentNotStored(
            file.path,
            wanted=say("{hex}", hex=before.hex(" ").upper()),
            found=say("{hex}", hex=after.hex(" ").upper()),
        )


@requirement("card.key.lk{directory.fid}.files")
@each("directory", applications)
def test_a_lock_key_locks_its_application(terminal: Terminal, directory: Directory) -> None:
    """The application's lock key gives the right to lock and to unlock."""
    must_lock(terminal, directory, BLOCK)
    must_lock(terminal, directory, UNBLOCK)


@requirement("card.appblock.effect", "card.adf.independence")
@refusal(twin="test_an_application_is_locked_and_unlocked")
@each("directory", applications)
def test_a_locked_application_gives_and_takes_nothing(
    terminal: Terminal, directory: Directory, standard: Standard
) -> None:
    """Locked: reading is refused; the other applications answer as before; then unlock."""
    file = sample_file(standard, directory)
    must_lock(terminal, directory, BLOCK)
    require_locked(terminal, file, "locked by APPLICATION BLOCK")
    for other in applications(standard):
        if other.path != directory.path and not content(terminal, sample_file(standard, other)):
            send_lock(terminal, directory, UNBLOCK)
            raise LockIneffective(other.path, how=say("a lock of another application"), answer=say("no content"))
    must_lock(terminal, directory, UNBLOCK)


@requirement("card.appunblock.only-way")
@refusal(twin="test_an_application_is_locked_and_unlocked")
@each("directory", applications)
def test_a_lock_outlasts_a_reset(terminal: Terminal, directory: Directory, standard: Standard) -> None:
    """Locked, reset, select again: still locked; then unlock."""
    file = sample_file(standard, directory)
    must_lock(terminal, directory, BLOCK)
    terminal.start()
    answer = reading(terminal, file)
    must_lock(terminal, directory, UNBLOCK)
    if answer.granted:
        raise LockLost(directory.path, event=say("a reset"), answer=answer.describe())


def unchanged_lock(
    terminal: Terminal, directory: Directory, command: str, answer: ResponseApdu, fault: str, at: int | None
) -> None:
    """Raise LockWithoutRight when a faulty command was accepted or took effect; leave the application unlocked."""
    file = sample_file(terminal.standard, directory)
    locked = not reading(terminal, file).granted
    wanted = command == UNBLOCK
    if locked:
        send_lock(terminal, directory, UNBLOCK)
    if answer.granted or locked != wanted:
        name = terminal.standard.commands[f"card.{command}"].title
        raise LockWithoutRight(directory.path, command=name, fault=say(fault), answer=answer.describe()).at(at)


@requirement("card.app{command}.needs-lk", "card.maintenance.set")
@refusal(twin="test_an_application_is_locked_and_unlocked_once")
@each("command", lambda standard: ("block", "unblock"))
def test_a_lock_command_is_refused_without_the_lock_key(
    terminal: Terminal, command: str, standard: Standard, transcript: Transcript
) -> None:
    """A right MAC, and every other key of the application authenticated, but not the lock key: refused."""
    for directory in applications(standard):
        if command == "unblock":
            must_lock(terminal, directory, BLOCK)
        terminal.start()
        terminal.select(directory.path)
        for key in standard.keys.values():
            if key.directory == directory.path and key.role in (KeyRole.READ, KeyRole.UPDATE):
                terminal.try_external_authentication(key.id)
        answer = terminal.protected(f"application-{command}", directory.path)
        fault = "the lock key had not been authenticated"
        unchanged_lock(terminal, directory, f"application-{command}", answer, fault, transcript.last())


@requirement("card.app{command}.mac-checked", "card.maintenance.set")
@refusal(twin="test_an_application_is_locked_and_unlocked_once")
@uses_up("wrong-mac", 6)
@each("command", lambda standard: ("block", "unblock"))
def test_a_lock_command_is_refused_with_a_wrong_mac(
    terminal: Terminal, command: str, standard: Standard, transcript: Transcript
) -> None:
    """The lock key authenticated, no MAC, then one bit of it changed: refused, and the lock as before."""
    for directory in applications(standard):
        for fault in ("it carried no MAC", "its MAC was wrong"):
            if command == "unblock":
                must_lock(terminal, directory, BLOCK)
            terminal.select(directory.path)
            terminal.authenticate(lock_key(standard, directory))
            row = standard.commands[f"card.application-{command}"]
            mac = bytearray(terminal.command_mac(directory.path, bytes((row.cla, row.ins, 0, 0))))
            mac[-1] ^= 0x01
            sent = bytes(mac) if fault == "its MAC was wrong" else b""
            answer = terminal.card.send(f"application-{command}", data=sent)
            unchanged_lock(terminal, directory, f"application-{command}", answer, fault, transcript.last())
        for right in (BLOCK, UNBLOCK):
            must_lock(terminal, directory, right)


@requirement("card.key.no-lkddf1")
@refusal(twin="test_an_application_is_locked_and_unlocked_once")
def test_the_environment_cannot_be_locked(terminal: Terminal, standard: Standard) -> None:
    """APPLICATION BLOCK with DDF1 selected and all its keys authenticated: refused."""
    terminal.select("DDF1")
    for key in standard.keys.values():
        if key.directory == "DDF1" and key.role in (KeyRole.READ, KeyRole.UPDATE):
            terminal.authenticate(key.id)
    answer = terminal.protected(BLOCK, "DDF1")
    if answer.granted:
        name = standard.commands[f"card.{BLOCK}"].title
        fault = say("DDF1 has no lock key")
        raise LockWithoutRight("DDF1", command=name, fault=fault, answer=answer.describe())


@requirement("card.key.no-lkddf1")
def test_an_application_is_locked_and_unlocked_once(terminal: Terminal, standard: Standard) -> None:
    """APPLICATION BLOCK with DF01 selected: taken; then unlock. The twin of the refusal above."""
    directory = standard.directories["DDF1/DF01"]
    must_lock(terminal, directory, BLOCK)
    must_lock(terminal, directory, UNBLOCK)


@requirement("card.mac-limit.auto-lock", "card.mac-limit.is-temporary", "card.mac-limit.scope")
@uses_up("wrong-mac", 6)
@each("directory", lambda standard: (standard.directories["DDF1/DF01"], standard.directories["DDF1/DF02"]))
def test_too_many_wrong_macs_lock_the_application_temporarily(
    terminal: Terminal, directory: Directory, standard: Standard
) -> None:
    """Updates with a wrong MAC up to the limit: locked, the other applications are not; UNBLOCK lifts it."""
    file = sample_file(standard, directory)
    before = content(terminal, file)
    limit = standard.limit("wrong-mac-limit")
    for _ in range(limit):
        open_file(terminal, file, file.update)
        header = terminal.update_header(1, 0x04)
        data = bytearray(terminal.secured_data(directory.path, header, before))
        data[-1] ^= 0x01
        terminal.card.update_record(1, bytes(data), cla=0x04)
    locked = not reading(terminal, file).granted
    other = next(row for row in applications(standard) if row.path != directory.path)
    others_work = bool(content(terminal, sample_file(standard, other)))
    unlocked = send_lock(terminal, directory, UNBLOCK)
    after = content(terminal, file)
    if not locked:
        raise NoAutomaticLock(directory.path, count=limit, answer=say("the file as before"))
    if not others_work:
        raise LockIneffective(other.path, how=say("a lock of another application"), answer=say("no content"))
    if unlocked.sw != OK or after != before:
        name = standard.commands[f"card.{UNBLOCK}"].title
        raise LockRefused(directory.path, command=name, answer=unlocked.describe())


@requirement("card.binary-update.mac-mode")
@uses_up("wrong-mac", 3)
def test_wrong_macs_of_binary_updates_lock_the_application(terminal: Terminal, standard: Standard) -> None:
    """UPDATE BINARY with a wrong MAC up to the limit: the application is locked; UNBLOCK lifts it."""
    file = standard.files["DDF1/DF03/ED01"]
    directory = standard.directories[file.directory]
    limit = standard.limit("wrong-mac-limit")
    for _ in range(limit):
        open_file(terminal, file, file.update)
        terminal.challenge()
        terminal.card.send("update-binary", cla=SECURED, data=bytes(1 + WRONG_MAC_LENGTH))
    answer = reading(terminal, sample_file(standard, directory))
    must_lock(terminal, directory, UNBLOCK)
    if answer.granted:
        raise NoAutomaticLock(directory.path, count=limit, answer=answer.describe())
