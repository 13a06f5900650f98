"""Packages that no run wrote: each is refused with a reason of its own, and nothing of it is unpacked or executed."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from conformance.evidence.model import Manifest
from conformance.evidence.package import (
    EARLIEST,
    MANIFEST,
    MOST_BYTES,
    PLAN,
    RESULTS,
    SIGNATURE,
    UnusablePackage,
    canonical_zip,
    digest,
    encode,
    read_package,
)
from conformance.evidence.signing import demo_signer
from tests.fuzzing.corpus_files import CORPUS
from tests.fuzzing.small_package import files_of

RAW = (CORPUS / "package_zip" / "seed-01.bin").read_bytes()
"""An honest package of one test."""
FILES = files_of(RAW)
Entry = tuple[zipfile.ZipInfo, bytes]


def entry(path: str, *, mode: int = 0o644, extra: bytes = b"", method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    """An entry as the harness writes it, but for what is given."""
    made = zipfile.ZipInfo(path, EARLIEST)
    made.external_attr, made.extra, made.compress_type = mode << 16, extra, method
    return made


def zipped(entries: Iterator[Entry], comment: bytes = b"") -> bytes:
    """A zip of these entries, in their order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for made, data in entries:
            archive.writestr(made, data)
        archive.comment = comment
    return buffer.getvalue()


def listed(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with a manifest that lists all of them, signed: what somebody with a key can make."""
    manifest = msgspec.json.decode(files[MANIFEST], type=Manifest)
    others = sorted(files.keys() - {MANIFEST, SIGNATURE})
    head = encode(msgspec.structs.replace(manifest, files=tuple(digest(path, files[path]) for path in others)))
    return files | {MANIFEST: head, SIGNATURE: encode(demo_signer().sign(head))}


def refused(tmp_path: Path, content: bytes) -> UnusablePackage:
    """Why these bytes are refused; they leave nothing behind them."""
    path = tmp_path / "evidence.zip"
    path.write_bytes(content)
    with pytest.raises(UnusablePackage) as fault:
        read_package(path)
    assert [found.name for found in tmp_path.iterdir()] == ["evidence.zip"]
    assert fault.value.reason.zh != fault.value.reason.en
    return fault.value


def honest() -> Iterator[Entry]:
    """The entries of the honest package, in their order."""
    return ((entry(path), FILES[path]) for path in sorted(FILES))


def test_the_entries_that_are_changed_below_are_those_of_an_honest_package(tmp_path: Path) -> None:
    """The positive twin of every refusal here."""
    assert zipped(honest()) == RAW
    (tmp_path / "evidence.zip").write_bytes(RAW)
    assert read_package(tmp_path / "evidence.zip").signer_standing == "demo"


REPACKED: dict[str, Callable[[], bytes]] = {
    "other order": lambda: zipped((entry(path), FILES[path]) for path in sorted(FILES, reverse=True)),
    "stored": lambda: zipped((entry(path, method=zipfile.ZIP_STORED), FILES[path]) for path in sorted(FILES)),
    "extra field": lambda: zipped(
        (entry(path, extra=struct.pack("<HH", 0xCAFE, 0)), FILES[path]) for path in sorted(FILES)
    ),
    "other rights": lambda: zipped((entry(path, mode=0o755), FILES[path]) for path in sorted(FILES)),
    "comment": lambda: zipped(honest(), comment=b"checked by somebody"),
    "bytes before it": lambda: b"#!/bin/sh\n" + RAW,
    "folder entry": lambda: zipped(iter([*honest(), (entry("transcripts/", method=zipfile.ZIP_STORED), b"")])),
}


@pytest.mark.parametrize("how", REPACKED)
def test_a_zip_packed_again_is_refused_as_such(tmp_path: Path, how: str) -> None:
    fault = refused(tmp_path, REPACKED[how]())
    assert (fault.part, "packed again" in fault.reason.en) == ("evidence.zip", True)


@pytest.mark.parametrize("extra", [b"\n", RAW, b"PK\x05\x06" + bytes(18)], ids=["a byte", "itself", "an end"])
def test_a_doubled_package_and_appended_bytes_are_refused(tmp_path: Path, extra: bytes) -> None:
    assert refused(tmp_path, RAW + extra).part in ("evidence.zip", MANIFEST)


@pytest.mark.parametrize("length", [0, 1, 30, len(RAW) // 2, len(RAW) - 22, len(RAW) - 1])
def test_a_package_cut_short_is_refused(tmp_path: Path, length: int) -> None:
    """Trap 17: result packages cut short."""
    fault = refused(tmp_path, RAW[:length])
    assert (fault.part, "no whole zip" in fault.reason.en) == ("evidence.zip", True)


def test_a_zip_of_something_else_is_refused_by_what_it_lacks(tmp_path: Path) -> None:
    fault = refused(tmp_path, canonical_zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}))
    assert (fault.part, "lacks this file" in fault.reason.en) == (MANIFEST, True)


@pytest.mark.parametrize(
    "path",
    [
        "../plan.json",
        "/etc/passwd",
        "a/../../b",
        "..",
        "C:\\plan.json",
        "..\\plan.json",
        "C:plan.json",
        "\\\\host\\plan",
    ],
)
def test_a_path_that_leaves_the_folder_is_refused_even_when_it_is_signed(tmp_path: Path, path: str) -> None:
    fault = refused(tmp_path, canonical_zip(listed(FILES | {path: b"x"})))
    assert (fault.part, "leave the package" in fault.reason.en) == (path, True)


def test_a_link_in_the_zip_is_refused_even_when_it_is_signed(tmp_path: Path) -> None:
    files = listed(FILES | {"link": b"/etc/passwd"})
    modes = {"link": stat.S_IFLNK | 0o777}
    entries = ((entry(path, mode=modes.get(path, 0o644)), files[path]) for path in sorted(files))
    fault = refused(tmp_path, zipped(entries))
    assert (fault.part, "is a link" in fault.reason.en) == ("link", True)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    fault = refused(tmp_path, zipped(iter([*honest(), (entry(RESULTS), b"{}")])))
    assert (fault.part, "stands 2 times" in fault.reason.en) == (RESULTS, True)


def test_names_that_differ_in_capital_letters_only_are_refused_even_when_they_are_signed(tmp_path: Path) -> None:
    fault = refused(tmp_path, canonical_zip(listed(FILES | {"Plan.JSON": FILES[PLAN]})))
    assert (fault.part, "capital letters" in fault.reason.en) == (PLAN, True)


def test_an_unsigned_file_and_one_listed_but_absent_are_named(tmp_path: Path) -> None:
    assert refused(tmp_path, canonical_zip(FILES | {"extra.json": b"{}"})).part == "extra.json"
    absent = listed(FILES | {"extra.json": b"{}"})
    del absent["extra.json"]
    assert refused(tmp_path, canonical_zip(absent)).part == "extra.json"


def declaring(content: bytes, size: int) -> bytes:
    """The zip with another unpacked size in its first directory entry."""
    at = content.index(b"PK\x01\x02") + 24
    return content[:at] + size.to_bytes(4, "little") + content[at + 4 :]


def test_a_bomb_is_refused_by_the_size_that_it_declares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("was unpacked"))
    fault = refused(tmp_path, declaring(RAW, MOST_BYTES + 1))
    assert (fault.part, "unpacks to more" in fault.reason.en) == ("evidence.zip", True)


def test_a_bomb_that_lies_about_its_size_is_unpacked_no_further_than_it_says(tmp_path: Path) -> None:
    bomb = canonical_zip({"a": bytes(8 * 1024 * 1024)})
    fault = refused(tmp_path, declaring(bomb, 1000))
    assert (fault.part, "changed inside the zip" in fault.reason.en) == ("a", True)


def test_a_bomb_of_files_that_share_their_bytes_is_refused(tmp_path: Path) -> None:
    """Many directory entries over one file's bytes: the header there has one name only."""
    raw = canonical_zip({"a": bytes(100_000), "b": bytes(10)})
    at = raw.rindex(b"PK\x01\x02")
    first = raw.index(b"PK\x01\x02")
    shared = raw[: at + 42] + raw[first + 42 : first + 46] + raw[at + 46 :]
    assert "differ" in refused(tmp_path, shared).reason.en


def test_a_folder_that_holds_too_much_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "huge.json").open("wb") as stream:
        stream.truncate(MOST_BYTES + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda *_: pytest.fail("was read"))
    with pytest.raises(UnusablePackage, match="holds more"):
        read_package(tmp_path)
