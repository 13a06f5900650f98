"""Writing parts of a binary file in the form that the profile asks for (switch ``binary-update``): plain or with a MAC.

Follows APP11 6.1.2.3 and 6.4.1.3 (7); for the MAC REV2 table 10-2. Blocks of 80h, as fielded.
"""

from __future__ import annotations

from reference.card.apdu import ResponseApdu
from reference.standard.rows import File, Protection
from reference.terminal.card_session import SECURED
from reference.terminal.endings import CommandRefused
from reference.terminal.terminal import OK, Terminal


def write_binary(terminal: Terminal, file: File, offset: int, data: bytes) -> None:
    """Write into the selected file, whose update right was gained. Raises CommandRefused, FlowBroken, SamRefuses."""
    block = terminal.standard.limit("read-binary-chunk")
    for start in range(0, len(data), block):
        at, part = offset + start, data[start : start + block]
        if file.protection is Protection.MAC:
            answer = _sealed_update(terminal, file, at, part)
        else:
            answer = terminal.card.update_binary(at, part)
        if answer.sw != OK:
            raise CommandRefused("UPDATE BINARY", f"{file.path} {at}", answer.describe())


def _sealed_update(terminal: Terminal, file: File, offset: int, data: bytes) -> ResponseApdu:
    p1, p2 = divmod(offset, 0x100)
    header = bytes((SECURED, terminal.standard.commands["card.update-binary"].ins, p1, p2))
    mac = terminal.command_mac(file.directory, header, data)
    return terminal.card.send("update-binary", cla=SECURED, p1=p1, p2=p2, data=data + mac)
