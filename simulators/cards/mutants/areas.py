"""Mutants of whole areas: a part of an area that its right does not reach.

Follows the attributes of REV2 item 17, table 8-2: what a test of the first record alone does not see.
"""

from __future__ import annotations

from collections.abc import Iterator

from reference.card.apdu import CommandApdu
from reference.card.violations import ReadRefused, UpdateWithoutRight
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import File, FileKind
from simulators.cards.mutants.registry import Variant, behaving, family, mutant
from simulators.cards.user_card import UserCard


@family(ReadRefused)
def middle_of_an_area_closed(standard: Standard) -> Iterator[Variant]:
    """A record, or the second half of the bytes, stays closed with every right."""
    for id in standard.requirements:
        file = _sample(standard, id)
        if file is not None:
            yield Variant(
                row=id.removeprefix("card.attribute."),
                breaks=id,
                subject=file.path,
                why=say("A part of {path} stays closed with every right: it was protected on its own.", path=file.path),
                make=behaving(_closed_behind_the_start(file.path)),
            )


def _sample(standard: Standard, id: str) -> File | None:
    """The file that shows the rule ``card.attribute.…`` on an area, None for other rules."""
    if not id.startswith("card.attribute.") or id.endswith(".records"):
        return None
    area = id.removeprefix("card.attribute.").removesuffix(".index").replace(".", "/").upper()
    inside = (file for file in standard.files.values() if file.path.endswith(area) or f"/{area}/" in file.path)
    return next(inside, None)


def _closed_behind_the_start(path: str) -> type[UserCard]:
    class ClosedBehindTheStart(UserCard):
        """Only the first record, or the first bytes, are given out."""

        def read_record(self, apdu: CommandApdu) -> bytes:
            if self.file is not None and self.file.path == path and apdu.p2 == 0x04:
                self.require(apdu.p1 != len(self.content(self.file).records) - 1, "security-status-not-satisfied")
            return super().read_record(apdu)

        def read_binary(self, apdu: CommandApdu) -> bytes:
            if self.file is not None and self.file.path == path:
                self.require((apdu.p1 << 8 | apdu.p2) < self.file.size // 2, "security-status-not-satisfied")
            return super().read_binary(apdu)

    return ClosedBehindTheStart


@mutant("card.attribute.df03.records", caught_as=UpdateWithoutRight, subject="DDF1/DF03/E")
class VisitFilesWrittenWithTheReadKey(UserCard):
    """Visit files are written with the read key: whoever may look may forge."""

    def may_update(self, file: File) -> bool:
        """With either key."""
        reader = file.kind is FileKind.BINARY and bool(file.visit) and file.read in self.authenticated
        return reader or super().may_update(file)
