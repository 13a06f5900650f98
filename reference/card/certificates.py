"""The issuer's and the SAM's certificate: made, taken apart, and held against the key that signed them.

REV2 items 20 and 21 say that both are signed, APP11 4-1 and 4-15 how long they are; their layout is a decision of
ours (`standard/sam/certificates.toml`). Signatures are SM2 with the default user id, over all bytes before them.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Literal

import msgspec

from reference.crypto import SigningKey, engine
from reference.languages import Text, say
from reference.standard import Standard

Kind = Literal["issuer", "sam"]


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What a certificate says; ids and serial number are bytes as they stand in it, the key is x and y."""

    kind: Kind
    signer_id: bytes
    subject_id: bytes
    serial: bytes
    valid_from: datetime.date
    valid_to: datetime.date
    public_key: bytes


class UnusableCertificate(ValueError):
    """The bytes are no certificate, or one that must not be believed: ``text`` says why."""

    def __init__(self, kind: Kind, reason: Text) -> None:
        self.kind, self.reason = kind, reason
        name = {"issuer": say("issuer certificate"), "sam": say("SAM certificate")}[kind]
        self.text = say("{name}: {reason}", name=name, reason=reason)
        super().__init__(self.text.en)


def issue(standard: Standard, certificate: Certificate, key: SigningKey) -> bytes:
    """The certificate's bytes, signed. Raises UnusableCertificate for a field that does not fit its length."""
    values: Mapping[str, bytes] = {
        "signer-id": certificate.signer_id,
        "subject-id": certificate.subject_id,
        "serial": certificate.serial,
        "valid-from": _packed(certificate.valid_from),
        "valid-to": _packed(certificate.valid_to),
        "public-key": certificate.public_key,
    }
    signed = b""
    for field in standard.certificates[certificate.kind][:-1]:
        value = values.get(field.name, bytes.fromhex(field.value))
        if len(value) != field.length:
            reason = say(
                "{name} has {count} bytes instead of {length}", name=field.title, count=len(value), length=field.length
            )
            raise UnusableCertificate(certificate.kind, reason)
        signed += value
    return signed + key.sign(signed)


def decode(standard: Standard, kind: Kind, raw: bytes) -> Certificate:
    """What the certificate says, believed or not. Raises UnusableCertificate when it has not the layout."""
    fields = standard.certificates[kind]
    size = sum(field.length for field in fields)
    if len(raw) != size:
        raise UnusableCertificate(kind, say("{count} bytes instead of {length}", count=len(raw), length=size))
    parts = {field.name: raw[field.offset : field.offset + field.length] for field in fields}
    for field in fields:
        if field.value and parts[field.name] != bytes.fromhex(field.value):
            found = parts[field.name].hex().upper()
            raise UnusableCertificate(
                kind, say("{name} is {found} instead of {value}", name=field.title, found=found, value=field.value)
            )
    return Certificate(
        kind=kind,
        signer_id=parts["signer-id"],
        subject_id=parts["subject-id"],
        serial=parts["serial"],
        valid_from=_day(kind, parts["valid-from"]),
        valid_to=_day(kind, parts["valid-to"]),
        public_key=parts["public-key"],
    )


def verify(standard: Standard, kind: Kind, raw: bytes, signer: bytes, on: datetime.date) -> Certificate:
    """The certificate, when ``signer`` (a public key, 64 bytes) signed it and it is valid on the day.

    Raises UnusableCertificate with the reason. Whether its signer id is the one meant is for `verify_chain`.
    """
    certificate = decode(standard, kind, raw)
    end = standard.certificates[kind][-1].offset
    if not engine().sm2_verify(signer, raw[:end], raw[end:]):
        raise UnusableCertificate(kind, say("it is not signed by the key of its signer"))
    if not certificate.valid_from <= on <= certificate.valid_to:
        raise UnusableCertificate(
            kind,
            say(
                "it is valid from {start} to {end}, not on {day}",
                start=certificate.valid_from,
                end=certificate.valid_to,
                day=on,
            ),
        )
    return certificate


def verify_chain(standard: Standard, sam: bytes, issuer: bytes, root: bytes, on: datetime.date) -> Certificate:
    """The SAM's certificate, when the issuer signed it and the root (a public key) signed the issuer's.

    Raises UnusableCertificate, also where the SAM's certificate names another issuer.
    """
    above = verify(standard, "issuer", issuer, root, on)
    below = verify(standard, "sam", sam, above.public_key, on)
    if below.signer_id != above.subject_id:
        raise UnusableCertificate(
            "sam",
            say(
                "it names the issuer {named}, the issuer certificate is of {issuer}",
                named=below.signer_id.hex().upper(),
                issuer=above.subject_id.hex().upper(),
            ),
        )
    return below


def _packed(day: datetime.date) -> bytes:
    return bytes.fromhex(day.isoformat().replace("-", ""))


def _day(kind: Kind, raw: bytes) -> datetime.date:
    digits = raw.hex()
    try:
        return datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise UnusableCertificate(kind, say("{digits} is not a date YYYYMMDD", digits=digits.upper())) from None
