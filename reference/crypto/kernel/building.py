"""Builds the compiled kernel with the wheel or the editable install, where that can be done; never in its way.

Without a C compiler for x86-64, or when it fails, the package is the same but for the kernel, and says so while it is
built. The result needs CPython 3.11 or later and a C library, nothing else.
"""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).parent
SOURCE, BUILT = HERE / "sm4.c", HERE / "_sm4.abi3.so"
FLAGS = ("-O3", "-std=c11", "-D_DEFAULT_SOURCE", "-mssse3", "-maes", "-fPIC", "-shared", "-Wall", "-Wextra")
QUIET = ("-Wno-unused-parameter",)
SECONDS = 120


class Kernel(BuildHookInterface[Any]):
    """Hatch's hook."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and take the result into the wheel."""
        if self.target_name != "wheel":
            return
        reason = compiled()
        if reason:
            self.app.display_warning(f"built without the compiled kernel: {reason}")
            return
        build_data["artifacts"].append(f"/{BUILT.relative_to(self.root)}")
        if version != "editable":
            build_data["pure_python"] = False
            build_data["tag"] = f"cp311-abi3-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"


def compiled() -> str:
    """Compile the kernel; why not, where that is so."""
    if platform.machine() not in ("x86_64", "amd64") or sys.platform == "win32":
        return f"it is for x86-64, this is {sys.platform} on {platform.machine()}"
    if sys.implementation.name != "cpython":
        return f"it is for CPython, this is {sys.implementation.name}"
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    # Beside its place first: a process that has the old one loaded must not see it change.
    fresh = BUILT.with_name(f"{BUILT.name}.{os.getpid()}")
    include = f"-I{sysconfig.get_paths()['include']}"
    command = [*compiler, *FLAGS, *QUIET, include, str(SOURCE), "-o", str(fresh)]
    if sys.platform == "darwin":
        command += ["-undefined", "dynamic_lookup"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
        if done.returncode:
            return f"{compiler[0]} failed: {done.stderr.strip()[-500:]}"
        fresh.replace(BUILT)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    finally:
        fresh.unlink(missing_ok=True)
    return ""
