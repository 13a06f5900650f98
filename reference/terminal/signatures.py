"""Signing a visit in the terminal and judging its signature in the back end (APP11 chapter 7).

The terminal signs with its SAM and only forwards data, signature and certificate for judging; the back end holds the
root's public key and the issuers' certificates. What is signed is the SM3 digest of the data as a message, SM2 with
the default user id (decision).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Protocol

import msgspec

from reference.card.certificates import UnusableCertificate, decode, verify_chain
from reference.crypto import engine
from reference.languages import Text, say
from reference.standard import Standard
from reference.terminal.sam_session import SamSession

CERTIFICATE_FILE = "DF01/001C"


class SignedVisit(msgspec.Struct, frozen=True):
    """The three items that are stored together and judged together (APP11 7.2.3 (1))."""

    data: bytes
    signature: bytes
    certificate: bytes


class Verifier(Protocol):
    """The back end's judgement, as the terminal asks for it."""

    def fault(self, visit: SignedVisit) -> Text | None:
        """Why the visit's signature is not accepted; None when it is."""
        ...


def sign(sam: SamSession, data: bytes) -> SignedVisit:
    """Sign data with the SAM, whose PIN has been verified, and add the SAM's certificate (APP11 7.1.3).

    Raises SamRefuses.
    """
    sam.open()
    signature = sam.sign(sam.compress(data))
    return SignedVisit(data, signature, sam.read_file(CERTIFICATE_FILE))


class BackEnd:
    """A Verifier that goes up the chain: visit, SAM certificate, issuer certificate, root."""

    def __init__(
        self, standard: Standard, root: bytes, issuer_certificates: Iterable[bytes], today: datetime.date
    ) -> None:
        """``root`` is its public key, 64 bytes; certificates must be valid ``today``.

        Raises UnusableCertificate for an issuer certificate that has not the layout.
        """
        self.standard, self.root, self.today = standard, root, today
        self.issuers = {decode(standard, "issuer", raw).subject_id: raw for raw in issuer_certificates}

    def fault(self, visit: SignedVisit) -> Text | None:
        """Why the signature is not accepted: the first link of the chain that does not hold; None when all do."""
        try:
            named = decode(self.standard, "sam", visit.certificate).signer_id
            if named not in self.issuers:
                return say("the issuer {issuer} of its SAM certificate is unknown", issuer=named.hex().upper())
            signer = verify_chain(self.standard, visit.certificate, self.issuers[named], self.root, self.today)
        except UnusableCertificate as fault:
            return fault.text
        if not engine().sm2_verify(signer.public_key, engine().sm3(visit.data), visit.signature):
            return say("its signature is not that of its data by the SAM named")
        return None
