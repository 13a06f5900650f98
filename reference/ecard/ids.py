"""The identifiers of the electronic card: index id, dispersal factor, user key, card id.

No complete public copy of the national specification exists; these rules reproduce its vectors as EC-HSM quotes them.
Platforms call a crypto machine for the steps that need the security key: the parts that need none (texts, padding,
factor) stand here as functions of their own. Identifiers are 64 upper-case hexadecimal digits.
"""

from __future__ import annotations

import hmac
import re
from typing import Final

from reference.crypto import SecretKey, engine
from reference.ecard.broken_rules import BrokenRule
from reference.languages import Text, say

ID_BYTES: Final = 32
"""Bytes of an index id and of a card id."""

FACTOR_BYTES: Final = 8

IDENTIFIER: Final = re.compile("[0-9A-F]{64}")
ID_TYPE: Final = re.compile("[0-9]{2}")
ID_NUMBER: Final = re.compile("[!-`{-~]+")
"""Printable ASCII without lower-case letters and blanks."""
ANY_CASE: Final = re.compile("[!-~]+")

COMPLEMENT: Final = (1 << (8 * FACTOR_BYTES)) - 1


class MalformedIdentifier(BrokenRule):
    """An index id or card id that is not 64 upper-case hexadecimal digits."""


class MalformedIdType(BrokenRule):
    """An id type that is not two digits."""

    refusal = "person.unknown-id-type"


class IdNumberRefused(BrokenRule):
    """A document number that breaks a rule of its form."""

    refusal = "person.id-number-malformed"

    def __init__(self, detail: Text, field: str = "id_number") -> None:
        super().__init__(detail, field)


class MalformedIdNumber(IdNumberRefused):
    """An id number that is empty, or holds other characters than printable ASCII."""


class LowerCaseIdNumber(IdNumberRefused):
    """An id number with a lower-case letter: digest and cipher would differ from those of the right number."""

    refusal = "person.id-number-lower-case"


class IdNumberTooLong(IdNumberRefused):
    """An id number that does not fit the plaintext of the card id together with its type."""


class EmptyName(BrokenRule):
    """A person without a name."""

    refusal = "request.empty-field"


def index_id(id_type: str, id_number: str, name: str) -> str:
    """The index id (主索引ID): SM3 over id type, id number and name in UTF-8, without separators.

    A change of name or number changes it, and with it user key and card id. Raises MalformedIdType,
    MalformedIdNumber, LowerCaseIdNumber, IdNumberTooLong, EmptyName. Source: EC-HSM, verified by its vectors.
    """
    return engine().sm3(index_text(id_type, id_number, name)).hex().upper()


def index_text(id_type: str, id_number: str, name: str) -> bytes:
    """What the digest of the index id goes over, for a crypto machine; raises as `index_id`."""
    if not name:
        raise EmptyName(say("A name has at least one character."), "name")
    return _type_and_number(id_type, id_number) + name.encode("utf-8")


def dispersal_factor(index: str) -> bytes:
    """The dispersal factor (分散因子), 8 bytes: XOR of the four quarters of the index id.

    Raises MalformedIdentifier. Source: EC-HSM, verified by its vectors.
    """
    whole = int.from_bytes(identifier_bytes(index, "index_id"))
    half = (whole >> 128) ^ whole
    return (((half >> 64) ^ half) & COMPLEMENT).to_bytes(FACTOR_BYTES)


def factor_pair(factor: bytes) -> bytes:
    """What the user key is the cipher of, 16 bytes: F ‖ NOT F. Raises ValueError unless 8 bytes. Source: EC-HSM."""
    if len(factor) != FACTOR_BYTES:
        raise ValueError(f"a dispersal factor has {FACTOR_BYTES} bytes, not {len(factor)}")
    return factor + (int.from_bytes(factor) ^ COMPLEMENT).to_bytes(FACTOR_BYTES)


def user_key(security_key: SecretKey, factor: bytes) -> SecretKey:
    """The key of one person (用户身份密钥): SM4-ECB over F ‖ NOT F under the security key (安全密钥).

    Raises ValueError unless the factor has 8 bytes. Source: EC-HSM, verified by its vectors.
    """
    derived = engine().sm4_encrypt(security_key.secret_value, factor_pair(factor))
    return SecretKey(derived, demo=security_key.demo)


def ecard_id_plaintext(id_type: str, id_number: str) -> bytes:
    """What the card id is the cipher of, 32 bytes: id type and id number in ASCII, filled up with zeros.

    Raises MalformedIdType, MalformedIdNumber, LowerCaseIdNumber, IdNumberTooLong (more than 30 characters).
    Source: EC-HSM; the sample calls its padding X9.19, but its vectors only come out with plain zeros.
    """
    return _type_and_number(id_type, id_number).ljust(ID_BYTES, b"\0")


def read_ecard_id_plaintext(plaintext: bytes) -> tuple[str, str] | None:
    """Id type and id number out of the 32 bytes; None where they are not of that form (a wrong key, a forged id)."""
    try:
        text = plaintext.rstrip(b"\0").decode("ascii")
        again = ecard_id_plaintext(text[:2], text[2:])
    except (UnicodeDecodeError, BrokenRule):
        return None
    return (text[:2], text[2:]) if again == plaintext else None


def ecard_id(user: SecretKey, id_type: str, id_number: str) -> str:
    """The electronic health card id (电子健康卡ID): SM4-ECB over the plaintext under the user key.

    Raises as `ecard_id_plaintext`. Source: EC-HSM, verified by its vectors.
    """
    return engine().sm4_encrypt(user.secret_value, ecard_id_plaintext(id_type, id_number)).hex().upper()


def check_ecard_id(card_id: str, user: SecretKey, id_type: str, id_number: str) -> bool:
    """Whether the card id deciphers under the user key to this id type and number.

    The check needs the person's index id, so it is done by the platform, never off line. Raises MalformedIdentifier
    and as `ecard_id_plaintext`. Source: EC-HSM, command S4.
    """
    found = engine().sm4_decrypt(user.secret_value, identifier_bytes(card_id, "ecard_id"))
    return hmac.compare_digest(found, ecard_id_plaintext(id_type, id_number))


def identifier_bytes(text: str, field: str = "") -> bytes:
    """The 32 bytes of an index id or card id. Raises MalformedIdentifier, which names ``field``."""
    if IDENTIFIER.fullmatch(text) is None:
        raise MalformedIdentifier(say("An identifier has 64 upper-case hexadecimal digits."), field)
    return bytes.fromhex(text)


def _type_and_number(id_type: str, id_number: str) -> bytes:
    """Id type and id number in ASCII, their form checked."""
    if ID_TYPE.fullmatch(id_type) is None:
        raise MalformedIdType(say("An id type has two digits."), "id_type")
    if ID_NUMBER.fullmatch(id_number) is None:
        raise _reason(id_number)
    both = (id_type + id_number).encode("ascii")
    if len(both) > ID_BYTES:
        longest = ID_BYTES - len(id_type)
        raise IdNumberTooLong(say("An id number has at most {most} characters.", most=longest))
    return both


def _reason(id_number: str) -> IdNumberRefused:
    """Why an id number of the wrong form is refused."""
    if ANY_CASE.fullmatch(id_number):
        return LowerCaseIdNumber(say("Letters of an id number are in upper case, the check digit X too."))
    return MalformedIdNumber(say("An id number is printable ASCII without blanks, and not empty."))
