"""One changed byte anywhere in the package of a full card run is found, and named by file and 4 KiB chunk.

Digests are computed once a content here; what is checked, and in which order, is `read_package` as it stands.
"""

from __future__ import annotations

import functools
import random
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from conformance.evidence import package as packages
from conformance.evidence.package import (
    CHUNK,
    MANIFEST,
    RESULTS,
    SIGNATURE,
    UnusablePackage,
    canonical_zip,
    digest,
    read_package,
)
from tests.fuzzing.corpus_files import CORPUS
from tests.fuzzing.small_package import files_of

SEED = 1_000
SAMPLES = 1_000
WHOLE = (MANIFEST, SIGNATURE)
"""Files that are signed or sign, and so are named as a whole."""
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def files(evidence_zip: Path) -> Files:
    """The files of a full card run's package."""
    return files_of(evidence_zip.read_bytes())


def changes(files: Files, count: int) -> list[tuple[str, int, int]]:
    """File, offset and the bits to flip: over all bytes alike, over all files alike, over the files that are no
    transcripts alike.
    """
    chance = random.Random(SEED)
    paths, sizes = list(files), [len(data) for data in files.values()]
    heads = [path for path in paths if "/" not in path]
    drawn = chance.choices(paths, sizes, k=count // 2) + chance.choices(paths, k=count // 4)
    drawn += chance.choices(heads, k=count - len(drawn))
    return [(path, chance.randrange(len(files[path])), chance.randrange(1, 256)) for path in drawn]


def changed(data: bytes, at: int, bits: int) -> bytes:
    """The data with one byte changed."""
    return data[:at] + bytes((data[at] ^ bits,)) + data[at + 1 :]


def refused(path: Path) -> UnusablePackage:
    """Why a package is refused."""
    with pytest.raises(UnusablePackage) as fault:
        read_package(path)
    return fault.value


def names_the_place(fault: UnusablePackage, path: str, at: int) -> bool:
    """Whether file and chunk are named, or manifest or signature as a whole."""
    if path in WHOLE:
        return fault.part in WHOLE
    return fault.part == path and f"bytes {at // CHUNK * CHUNK} and following" in fault.reason.en


def test_a_thousand_changed_bytes_are_each_refused_with_file_and_chunk(
    files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(packages, "digest", functools.cache(digest))
    now: Files = {}
    monkeypatch.setattr(packages, "_folder", lambda path: dict(now))
    missed, met = [], Counter[str]()
    for path, at, bits in changes(files, SAMPLES):
        now = files | {path: changed(files[path], at, bits)}
        fault = refused(tmp_path)
        met[path.partition("/")[0]] += 1
        if not names_the_place(fault, path, at):
            missed.append((path, at, str(fault)))
    assert missed == []
    assert sum(met.values()) == SAMPLES
    assert set(met) == {path.partition("/")[0] for path in files}, "some kind of file was never changed"
    now = files
    assert read_package(tmp_path).plan.tests


def test_a_changed_byte_in_the_folder_is_named_by_file_and_chunk(files: Files, tmp_path: Path) -> None:
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    for path, at, bits in changes(files, 12):
        (tmp_path / path).write_bytes(changed(files[path], at, bits))
        assert names_the_place(refused(tmp_path), path, at), path
        (tmp_path / path).write_bytes(files[path])


def test_a_changed_byte_under_a_zip_packed_anew_is_named_by_file_and_chunk(files: Files, tmp_path: Path) -> None:
    for path, at, bits in changes(files, 8):
        (tmp_path / "evidence.zip").write_bytes(canonical_zip(files | {path: changed(files[path], at, bits)}))
        assert names_the_place(refused(tmp_path / "evidence.zip"), path, at), path


# -- bytes of the zip itself -----------------------------------------------------------------------------------


def entry_at(raw: bytes, path: Path, at: int) -> str:
    """The file whose packed bytes hold the offset; empty for headers and directory."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            start = entry.header_offset + 30 + len(entry.filename)
            if start <= at < start + entry.compress_size:
                return entry.filename
    return ""


@pytest.fixture(scope="module")
def small_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of two tests, as a zip."""
    path = tmp_path_factory.mktemp("small") / "honest.zip"
    path.write_bytes((CORPUS / "package_zip" / "seed-02.bin").read_bytes())
    read_package(path)
    return path


def test_a_thousand_changed_bytes_of_a_zip_are_each_refused_and_the_file_named(small_zip: Path, tmp_path: Path) -> None:
    raw, chance, named = small_zip.read_bytes(), random.Random(SEED), 0
    for _ in range(SAMPLES):
        at, bits = chance.randrange(len(raw)), chance.randrange(1, 256)
        (tmp_path / "evidence.zip").write_bytes(changed(raw, at, bits))
        fault, inside = refused(tmp_path / "evidence.zip"), entry_at(raw, small_zip, at)
        assert not inside or fault.part in ("evidence.zip", inside), (at, str(fault))
        named += bool(inside) and fault.part == inside
    assert named > SAMPLES / 3


def test_a_changed_byte_of_a_full_runs_zip_is_named_by_file_and_chunk(
    evidence_zip: Path, files: Files, tmp_path: Path
) -> None:
    raw = evidence_zip.read_bytes()
    with zipfile.ZipFile(evidence_zip) as archive:
        entries = {path: archive.getinfo(path) for path in (RESULTS, MANIFEST)}
    for path, entry in entries.items():
        at = entry.header_offset + 30 + len(path) + entry.compress_size // 2
        (tmp_path / "evidence.zip").write_bytes(changed(raw, at, 0x10))
        fault = refused(tmp_path / "evidence.zip")
        assert fault.part == path
        if path not in WHOLE:
            start = int(fault.reason.en.removeprefix("the file was changed in bytes ").split()[0])
            assert start % CHUNK == 0
            assert 0 < start < len(files[path]), "what comes before the changed byte is still right"


def test_a_damaged_file_that_the_manifest_does_not_know_is_named_all_the_same(small_zip: Path, tmp_path: Path) -> None:
    files = files_of(small_zip.read_bytes()) | {"extra.json": bytes(range(256)) * 40}
    raw = canonical_zip(files)
    (tmp_path / "evidence.zip").write_bytes(raw)
    with zipfile.ZipFile(tmp_path / "evidence.zip") as archive:
        entry = archive.getinfo("extra.json")
    at = entry.header_offset + 30 + len("extra.json") + entry.compress_size // 2
    (tmp_path / "evidence.zip").write_bytes(changed(raw, at, 0x01))
    fault = refused(tmp_path / "evidence.zip")
    assert fault.part == "extra.json"
    assert "changed inside the zip" in fault.reason.en
