"""Writing a package of a real person's data: a redacted part for everybody, and a sealed part for one laboratory.

Both are written as the run goes on, so that nothing personal is ever on the disk in plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from conformance.evidence.model import Exchange, Results
from conformance.evidence.package import EXPECTED, RESULTS, PackageWriter, encode, lines_of, transcript_path
from conformance.evidence.redaction import SALT_LENGTH, Redaction
from conformance.evidence.sealing import ENVELOPE, SALT, SEALED, Recipient, new_seal
from reference.ports import Randomness
from reference.standard import Standard


class TwoPartWriter(PackageWriter):
    """Writes both parts. The recipient's key is the only one that opens the sealed part."""

    def __init__(self, folder: Path, standard: Standard, recipient: Recipient, randomness: Randomness) -> None:
        super().__init__(folder)
        salt = randomness.bytes(SALT_LENGTH)
        self.randomness = randomness
        self.redaction = Redaction(standard, salt)
        self.redacted: dict[str, tuple[Exchange, ...]] = {}
        self.seal_of_files, envelope = new_seal(recipient, randomness)
        self.sealed_for = envelope.public_key
        self.keep_record(ENVELOPE, envelope)
        self._close(SALT, salt)

    def keep_transcript(self, test_id: str, exchanges: tuple[Exchange, ...]) -> None:
        """The redacted exchanges, and where anything is withheld the whole ones, sealed."""
        redacted = self.redaction.exchanges(test_id, exchanges)
        self.redacted[test_id] = redacted
        super().keep_transcript(test_id, redacted)
        if redacted != exchanges:
            self._close(transcript_path(test_id), lines_of(exchanges))

    def keep_results(self, results: Results) -> None:
        """The results without texts that may quote personal data, and all of them sealed."""
        tests = tuple(self.redaction.result(result, self.redacted.get(result.test, ())) for result in results.tests)
        super().keep_results(msgspec.structs.replace(results, tests=tests))
        self._close(RESULTS, encode(results))

    def keep_expected(self, expected: Mapping[str, Mapping[str, str]]) -> None:
        """Which values are stated, and the values themselves sealed."""
        super().keep_expected(self.redaction.expected(expected))
        self._close(EXPECTED, encode(expected))

    def _close(self, path: str, data: bytes) -> None:
        sealed = SEALED + path
        self.keep(sealed, self.seal_of_files.close(sealed, data, self.randomness))
