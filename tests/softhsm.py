"""A token of SoftHSM's in a folder of the test's own; without SoftHSM a test is skipped, or under CI fails."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.pcsc import give_up

MODULES = tuple(
    Path(folder) / "softhsm" / "libsofthsm2.so"
    for folder in ("/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/local/lib")
)
LABEL, PIN = "laboratory token", "86420975"


def softhsm_module() -> Path:
    """The PKCS#11 module of SoftHSM."""
    module = next((path for path in MODULES if path.exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        give_up("SoftHSM is not installed (Debian: softhsm2).")
    assert module is not None
    return module


def new_token(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty token in ``folder``; the module to reach it with."""
    module, configuration = softhsm_module(), folder / "softhsm2.conf"
    (folder / "tokens").mkdir()
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n", encoding="utf-8")
    monkeypatch.setenv("SOFTHSM2_CONF", str(configuration))
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", LABEL, "--so-pin", "12345678", "--pin", PIN],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return module
