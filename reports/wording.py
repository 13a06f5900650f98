"""The words of a report for the values of the evidence records, and characters made safe to show.

No clause of the standard is followed here; the names of levels and bases stand in `conformance.evidence.wording`, those
of verdicts in `conformance.evidence.verdicts`, those of waivers in `conformance.evidence.waiving`.
"""

from __future__ import annotations

import unicodedata

from conformance.evidence.model import Overall, Severity, Verdict
from conformance.evidence.token_signing import FROM_TOKEN, IN_TOKEN
from conformance.evidence.waiving import KIND_NAMES, STATE_NAMES
from conformance.evidence.wording import BASIS_NAMES, LEVEL_NAMES
from reference.languages import Text, say
from reference.standard.rows import Basis

__all__ = ["BASIS_NAMES", "KIND_NAMES", "LEVEL_NAMES", "STATE_NAMES"]

OVERALL_NAMES: dict[Overall, Text] = {
    Overall.CONFORMANT: say("Conformant"),
    Overall.WITH_WAIVERS: say("Conformant with waivers"),
    Overall.NOT_CONFORMANT: say("Not conformant"),
    Overall.INCOMPLETE: say("Incomplete"),
}

VERDICT_MEANINGS: dict[Verdict, Text] = {
    Verdict.PASSED: say("the product did what is required"),
    Verdict.FAILED: say("the product violated a mandatory requirement"),
    Verdict.WARNING: say("deviates from a recommendation, or from a rule that no official source states"),
    Verdict.INCONCLUSIVE: say("what was seen proves neither conformance nor a violation"),
    Verdict.NOT_APPLICABLE: say("the product does not declare this capability"),
    Verdict.SKIPPED: say("something that had to pass before did not"),
    Verdict.BLOCKED: say("the hardware or the permitted use of the sample did not allow it"),
    Verdict.ERROR: say("the test system itself failed; this says nothing about the product"),
}

BASIS_MEANINGS: dict[Basis, Text] = {
    Basis.NORMATIVE: say("stated by the standard"),
    Basis.FIELD: say("seen in fielded products"),
    Basis.SIBLING: say("taken over from a related standard"),
    Basis.DECISION: say("decided by this suite where no source says"),
}

SEVERITY_NAMES: dict[Severity, Text] = {
    Severity.FAILS: say("a violation makes the product not conformant"),
    Severity.WARNS: say("a violation gives a warning only"),
}

STANDING_NAMES: dict[str, Text] = {
    "demo": say("demonstration key: anyone can make this signature, so it proves nothing about who tested"),
    "trusted": say("a signer whose key was given as trusted"),
    "unknown": say("an unknown signer: nothing confirms who tested"),
}

CUSTODY_NAMES: dict[str, Text] = {
    IN_TOKEN: say("in a token, which signed itself"),
    FROM_TOKEN: say("kept in a token, but computed with outside it"),
}

DATA_SET_NAMES: dict[str, Text] = {
    "synthetic": say("synthetic: no real person"),
    "real": say("real data, redacted: what is withheld is sealed for the laboratory"),
}

TRANSPORT_NAMES: dict[str, Text] = {
    "in process": say("in process"),
    "PC/SC (virtual reader)": say("PC/SC (virtual reader)"),
}

CODE_KIND_NAMES: dict[str, Text] = {
    "dynamic": say("dynamic code"),
    "static": say("static code"),
    "forged": say("forged code"),
    "grafted": say("token moved to another card"),
    "expired": say("expired code"),
    "replayed": say("single-use code shown twice"),
    "superseded": say("superseded code"),
    "cancelled": say("code of a cancelled card"),
    "foreign": say("code of another issuer"),
}

WRONG_NAMES: dict[str, Text] = {
    "wrong-accept": say("wrongly accepted"),
    "wrong-refusal": say("wrongly refused"),
    "wrong-reason": say("refused for a wrong reason"),
}

TOTALS_NAMES: dict[str, Text] = {
    "database": say("the platform's database"),
    "none": say("nowhere: no database was named"),
}

USED_UP_NAMES: dict[str, Text] = {
    "card": say("cards that tests use up"),
    "wrong-mac": say("commands with a wrong MAC"),
}

CHANNEL_NAMES: dict[str, Text] = {
    "card": say("card"),
    "sam": say("SAM"),
}

PRODUCT_KINDS: dict[str, Text] = {
    "user-card": say("user card"),
    "sam": say("SAM"),
    "terminal": say("terminal"),
    "platform": say("platform"),
}

SIDE_NAMES: dict[str, Text] = {
    "positive": say("must be granted"),
    "negative": say("must be refused"),
}


def named(names: dict[str, Text], value: str) -> Text:
    """The words for a value, or the value itself where there are none."""
    return names.get(value, Text(value, value))


def visible(text: str) -> str:
    """The text with every character that cannot be seen, or that turns the direction of writing, spelled out.

    Evidence quotes what products and vendors wrote: control characters are not allowed in XML, and marks of
    direction can make a line read as something else. Line feeds and tabs stay.
    """
    return text.translate(_SPELLINGS)


def _can_be_shown(character: str) -> bool:
    if character in "\n\t":
        return True
    not_a_character = ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
    return not not_a_character and unicodedata.category(character) not in ("Cc", "Cf", "Cs")


class _Spellings(dict[int, str]):
    """How a character is written, by its number; looked up once: a page has millions."""

    def __missing__(self, number: int) -> str:
        character = chr(number)
        self[number] = character if _can_be_shown(character) else _spelled(character)
        return self[number]


_SPELLINGS = _Spellings()


def _spelled(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) <= 0xFFFF else f"\\U{ord(character):08x}"
