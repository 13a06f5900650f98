"""The set-up: every package is pinned, and a machine that lacks something is told what, in one line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.project.tree import ROOT

NAME = re.compile(r"[A-Za-z0-9._-]+")
PROGRAMS = ("cat", "cksum", "dirname", "env", "id", "sh")
"""What the set-up script finds on a machine that has neither apt nor Python."""


def canonical(requirement: str) -> str:
    """The name in a requirement, as package indexes compare names."""
    found = NAME.match(requirement)
    assert found is not None, requirement
    return re.sub(r"[-_.]+", "-", found.group()).lower()


def pins() -> dict[str, str]:
    """Name to version of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {
        canonical(line): line.partition("==")[2].partition(";")[0].strip()
        for line in lines
        if line and not line.startswith("#")
    }


def test_every_package_that_the_project_names_is_pinned() -> None:
    described = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras, groups = described["project"]["optional-dependencies"], described["dependency-groups"]
    wanted = {
        canonical(requirement)
        for requirements in (described["project"]["dependencies"], *extras.values(), *groups.values())
        for requirement in requirements
    }
    assert wanted - pins().keys() == set()


def test_every_pin_is_one_version_and_names_no_index() -> None:
    assert all(re.fullmatch(r"[0-9][0-9A-Za-z.+!]*", version) for version in pins().values())
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text


def test_the_extra_of_the_tests_has_the_same_packages_as_the_parallel_one() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert set(extras["parallel"]) <= set(extras["tests"])


@pytest.fixture
def bare_machine(tmp_path: Path) -> Path:
    """A copy of the set-up in a checkout of its own, beside the few programs that it may find."""
    shutil.copytree(ROOT / ".ci", tmp_path / "checkout" / ".ci")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in PROGRAMS:
        found = shutil.which(name)
        assert found is not None, name
        (programs / name).symlink_to(found)
    return tmp_path


def prepare(machine: Path, python: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the set-up on the bare machine."""
    environment = {"PATH": str(machine / "bin"), "PYTHON": python, **more}
    shell = os.path.realpath(machine / "bin" / "sh")
    script = str(machine / "checkout" / ".ci" / "prepare")
    command = [shell, script, "certify"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)


def given_python(machine: Path, version: str, *, allowed: bool) -> str:
    """A stand-in for Python: it tells its version, passes or fails the check of it, and can do nothing else."""
    path = machine / "bin" / "python-stand-in"
    path.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        f'  -V) echo "Python {version}" ;;\n'
        f"  *'sys.exit(sys.version_info'*) exit {0 if allowed else 1} ;;\n"
        "  *) exit 1 ;;\n"
        "esac\n",
        encoding="utf-8",
    )
    path.chmod(0o755)
    return str(path)


def test_a_missing_python_is_named_with_the_next_step(bare_machine: Path) -> None:
    done = prepare(bare_machine, "python-of-nobody")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "set-up: there is no python-of-nobody. Install Python 3.11 or later, or name one: "
        "make PYTHON=/path/to/python3.11"
    ]


def test_an_old_python_is_refused_with_its_version(bare_machine: Path) -> None:
    done = prepare(bare_machine, given_python(bare_machine, "3.9.2", allowed=False))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "set-up: Python 3.9.2 is too old: Python 3.11 or later is needed. Name one: make PYTHON=/path/to/python3.11"
    ]


def test_a_python_that_cannot_make_environments_is_told_with_the_package_to_install(bare_machine: Path) -> None:
    done = prepare(bare_machine, given_python(bare_machine, "3.11.2", allowed=True))
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.endswith("On Debian, as root: apt-get install python3-venv")


def dpkg_that_knows_nothing(machine: Path) -> None:
    """Debian's package query, on a machine where no package is installed; the user is no root and has no sudo."""
    for name, answer in (("dpkg-query", "exit 1"), ("id", "echo 1000")):
        path = machine / "bin" / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{answer}\n", encoding="utf-8")
        path.chmod(0o755)


def test_packages_that_may_not_be_installed_are_listed_in_one_line_and_the_set_up_goes_on(bare_machine: Path) -> None:
    dpkg_that_knows_nothing(bare_machine)
    done = prepare(bare_machine, "python-of-nobody")
    first, second = done.stderr.splitlines()
    assert first.startswith("set-up: not installed, and this user may not install them: python3 ")
    assert first.endswith("pcscd vsmartcard-vpcd")
    assert "there is no python-of-nobody" in second


def test_under_ci_a_missing_package_ends_the_set_up(bare_machine: Path) -> None:
    dpkg_that_knows_nothing(bare_machine)
    done = prepare(bare_machine, "python-of-nobody", CI="true")
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "pcscd" in line
