"""A process that verifies: reads code texts, a line each, verifies them in groups and tells each outcome.

    python -m tests.reference.qr.verifying_process ADDRESS GROUP

GROUP is the size of a group and seeds the process: two at a time need two sizes.

Says ``ready`` first; an outcome is told once it is answered, so that whatever was told must outlive a kill.
"""

from __future__ import annotations

import itertools
import sys

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Verify
from reference.qr import verify_group
from reference.store import Store
from tests.platform import surroundings
from tests.reference.qr.residents import NATIONAL


def main(address: str, size: int) -> None:
    """Verify the texts of the standard input."""
    platform = surroundings(Store(address), seed=size)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    texts = (line.strip() for line in sys.stdin)
    while group := list(itertools.islice(texts, size)):
        answers = verify_group(platform, [(NATIONAL, Verify(text=text, request=text[:32])) for text in group])
        for text, answer in zip(group, answers, strict=True):
            sys.stdout.write(f"{text[:32]} {answer.id if isinstance(answer, Refusal) else 'accepted'}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
