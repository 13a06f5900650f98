"""The evidence package: a folder's files in a deterministic zip, written once; read whole, and checked while read.

One package holds manifest, signature, plan, results and one transcript a test; of real data also a sealed part, which
is carried along as it is (`two_parts`, `unsealing`). The zip has no times and no
compression choices of its own, so that the same run gives the same bytes; another zip of the same files is refused.
"""

from __future__ import annotations

import hashlib
import io
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from conformance.evidence import staged_faults, under_faults, under_load
from conformance.evidence.damage import damage_in
from conformance.evidence.model import (
    READABLE,
    Exchange,
    FileDigest,
    Manifest,
    Plan,
    Results,
    Signature,
)
from conformance.evidence.sealing import SEALED
from conformance.evidence.signing import Signer, signature_holds, standing_of
from conformance.evidence.staged_faults import FaultRun
from conformance.evidence.under_faults import SoakRun
from conformance.evidence.under_load import LoadRun
from reference.languages import Text, say

LOAD, SOAK, FAULT = "load.json", "soak.json", "fault.json"
"""The records of a load run, a soak and a staged fault, which stand in place of transcripts."""
OF_PROFILE = {under_load.PROFILE: LOAD, under_faults.PROFILE: SOAK, staged_faults.PROFILE: FAULT}
"""By profile: the record that such a run leaves, and no other run does."""
MANIFEST, SIGNATURE, PLAN, RESULTS, EXPECTED = (
    "manifest.json",
    "signature.json",
    "plan.json",
    "results.json",
    "expected.json",
)
CHUNK = 4096
MOST_BYTES = 256 * 1024 * 1024
MOST_FILES = 20_000
EARLIEST = (1980, 1, 1, 0, 0, 0)
LEVEL = 6
"""Of compression; given for each file, since a zip's own level does not count for entries that are made beforehand."""
ATTRIBUTES = 16
"""Where the Unix mode begins in a zip's external attributes."""
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    RuntimeError,  # an encrypted entry; NotImplementedError is one too
    struct.error,
)
"""What Python's zipfile raises for a file that is no zip, or a damaged one."""
T = TypeVar("T")


class UnusablePackage(ValueError):
    """The package cannot be read or trusted: says which part of it, why, and what to do."""

    def __init__(self, part: str, reason: Text) -> None:
        super().__init__(f"{part}: {reason}")
        self.part, self.reason = part, reason


def sm3(data: bytes) -> str:
    """SM3 digest in hexadecimal."""
    return hashlib.new("sm3", data).hexdigest()


def transcript_path(test_id: str) -> str:
    """Where a test's exchanges stand in the package: its id with everything that is no word character replaced."""
    return f"transcripts/{re.sub(r'[^A-Za-z0-9._-]+', '_', test_id)}-{sm3(test_id.encode())[:8]}.jsonl"


def encode(record: object) -> bytes:
    """A record as the bytes that stand in the package."""
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"


def lines_of(exchanges: Iterable[Exchange]) -> bytes:
    """A transcript as it stands in the package: one exchange a line."""
    return b"".join(msgspec.json.encode(exchange) + b"\n" for exchange in exchanges)


def digest(path: str, data: bytes) -> FileDigest:
    """Digests of one file, whole and by chunk."""
    chunks = tuple(sm3(data[at : at + CHUNK]) for at in range(0, len(data), CHUNK))
    return FileDigest(path=path, size=len(data), sm3=sm3(data), chunks=chunks)


class Package(msgspec.Struct, frozen=True):
    """An evidence package in memory."""

    manifest: Manifest
    plan: Plan
    results: Results
    signature: Signature
    signer_standing: str
    expected: dict[str, dict[str, str]]
    transcripts: dict[str, tuple[Exchange, ...]]
    manifest_digest: str
    sealed: dict[str, bytes] = {}
    """Files of the sealed part by path, as they are; empty where nothing is withheld."""
    load: LoadRun | None = None
    """The record of a load run; None for any other."""
    soak: SoakRun | None = None
    """The record of a soak; None for any other run."""
    fault: FaultRun | None = None
    """The record of a staged fault; None for any other run."""

    @property
    def measured(self) -> LoadRun | SoakRun | FaultRun | None:
        """The record that stands in place of transcripts; None for a run of a suite."""
        return self.load or self.soak or self.fault

    def transcript(self, test_id: str) -> tuple[Exchange, ...]:
        """The exchanges of one test; empty for a test that made none."""
        return self.transcripts.get(test_id, ())


class PackageWriter:
    """Collects a run's files in a folder as the run goes on, so that nothing is lost when it ends early."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, bytes] = {}
        self.sealed_for = ""
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, path: str, data: bytes) -> None:
        """Write one file of the package."""
        self.files[path] = data
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def keep_record(self, path: str, record: object) -> None:
        """Write one record as JSON."""
        self.keep(path, encode(record))

    def keep_transcript(self, test_id: str, exchanges: tuple[Exchange, ...]) -> None:
        """Write a test's exchanges, one JSON line each."""
        if exchanges:
            self.keep(transcript_path(test_id), lines_of(exchanges))

    def keep_results(self, results: Results) -> None:
        """Write the results."""
        self.keep_record(RESULTS, results)

    def keep_expected(self, expected: Mapping[str, Mapping[str, str]]) -> None:
        """Write what the sample was personalised with."""
        self.keep_record(EXPECTED, expected)

    def seal(self, manifest: Manifest, signer: Signer, zip_path: Path) -> None:
        """Complete the manifest by the digests, sign it, and write everything as one deterministic zip."""
        digests = tuple(digest(path, self.files[path]) for path in sorted(self.files))
        whole = msgspec.structs.replace(manifest, files=digests, sealed_for=self.sealed_for, key_custody=signer.custody)
        manifest_bytes = encode(whole)
        self.keep(MANIFEST, manifest_bytes)
        self.keep_record(SIGNATURE, signer.sign(manifest_bytes))
        partial = zip_path.with_name(f".{zip_path.name}.part")
        partial.write_bytes(canonical_zip(self.files))
        partial.replace(zip_path)


def canonical_zip(files: Mapping[str, bytes]) -> bytes:
    """The one zip of these files: sorted, stored with fixed compression, without times and attributes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << ATTRIBUTES
            archive.writestr(entry, files[path], compresslevel=LEVEL)
    return buffer.getvalue()


def read_package(path: Path, trusted: frozenset[str] = frozenset()) -> Package:
    """Read a package, a zip or its folder, and check digests and signature. Raises UnusablePackage.

    ``trusted`` holds public keys in hexadecimal whose signatures count as those of a trusted signer.
    """
    files = _folder(path) if path.is_dir() else _unzip(path)
    for needed in (MANIFEST, SIGNATURE, PLAN, RESULTS, EXPECTED):
        if needed not in files:
            raise UnusablePackage(needed, say("the package lacks this file; ask for the whole package again"))
    manifest = _decode(files, MANIFEST, Manifest)
    if manifest.schema_version not in READABLE:
        raise UnusablePackage(
            MANIFEST,
            say(
                "schema version {found} is not {known}; use the tool version that wrote it: {tool}",
                found=manifest.schema_version,
                known=" or ".join(map(str, sorted(READABLE))),
                tool=manifest.environment.tool,
            ),
        )
    signature = _decode(files, SIGNATURE, Signature)
    if not signature_holds(signature, files[MANIFEST]):
        raise UnusablePackage(SIGNATURE, say("the SM2 signature does not fit the manifest: one of them was changed"))
    _check_digests(manifest, files)
    for profile, record in OF_PROFILE.items():
        if (manifest.profile == profile) != (record in files):
            raise UnusablePackage(
                record,
                say(
                    "a run of {profile} leaves this file, and no other does; ask for the whole package", profile=profile
                ),
            )
    plan = _decode(files, PLAN, Plan)
    return Package(
        manifest=manifest,
        plan=plan,
        results=_decode(files, RESULTS, Results),
        signature=signature,
        signer_standing=standing_of(signature, trusted),
        expected=_decode(files, EXPECTED, dict[str, dict[str, str]]),
        transcripts={test.id: _exchanges(files, transcript_path(test.id)) for test in plan.tests},
        manifest_digest=sm3(files[MANIFEST]),
        sealed={path: data for path, data in files.items() if path.startswith(SEALED)},
        load=_decode(files, LOAD, LoadRun) if LOAD in files else None,
        soak=_decode(files, SOAK, SoakRun) if SOAK in files else None,
        fault=_decode(files, FAULT, FaultRun) if FAULT in files else None,
    )


def _check_digests(manifest: Manifest, files: Mapping[str, bytes]) -> None:
    listed = {row.path: row for row in manifest.files}
    for extra in files.keys() - listed.keys() - {MANIFEST, SIGNATURE}:
        raise UnusablePackage(extra, say("this file is not listed in the manifest"))
    for path, row in listed.items():
        if path not in files:
            raise UnusablePackage(path, say("the manifest lists this file, but the package lacks it"))
        found = digest(path, files[path])
        if found != row:
            chunk = next((n for n, (a, b) in enumerate(zip(found.chunks, row.chunks, strict=False)) if a != b), None)
            place = min(len(found.chunks), len(row.chunks)) if chunk is None else chunk
            raise UnusablePackage(path, say("the file was changed in bytes {start} and following", start=place * CHUNK))


def _decode(files: Mapping[str, bytes], path: str, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(files[path], type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise UnusablePackage(path, say("the file does not have the expected form: {fault}", fault=fault)) from fault


def _exchanges(files: Mapping[str, bytes], path: str) -> tuple[Exchange, ...]:
    try:
        return tuple(msgspec.json.decode(line, type=Exchange) for line in files.get(path, b"").splitlines())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise UnusablePackage(path, say("the file does not have the expected form: {fault}", fault=fault)) from fault


def _folder(path: Path) -> dict[str, bytes]:
    try:
        found = [file for file in sorted(path.rglob("*")) if file.is_file() and not file.is_symlink()]
        if len(found) > MOST_FILES or sum(file.stat().st_size for file in found) > MOST_BYTES:
            raise UnusablePackage(path.name, say("the folder holds more than a run can have written"))
        return {file.relative_to(path).as_posix(): file.read_bytes() for file in found}
    except OSError as fault:
        raise UnusablePackage(path.name, say("the file cannot be read: {fault}", fault=fault)) from fault


def _unzip(path: Path) -> dict[str, bytes]:
    entries: list[zipfile.ZipInfo] = []
    try:
        raw = path.read_bytes()
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise UnusablePackage(path.name, say("the zip unpacks to more than a run can have written"))
            _check_entries(entries)
            files = {entry.filename: archive.read(entry) for entry in entries}
    except OSError as fault:
        raise UnusablePackage(path.name, say("the file cannot be read: {fault}", fault=fault)) from fault
    except UnusablePackage:
        raise
    except UNREADABLE as fault:
        raise _spoilt(path.name, raw, entries, fault) from fault
    if canonical_zip(files) != raw:
        raise UnusablePackage(
            path.name, say("the zip was packed again by another program; use the file that the run wrote")
        )
    return files


def _check_entries(entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse what no run writes, before anything is unpacked: paths that lead out, links, names that fall together."""
    for entry in entries:
        path = entry.filename
        if path.startswith("/") or ".." in path.split("/") or "\\" in path or ":" in path:
            raise UnusablePackage(path, say("this path would leave the package's folder"))
        if stat.S_ISLNK(entry.external_attr >> ATTRIBUTES):
            raise UnusablePackage(path, say("this is a link; a package holds files only"))
    for path, times in Counter(entry.filename for entry in entries).items():
        if times > 1:
            raise UnusablePackage(path, say("this file stands {times} times in the zip", times=times))
    for folded, times in Counter(entry.filename.casefold() for entry in entries).items():
        if times > 1:
            raise UnusablePackage(folded, say("{times} files have this name, but for capital letters", times=times))


def _spoilt(name: str, raw: bytes, entries: Sequence[zipfile.ZipInfo], fault: Exception) -> UnusablePackage:
    """Why the zip cannot be unpacked: the file in it that was changed and from where on, as far as that can be told."""
    damage = damage_in(raw, entries, MANIFEST, CHUNK)
    if damage is None:
        return UnusablePackage(name, say("this is no whole zip file: {fault}", fault=fault))
    if damage.offset is None:
        return UnusablePackage(damage.path, say("the file was changed inside the zip: {fault}", fault=fault))
    return UnusablePackage(damage.path, say("the file was changed in bytes {start} and following", start=damage.offset))
