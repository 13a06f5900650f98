"""Signing evidence with a key in a PKCS#11 token: inside the token where it can SM2, else with the token as key store.

PKCS#11 has no standard mechanism for SM2 (GB/T 32918.2); tokens that have it give it a number of their own, named in
the URI. For other tokens the 32-byte private key lies in a private data object or generic secret, which a login opens;
it is then computed with in this process, and the package says so. ECDSA on the SM2 curve, which some tokens can do, is
no SM2 signature and cannot be made into one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from conformance.evidence.pkcs11_uri import TokenUri, UnusableToken
from reference.crypto import DEFAULT_USER_ID, InvalidKey, SigningKey, engine
from reference.crypto.sm2 import WIDTH, identity
from reference.languages import Text, say

IN_TOKEN: Final = "key in token"  # noqa: S105 - where a key is, no password
FROM_TOKEN: Final = "key kept in token, computed in process"  # noqa: S105
CUSTODY_NAMES: dict[str, Text] = {
    IN_TOKEN: say("signed with: key in token"),
    FROM_TOKEN: say("signed with: key kept in token, computed in process"),
}
UNCOMPRESSED = b"\x04"

Opening = Callable[[], AbstractContextManager[Any]]
"""Opens a session that is logged in; a call for each use, so that no session has to outlast a long run."""


class TokenKey:
    """An SM2 key that never leaves its token: the token's own mechanism signs."""

    def __init__(self, opening: Opening, uri: TokenUri) -> None:
        assert uri.mechanism is not None
        self.opening, self.uri, self.mechanism = opening, uri, uri.mechanism
        with opening() as session:
            self._private(session)  # a missing key is told before the run, not after it
            self._public = _point(_only(session, uri, ("PUBLIC_KEY",)))

    def public_key(self) -> bytes:
        """The public point x ‖ y, 64 bytes."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """r ‖ s by the token, checked here: what is no SM2 signature does not get into a package.

        Raises UnusableToken.
        """
        digest = engine().sm3(engine().sm3(identity(self._public, DEFAULT_USER_ID)) + message)
        with self.opening() as session:
            signature = self._signed(self._private(session), message if self.uri.digests_itself else digest)
        if not engine().sm2_verify(self._public, message, signature):
            raise UnusableToken(
                say(
                    "The token's mechanism {mechanism} gave no SM2 signature of the evidence: check x-sm2-mechanism, "
                    "x-sm2-input and that private and public key belong together.",
                    mechanism=f"0x{self.mechanism:08X}",
                )
            )
        return signature

    def _private(self, session: Any) -> Any:
        return _only(session, self.uri, ("PRIVATE_KEY",))

    def _signed(self, key: Any, data: bytes) -> bytes:
        from pkcs11.exceptions import MechanismInvalid, PKCS11Error

        try:
            return bytes(key.sign(data, mechanism=vendor_mechanism(self.mechanism)))
        except MechanismInvalid as fault:
            raise UnusableToken(
                say(
                    "The token has no mechanism {mechanism}: see the token's manual for its number of SM2.",
                    mechanism=f"0x{self.mechanism:08X}",
                )
            ) from fault
        except PKCS11Error as fault:
            raise _failed(self.uri, fault) from fault


def vendor_mechanism(number: int) -> Any:
    """A mechanism that PKCS#11 does not name, as python-pkcs11 takes it: a member of its enumeration."""
    from pkcs11 import Mechanism

    member = int.__new__(Mechanism, number)
    member._name_, member._value_ = f"VENDOR_0x{number:08X}", number
    return member


def token_key(uri: TokenUri) -> tuple[TokenKey | SigningKey, str]:
    """The key that the URI names, and where it does its work. Raises UnusableToken."""
    opening = session_of(uri)
    if uri.mechanism is not None:
        return TokenKey(opening, uri), IN_TOKEN
    with opening() as session:
        return kept_key(session, uri), FROM_TOKEN


def kept_key(session: Any, uri: TokenUri) -> SigningKey:
    """The private key that the token keeps as a private data object or a generic secret. Raises UnusableToken."""
    from pkcs11 import Attribute
    from pkcs11.exceptions import PKCS11Error

    try:
        return SigningKey(bytes(_only(session, uri, ("DATA", "SECRET_KEY"))[Attribute.VALUE]))
    except (InvalidKey, PKCS11Error) as fault:
        raise UnusableToken(
            say(
                "{object}: this object gives no SM2 private key of 32 bytes. A key that cannot leave the token needs "
                "the token's own mechanism: x-sm2-mechanism=NUMBER.",
                object=uri.object,
            )
        ) from fault


def session_of(uri: TokenUri) -> Opening:
    """Opens sessions of the token. Raises UnusableToken where python-pkcs11 or the token's module is missing."""
    try:
        import pkcs11
        from pkcs11.exceptions import PKCS11Error
    except ImportError as fault:
        raise UnusableToken(say("Keys in tokens need python-pkcs11: pip install healthcard[hsm].")) from fault

    @contextmanager
    def opening() -> Iterator[Any]:
        try:
            token = pkcs11.lib(uri.module).get_token(token_label=uri.token)
            session = token.open(user_pin=uri.pin())
        except PKCS11Error as fault:
            raise _failed(uri, fault) from fault
        with session:
            yield session

    return opening


def _failed(uri: TokenUri, fault: Exception) -> UnusableToken:
    reason: Text | str = say("the PIN is wrong") if type(fault).__name__ == "PinIncorrect" else type(fault).__name__
    return UnusableToken(
        say("The token {token} ({module}) cannot be used: {reason}.", token=uri.token, module=uri.module, reason=reason)
    )


def _only(session: Any, uri: TokenUri, classes: tuple[str, ...]) -> Any:
    """The one object of the URI's label in one of the classes. Raises UnusableToken."""
    from pkcs11 import Attribute, ObjectClass

    found = [
        one
        for name in classes
        for one in session.get_objects({Attribute.LABEL: uri.object, Attribute.CLASS: ObjectClass[name]})
    ]
    if len(found) != 1:
        raise UnusableToken(
            say(
                "The token {token} has {count} objects {object} of the class {classes}, not one.",
                token=uri.token,
                count=len(found),
                object=uri.object,
                classes=" / ".join(classes),
            )
        )
    return found[0]


def _point(public: Any) -> bytes:
    """x ‖ y of a public key object: the point is the end of CKA_EC_POINT, in DER or bare. Raises UnusableToken."""
    from pkcs11 import Attribute

    written = bytes(public[Attribute.EC_POINT])
    point = written[-2 * WIDTH :]
    if not written[: -2 * WIDTH].endswith(UNCOMPRESSED):
        raise UnusableToken(say("The token's public key is no uncompressed point of the SM2 curve."))
    return point
