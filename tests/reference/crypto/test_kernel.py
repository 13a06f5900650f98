"""The compiled kernel: its maps between the fields of SM4 and AES, every length, bad arguments, and how it is built."""

from __future__ import annotations

import functools
import re
import subprocess
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gmssl.sm4 import SM4_BOXES_TABLE
from hypothesis import given
from hypothesis import strategies as st

from reference.crypto.face import EngineUnavailable, InvalidKey
from reference.crypto.fast import FastEngine
from reference.crypto.kernel import KernelEngine, building
from reference.crypto.kernel.building import Kernel
from tests.reference.crypto.engines import HAS_KERNEL

if not HAS_KERNEL:
    pytest.skip("the kernel is for x86-64", allow_module_level=True)

from reference.crypto.kernel import _sm4

KERNEL, FAST = KernelEngine(), FastEngine()
AES_FIELD, SM4_FIELD = 0x11B, 0x1F5
"""FIPS 197, 4.2; the polynomial of SM4's S-box is that of its published analyses: the test itself shows it right."""


def multiplied(a: int, b: int, field: int) -> int:
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a <<= 1
        a ^= field if a & 0x100 else 0
        b >>= 1
    return product


def inverse(a: int, field: int) -> int:
    return functools.reduce(lambda power, _: multiplied(power, a, field), range(253), a)


def rotated(byte: int, bits: int) -> int:
    return (byte << bits | byte >> 8 - bits) & 0xFF


def aes_box(x: int) -> int:
    """FIPS 197, 5.1.1."""
    return functools.reduce(lambda sum, bits: sum ^ rotated(inverse(x, AES_FIELD), bits), range(5), 0) ^ 0x63


def table(name: str) -> list[int]:
    """The sixteen bytes of a table of the source."""
    (found,) = re.findall(rf"{name} = _mm_setr_epi8\((.*?)\);", building.SOURCE.read_text("utf-8"), re.DOTALL)
    values = [int(value, 16) for value in re.findall(r"0x[0-9a-f]{2}", found)]
    assert len(values) == 16
    return values


def test_the_sources_maps_make_sm4s_box_of_that_of_aes() -> None:
    def halves(x: int, name: str) -> int:
        return table(f"{name}_low")[x & 15] ^ table(f"{name}_high")[x >> 4]

    assert [halves(aes_box(halves(x, "pre")), "post") for x in range(256)] == SM4_BOXES_TABLE


def test_the_map_before_the_box_leads_from_sm4s_field_into_that_of_aes() -> None:
    """Up to SM4's own affine map: what it does to x and y tells the sum of both, and inverses go to inverses."""
    low, high = table("pre_low"), table("pre_high")
    before = [low[x & 15] ^ high[x >> 4] for x in range(256)]
    assert all(before[x] ^ before[y] ^ before[0] == before[x ^ y] for x in range(256) for y in range(0, 256, 17))
    assert sorted(before) == list(range(256))
    assert multiplied(inverse(0x53, SM4_FIELD), 0x53, SM4_FIELD) == 1


@given(st.binary(min_size=16, max_size=16), st.integers(0, 70), st.randoms())
def test_every_number_of_blocks_is_as_openssl_has_it(key: bytes, blocks: int, draw: Any) -> None:
    text = draw.randbytes(16 * blocks)
    assert KERNEL.sm4_encrypt(key, text) == FAST.sm4_encrypt(key, text)
    assert KERNEL.sm4_decrypt(key, text) == FAST.sm4_decrypt(key, text)


@given(st.integers(0, 21), st.integers(0, 5), st.randoms())
def test_texts_of_many_keys_are_as_one_by_one(people: int, blocks: int, draw: Any) -> None:
    keys, texts = draw.randbytes(16 * people), [draw.randbytes(16 * blocks) for _ in range(people)]
    assert KERNEL.sm4_decrypt_each(keys, texts) == FAST.sm4_decrypt_each(keys, texts)


def test_texts_of_different_lengths_have_their_keys_too() -> None:
    keys, texts = bytes(range(48)), [bytes(16), bytes(32), b""]
    assert KERNEL.sm4_decrypt_each(keys, texts) == FAST.sm4_decrypt_each(keys, texts)


@pytest.mark.parametrize("engine", [KERNEL, FAST], ids=["kernel", "fast"])
@pytest.mark.parametrize(("keys", "texts"), [(b"k" * 15, [bytes(16)]), (b"k" * 32, [bytes(16)]), (b"", [bytes(16)])])
def test_each_text_needs_a_key(engine: FastEngine, keys: bytes, texts: list[bytes]) -> None:
    with pytest.raises(InvalidKey):
        engine.sm4_decrypt_each(keys, texts)


def test_a_long_text_lets_other_threads_go_on() -> None:
    key, text = bytes(range(16)), bytes(8 << 20)
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(KERNEL.sm4_encrypt(key, text))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [FAST.sm4_encrypt(key, text)] * 3


@pytest.mark.parametrize("function", [_sm4.encipher, _sm4.decipher, _sm4.decipher_each])
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((), TypeError),
        ((bytes(16),), TypeError),
        ((bytes(16), bytes(16), bytes(16)), TypeError),
        (("k" * 16, bytes(16)), TypeError),
        ((bytes(16), bytearray(16)), TypeError),
        ((bytes(15), bytes(16)), ValueError),
        ((bytes(16), bytes(17)), ValueError),
        ((b"", bytes(16)), ValueError),
    ],
)
def test_wrong_arguments_are_refused(function: Any, arguments: tuple[Any, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        function(*arguments)


def test_an_erring_kernel_does_not_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sm4, "encipher", lambda key, text: bytes(16))
    with pytest.raises(EngineUnavailable, match="errs"):
        KernelEngine()


def test_a_kernel_that_was_not_built_does_not_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "reference.crypto.kernel._sm4", None)
    monkeypatch.delattr("reference.crypto.kernel._sm4")
    with pytest.raises(EngineUnavailable, match="no compiled kernel"):
        KernelEngine()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the kernel is built in place of its own folder."""
    built = tmp_path / "_sm4.abi3.so"
    monkeypatch.setattr(building, "BUILT", built)
    return built


def test_it_is_built_without_a_warning(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "QUIET", (*building.QUIET, "-Werror"))
    assert building.compiled() == ""
    assert elsewhere.read_bytes().startswith(b"\x7fELF")
    assert [path.name for path in elsewhere.parent.iterdir()] == [elsewhere.name]


@pytest.mark.parametrize("compiler", ["no-such-compiler", "false"])
def test_without_a_working_compiler_the_install_goes_on(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, compiler: str
) -> None:
    monkeypatch.setenv("CC", compiler)
    data, warnings = hooked(elsewhere)
    assert data == {"artifacts": []}
    assert len(warnings) == 1
    assert compiler in warnings[0]
    assert not list(elsewhere.parent.iterdir())


@pytest.mark.parametrize(
    ("module", "name", "value"), [("platform", "machine", lambda: "aarch64"), ("sys", "platform", "win32")]
)
def test_elsewhere_it_is_not_built(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str, value: Any
) -> None:
    monkeypatch.setattr(f"reference.crypto.kernel.building.{module}.{name}", value)
    assert "x86-64" in building.compiled()
    assert not elsewhere.exists()


def test_a_compiler_that_hangs_is_not_waited_for(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: Any, **__: Any) -> None:
        raise subprocess.TimeoutExpired("cc", building.SECONDS)

    monkeypatch.setattr(subprocess, "run", hang)
    assert "timed out" in building.compiled()


def hooked(built: Path, version: str = "standard") -> tuple[dict[str, Any], list[str]]:
    """What the hook makes of a build's data, and what it warns of."""
    warnings: list[str] = []
    hook: Any = SimpleNamespace(
        target_name="wheel", root=str(built.parent), app=SimpleNamespace(display_warning=warnings.append)
    )
    data: dict[str, Any] = {"artifacts": []}
    Kernel.initialize(hook, version, data)
    return data, warnings


def test_a_wheel_carries_the_kernel_and_names_its_machine(elsewhere: Path) -> None:
    data, warnings = hooked(elsewhere)
    assert (data["artifacts"], data["pure_python"], warnings) == (["/_sm4.abi3.so"], False, [])
    assert re.fullmatch(r"cp311-abi3-\w+_x86_64", data["tag"])
    assert hooked(elsewhere, "editable")[0] == {"artifacts": ["/_sm4.abi3.so"]}
