"""What is sent for each row ``card.error.*`` that is no update: one function a row, named as the row's tail.

Follows ISO/IEC 7816-4; the status words that a row accepts stand in the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable

from conformance.suites.card.steps import open_file
from reference.card.apdu import CommandApdu, ResponseApdu
from reference.terminal.card_session import BY_NUMBER
from reference.terminal.terminal import Terminal

Scenario = Callable[[Terminal], ResponseApdu]
SCENARIOS: dict[str, Scenario] = {}

FREE, CLOSED, PHOTO = "DDF1/EF05", "DDF1/DF02/EF05", "DDF1/EF07"
KEY = "RK1DDF1"
UNKNOWN_REFERENCE = 0x7E
SHORT_IDENTIFIER = 30


def scenario(tail: str) -> Callable[[Scenario], Scenario]:
    """Register what is sent for the row ``card.error.`` + tail."""

    def register(function: Scenario) -> Scenario:
        SCENARIOS[f"card.error.{tail}"] = function
        return function

    return register


def command(terminal: Terminal, name: str, **fields: object) -> CommandApdu:
    """A command of the table, not sent yet; p1, p2, data and le as given."""
    row = terminal.standard.commands[f"card.{name}"]
    apdu = CommandApdu(row.cla, row.ins, row.p1 or 0, row.p2 or 0)
    return CommandApdu(**({field: getattr(apdu, field) for field in apdu.__struct_fields__} | fields))


def once(terminal: Terminal, name: str, **fields: object) -> ResponseApdu:
    """Send a command of the table and take the answer as it comes."""
    return terminal.card.once(command(terminal, name, **fields))


def opened(terminal: Terminal, path: str) -> None:
    """Select a file with its read right satisfied."""
    file = terminal.standard.files[path]
    open_file(terminal, file, file.read)


# -- APDUs that are none -------------------------------------------------------------------------------------


@scenario("apdu.data-shorter-than-lc")
def _(terminal: Terminal) -> ResponseApdu:
    return terminal.card.once_raw(bytes.fromhex("00A40000043F00"))


@scenario("apdu.data-longer-than-lc")
def _(terminal: Terminal) -> ResponseApdu:
    return terminal.card.once_raw(bytes.fromhex("00A40000023F000000"))


@scenario("apdu.extended-length")
def _(terminal: Terminal) -> ResponseApdu:
    return terminal.card.once_raw(bytes.fromhex("00A400000000023F00"))


# -- selection -----------------------------------------------------------------------------------------------


@scenario("select.unknown-p1")
def _(terminal: Terminal) -> ResponseApdu:
    return once(terminal, "select", p1=0x7F, data=bytes.fromhex("3F00"))


@scenario("select.unknown-p2")
def _(terminal: Terminal) -> ResponseApdu:
    return once(terminal, "select", p2=0xF0, data=bytes.fromhex("3F00"))


@scenario("select.wrong-length")
def _(terminal: Terminal) -> ResponseApdu:
    return once(terminal, "select", data=bytes.fromhex("3F"))


# -- reading -------------------------------------------------------------------------------------------------


@scenario("read-record.no-file-selected")
def _(terminal: Terminal) -> ResponseApdu:
    terminal.select("DDF1")
    return once(terminal, "read-record", p1=1, p2=BY_NUMBER, le=0)


@scenario("read-record.wrong-file-type")
def _(terminal: Terminal) -> ResponseApdu:
    opened(terminal, PHOTO)
    return once(terminal, "read-record", p1=1, p2=BY_NUMBER, le=0)


@scenario("read-record.record-zero")
def _(terminal: Terminal) -> ResponseApdu:
    terminal.select(FREE)
    return once(terminal, "read-record", p1=0, p2=BY_NUMBER, le=0)


@scenario("read-record.unknown-identifier")
def _(terminal: Terminal) -> ResponseApdu:
    terminal.select(FREE)
    return once(terminal, "read-record", p1=0x7E, p2=0x00, le=0)


@scenario("read-record.unknown-p2")
def _(terminal: Terminal) -> ResponseApdu:
    terminal.select(FREE)
    return once(terminal, "read-record", p1=1, p2=0x07, le=0)


@scenario("read-record.sfi-unsupported")
def _(terminal: Terminal) -> ResponseApdu:
    terminal.select(FREE)
    return once(terminal, "read-record", p1=1, p2=SHORT_IDENTIFIER << 3 | BY_NUMBER, le=0)


@scenario("read-record.wrong-le")
def _(terminal: Terminal) -> ResponseApdu:
    terminal.select(FREE)
    return once(terminal, "read-record", p1=3, p2=BY_NUMBER, le=5)


@scenario("read-binary.no-file-selected")
def _(terminal: Terminal) -> ResponseApdu:
    terminal.select("DDF1")
    return once(terminal, "read-binary", le=1)


@scenario("read-binary.wrong-file-type")
def _(terminal: Terminal) -> ResponseApdu:
    terminal.select(FREE)
    return once(terminal, "read-binary", le=1)


@scenario("read-binary.offset-beyond")
def _(terminal: Terminal) -> ResponseApdu:
    opened(terminal, PHOTO)
    size = terminal.standard.files[PHOTO].size
    return once(terminal, "read-binary", p1=size >> 8, p2=size & 0xFF, le=1)


@scenario("read-binary.wrong-le")
def _(terminal: Terminal) -> ResponseApdu:
    opened(terminal, PHOTO)
    offset = terminal.standard.files[PHOTO].size - 4
    return once(terminal, "read-binary", p1=offset >> 8, p2=offset & 0xFF, le=8)


@scenario("read-binary.sfi-unsupported")
def _(terminal: Terminal) -> ResponseApdu:
    opened(terminal, PHOTO)
    return once(terminal, "read-binary", p1=0x80 | SHORT_IDENTIFIER, le=1)


@scenario("get-response.nothing-waiting")
def _(terminal: Terminal) -> ResponseApdu:
    terminal.select("DDF1")
    return once(terminal, "get-response", le=8)


# -- challenge and authentication ----------------------------------------------------------------------------


@scenario("get-challenge.wrong-le")
def _(terminal: Terminal) -> ResponseApdu:
    return once(terminal, "get-challenge", le=5)


@scenario("get-challenge.wrong-p1p2")
def _(terminal: Terminal) -> ResponseApdu:
    return once(terminal, "get-challenge", p1=0x01, p2=0x01, le=8)


def authentication(terminal: Terminal) -> bytes:
    """DDF1 selected, and right command data of an external authentication with its read key."""
    terminal.select("DDF1")
    return terminal.authentication_command_data(KEY, terminal.challenge())


def reference(terminal: Terminal) -> int:
    """P2 of that key."""
    return terminal.standard.keys[KEY].reference or 0


@scenario("external-authenticate.wrong-lc")
def _(terminal: Terminal) -> ResponseApdu:
    data = authentication(terminal)
    return once(terminal, "external-authenticate", p2=reference(terminal), data=data[:-1])


@scenario("external-authenticate.wrong-p1")
def _(terminal: Terminal) -> ResponseApdu:
    data = authentication(terminal)
    return once(terminal, "external-authenticate", p1=0x01, p2=reference(terminal), data=data)


@scenario("external-authenticate.unknown-key")
def _(terminal: Terminal) -> ResponseApdu:
    data = authentication(terminal)
    return once(terminal, "external-authenticate", p2=UNKNOWN_REFERENCE, data=data)


@scenario("external-authenticate.no-challenge")
def _(terminal: Terminal) -> ResponseApdu:
    terminal.select("DDF1")
    data = terminal.authentication_command_data(KEY, bytes(8))
    return once(terminal, "external-authenticate", p2=reference(terminal), data=data)


@scenario("internal-authenticate.wrong-lc")
def _(terminal: Terminal) -> ResponseApdu:
    terminal.select("DDF1")
    return once(terminal, "internal-authenticate", data=bytes(16), le=0)


@scenario("internal-authenticate.wrong-p1")
def _(terminal: Terminal) -> ResponseApdu:
    terminal.select("DDF1")
    return once(terminal, "internal-authenticate", p1=0x01, data=bytes(16) + b"\x01", le=0)


@scenario("internal-authenticate.unknown-key")
def _(terminal: Terminal) -> ResponseApdu:
    terminal.select("DDF1")
    return once(terminal, "internal-authenticate", p2=UNKNOWN_REFERENCE, data=bytes(16) + b"\x01", le=0)
