"""Opening the sealed part of a package, and holding the public part against it.

With the sealed part a package of real data is as whole as one of made-up data; and the public part must be exactly what
redaction makes of it, digest by digest, so that neither can have been put in the other's place.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from conformance.evidence.model import Exchange, Results
from conformance.evidence.package import EXPECTED, RESULTS, Package, UnusablePackage, transcript_path
from conformance.evidence.redaction import Redaction
from conformance.evidence.sealing import ENVELOPE, SALT, SEALED, BrokenSeal, Seal, seal_of
from reference.crypto import SigningKey
from reference.languages import say
from reference.standard import Standard

T = TypeVar("T")


class Opened(msgspec.Struct, frozen=True):
    """A package with its sealed part in place of what was withheld, and the salt of its digests."""

    package: Package
    salt: bytes


def unseal(package: Package, key: SigningKey) -> Opened:
    """The whole package. Raises UnusableSealingKey for another laboratory's key, UnusablePackage for a changed file."""
    if ENVELOPE not in package.sealed:
        raise UnusablePackage(ENVELOPE, say("the package has no sealed part: nothing in it is withheld"))
    seal = seal_of(package.sealed[ENVELOPE], key)
    transcripts = {
        test: _lines(path, _open(package, seal, path))
        if SEALED + (path := transcript_path(test)) in package.sealed
        else shown
        for test, shown in package.transcripts.items()
    }
    whole = msgspec.structs.replace(
        package,
        results=_decoded(RESULTS, _open(package, seal, RESULTS), Results),
        expected=_decoded(EXPECTED, _open(package, seal, EXPECTED), dict[str, dict[str, str]]),
        transcripts=transcripts,
    )
    return Opened(whole, _open(package, seal, SALT))


def not_the_redaction(public: Package, opened: Opened, standard: Standard) -> tuple[str, ...]:
    """Files of the public part that are not what redaction makes of the sealed part."""
    redaction, whole = Redaction(standard, opened.salt), opened.package
    redacted = {test: redaction.exchanges(test, exchanges) for test, exchanges in whole.transcripts.items()}
    results = tuple(redaction.result(result, redacted.get(result.test, ())) for result in whole.results.tests)
    other = [transcript_path(test) for test, exchanges in redacted.items() if exchanges != public.transcript(test)]
    if msgspec.structs.replace(whole.results, tests=results) != public.results:
        other.append(RESULTS)
    if redaction.expected(whole.expected) != public.expected:
        other.append(EXPECTED)
    return tuple(other)


def _open(package: Package, seal: Seal, path: str) -> bytes:
    sealed = SEALED + path
    if sealed not in package.sealed:
        raise UnusablePackage(sealed, say("the sealed part lacks this file"))
    try:
        return seal.open(sealed, package.sealed[sealed])
    except BrokenSeal as fault:
        raise UnusablePackage(sealed, say("the seal of this file is broken: it was changed or exchanged")) from fault


def _lines(path: str, data: bytes) -> tuple[Exchange, ...]:
    return tuple(_decoded(path, line, Exchange) for line in data.splitlines())


def _decoded(path: str, data: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.DecodeError as fault:
        raise UnusablePackage(
            SEALED + path, say("the file does not have the expected form: {fault}", fault=fault)
        ) from fault
