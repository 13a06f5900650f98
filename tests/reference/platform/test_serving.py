"""The platform offers every verb: importing it alone registers a service for each."""

from __future__ import annotations

import subprocess
import sys

from tests.project.tree import ROOT

PROGRAM = """
import reference.platform
from reference.ecard.verbs import Verb
from reference.serving import service_of
for verb in Verb.__args__:
    service_of(verb)
print(len(Verb.__args__))
"""


def test_importing_the_platform_registers_a_service_for_every_verb() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 0
