"""What a demo SAM holds in its files: numbers, and certificates from a demo root down to the SAM's own key.

Files as in `standard/sam/files.toml`. All keys here can be computed by anyone and mark themselves as demo.
"""

from __future__ import annotations

import datetime

from reference.card.certificates import Certificate, Kind, issue
from reference.crypto import SigningKey, engine
from reference.standard import Standard

LABEL = b"healthcard demo signing key "
ROOT, ISSUER = "root", "issuer"
ROOT_ID = b"DEMOROOT"
ISSUER_CODE = bytes.fromhex("4100000000000000000001")
"""The demo card's issuer (DDF1/EF05 tag 04)."""
FROM, TO = datetime.date(2012, 10, 18), datetime.date(2032, 10, 17)


def demo_signing_key(owner: str) -> SigningKey:
    """The demo SM2 key of ``root``, ``issuer`` or a SAM (``sam 5``); public by construction."""
    return SigningKey(engine().sm3(LABEL + owner.encode()), demo=True)


def sam_signing_key(type_number: int) -> SigningKey:
    """The own key of the demo SAM of a type."""
    return demo_signing_key(f"sam {type_number}")


def sam_serial(type_number: int) -> bytes:
    """The SAM's serial number: place, day of issue, sequence, as twenty digits."""
    return bytes.fromhex(f"410120121018{type_number:08}")


def issuer_certificate(standard: Standard) -> bytes:
    """The demo issuer's certificate, signed by the demo root."""
    key = demo_signing_key(ISSUER).public_key()
    return issue(standard, _certificate("issuer", ROOT_ID, ISSUER_CODE, 1, key), demo_signing_key(ROOT))


def sam_certificate(standard: Standard, type_number: int) -> bytes:
    """The certificate of the demo SAM of a type, signed by the demo issuer."""
    subject, key = sam_serial(type_number), sam_signing_key(type_number).public_key()
    return issue(standard, _certificate("sam", ISSUER_CODE, subject, type_number, key), demo_signing_key(ISSUER))


def _certificate(kind: Kind, signer: bytes, subject: bytes, number: int, key: bytes) -> Certificate:
    return Certificate(
        kind=kind,
        signer_id=signer,
        subject_id=subject,
        serial=bytes.fromhex(f"20121018{number:08}"),
        valid_from=FROM,
        valid_to=TO,
        public_key=key,
    )


def sam_files(standard: Standard, type_number: int) -> dict[str, bytes]:
    """The content of every file of the demo SAM of a type, by path."""
    fields = {
        "0015": {
            "sam-serial": sam_serial(type_number),
            "version": b"\x01",
            "key-card-type": bytes((type_number,)),
            "command-set-version": b"\x01",
        },
        "0016": {
            "province": b"\x41",
            "city": b"\x01",
            "issuer": b"\x01",
            "sequence": type_number.to_bytes(3, "big"),
        },
        "DF01/001A": {
            "key-index": b"\x01",
            "issuer-id": bytes.fromhex("4100000000000001"),
            "receiver-id": bytes.fromhex("4101000000000001"),
            "start-date": bytes.fromhex("20121018"),
            "expiry-date": bytes.fromhex("20321017"),
        },
    }
    whole = {
        "DF01/001B": issuer_certificate(standard),
        "DF01/001C": sam_certificate(standard, type_number),
    }
    return whole | {path: _laid_out(standard, path, values) for path, values in fields.items()}


def _laid_out(standard: Standard, path: str, values: dict[str, bytes]) -> bytes:
    """The fields at their places; what no value is given for is 00."""
    row = standard.sam_files[path]
    content = bytearray(row.size)
    for name, offset, length in row.fields:
        content[offset : offset + length] = values.get(name, b"").rjust(length, b"\x00")
    return bytes(content)
