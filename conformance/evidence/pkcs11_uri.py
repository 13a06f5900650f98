"""The name of a signing key in a hardware token: a PKCS#11 URI (RFC 7512) with four attributes of ours.

``pkcs11:token=LAB;object=KEY?module-path=/usr/lib/vendor.so&pin-source=file:/run/pin&x-signer=NAME&x-standing=laboratory``

Values are percent-encoded. A PIN never stands in it: a command line is seen by every user of the machine.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import msgspec

from reference.languages import Text, say

SCHEME = "pkcs11:"
PIN_VARIABLE = "HEALTHCARD_PIN"
PATH_ATTRIBUTES = ("token", "object")
QUERY_ATTRIBUTES = ("module-path", "pin-source", "x-signer", "x-standing", "x-sm2-mechanism", "x-sm2-input")


class UnusableToken(ValueError):
    """A key in a token that cannot be used: ``text`` says why and what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class TokenUri(msgspec.Struct, frozen=True):
    """Which key of which token signs, in whose name, and how."""

    token: str
    object: str
    module: str
    signer: str
    standing: Literal["vendor", "laboratory"]
    pin_file: str = ""
    mechanism: int | None = None
    """Number of the token's own SM2 mechanism; None: the token only keeps the key, see `token_signing`."""
    digests_itself: bool = False
    """Whether that mechanism takes the message and computes SM3(Z ‖ M); otherwise it takes the digest."""

    def pin(self) -> str:
        """The PIN, from its file or the environment; read anew each time and never kept. Raises UnusableToken."""
        if not self.pin_file:
            pin = os.environ.get(PIN_VARIABLE, "")
            if not pin:
                raise UnusableToken(
                    say(
                        "The token's PIN is not given: name its file with pin-source=file:/… in the URI, "
                        "or set the environment variable {variable}.",
                        variable=PIN_VARIABLE,
                    )
                )
            return pin
        try:
            return Path(self.pin_file).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as fault:
            reason = fault.strerror if isinstance(fault, OSError) else say("it is no text")
            raise UnusableToken(
                say("{path}: the PIN cannot be read: {reason}. Check pin-source.", path=self.pin_file, reason=reason)
            ) from fault


def parsed(uri: str) -> TokenUri:
    """The URI taken apart. Raises UnusableToken, naming the attribute that is wrong; no value is repeated."""
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    given = _attributes(path, ";", PATH_ATTRIBUTES) | _attributes(query, "&", QUERY_ATTRIBUTES)
    for name in ("token", "object", "module-path", "x-signer", "x-standing"):
        if not given.get(name):
            raise UnusableToken(say("The PKCS#11 URI lacks the attribute {name} (see docs).", name=name))
    if given["x-standing"] not in ("vendor", "laboratory"):
        raise _wrong("x-standing", say("vendor or laboratory"))
    if given.get("x-sm2-input", "digest") not in ("digest", "message"):
        raise _wrong("x-sm2-input", say("digest or message"))
    source = given.get("pin-source", "")
    return TokenUri(
        token=given["token"],
        object=given["object"],
        module=given["module-path"],
        signer=given["x-signer"],
        standing="vendor" if given["x-standing"] == "vendor" else "laboratory",
        pin_file=source.removeprefix("file://").removeprefix("file:"),
        mechanism=_number(given.get("x-sm2-mechanism")),
        digests_itself=given.get("x-sm2-input") == "message",
    )


def _attributes(text: str, separator: str, known: tuple[str, ...]) -> dict[str, str]:
    attributes = {}
    for part in filter(None, text.split(separator)):
        name, _, value = part.partition("=")
        if name == "pin-value":
            raise UnusableToken(
                say(
                    "A PIN does not stand on the command line: use pin-source=file:/… or the environment variable "
                    "{variable}, and change the PIN that was shown.",
                    variable=PIN_VARIABLE,
                )
            )
        if name not in known or name in attributes:
            raise UnusableToken(
                say(
                    "The PKCS#11 URI does not take the attribute {name} here, or not twice: {known}",
                    name=name,
                    known=", ".join(known),
                )
            )
        attributes[name] = unquote(value)
    return attributes


def _number(written: str | None) -> int | None:
    try:
        return None if written is None else int(written, 0)
    except ValueError as fault:
        raise _wrong("x-sm2-mechanism", say("a number as in 0x80000042")) from fault


def _wrong(name: str, wanted: Text) -> UnusableToken:
    return UnusableToken(say("The PKCS#11 URI's attribute {name} must be {wanted}.", name=name, wanted=wanted))
