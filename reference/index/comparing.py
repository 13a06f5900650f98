"""How far two values of a field agree: one function a field, each giving a level of `standard/index/weights.toml`.

A level is None when a value is missing on either side: nothing can be said then. Names are compared as characters,
for a Chinese name is two to four of them: another order and one other character are what registration gets wrong.
Source: decision (P-EMPI-05 names the grades, not the comparison).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping

UNKNOWN_SEX = ("", "0", "9")
LENGTH_OF_A_MOBILE_NUMBER = 11


def name_level(left: str, right: str) -> str | None:
    """``exact``, ``swapped`` (same characters, other order), ``near``, ``surname`` or ``different``."""
    left, right = bare_name(left), bare_name(right)
    if not left or not right:
        return None
    if left == right:
        return "exact"
    if sorted(left) == sorted(right):
        return "swapped"
    longer = max(len(left), len(right))
    if longer > 2 and distance(left, right) <= max(1, longer // 5):
        return "near"
    return "surname" if left[0] == right[0] else "different"


def birthday_level(left: str, right: str) -> str | None:
    """``exact``, ``transposed`` (neighbouring digits, or day and month), ``year-off`` or ``different``; YYYYMMDD."""
    if not left or not right:
        return None
    if left == right:
        return "exact"
    if left == right[:4] + right[6:] + right[4:6] or is_transposed(left, right):
        return "transposed"
    same_day_next_year = left[4:] == right[4:] and abs(int(left[:4]) - int(right[:4])) == 1
    return "year-off" if same_day_next_year or distance(left, right) == 1 else "different"


def sex_level(left: str, right: str) -> str | None:
    """``exact`` or ``different``; unknown (0) and unstated (9) count as missing."""
    if left in UNKNOWN_SEX or right in UNKNOWN_SEX:
        return None
    return "exact" if left == right else "different"


def phone_level(left: str, right: str) -> str | None:
    """``exact``, ``typo`` (one digit) or ``different``; blanks, hyphens and the country's prefix do not count."""
    return _number_level(bare_phone(left), bare_phone(right))


def id_number_level(left: str, right: str) -> str | None:
    """``exact``, ``typo`` (one character, or two neighbours exchanged) or ``different``."""
    return _number_level(left, right)


def address_level(left: str, right: str, near: float, partial: float) -> str | None:
    """``exact``, ``near``, ``partial`` or ``different`` by the share of common pairs of characters (0 to 1)."""
    left, right = bare_text(left), bare_text(right)
    if not left or not right:
        return None
    if left == right:
        return "exact"
    share = common_pairs(left, right)
    if share >= near:
        return "near"
    return "partial" if share >= partial else "different"


def levels(left: Mapping[str, str], right: Mapping[str, str], thresholds: Mapping[str, float]) -> dict[str, str]:
    """The level of every field that both sides state. Numbers are comparable only within one kind of document."""
    found = {field: compare(left[field], right[field]) for field, compare in FIELDS.items()}
    found["address"] = address_level(
        left["address"], right["address"], thresholds["address-near"], thresholds["address-partial"]
    )
    if left["id_type"] == right["id_type"]:
        found["id_number"] = id_number_level(left["id_number"], right["id_number"])
    return {field: level for field, level in found.items() if level is not None}


def bare_name(name: str) -> str:
    """A name without blanks, dots and differences of width and case."""
    return bare_text(name).casefold()


def bare_phone(phone: str) -> str:
    """The digits of a phone number without the prefix of the country."""
    digits = "".join(character for character in phone if character.isdecimal())
    return digits.removeprefix("86") if len(digits) == LENGTH_OF_A_MOBILE_NUMBER + 2 else digits


def distance(left: str, right: str) -> int:
    """The fewest insertions, deletions, substitutions and exchanges of neighbours that turn one text into the other."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        above, before, row = before, row, [i]
        for j, b in enumerate(right, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]


def is_transposed(left: str, right: str) -> bool:
    """Whether the texts differ by one exchange of neighbours and nothing else."""
    differing = [place for place, (a, b) in enumerate(zip(left, right, strict=False)) if a != b]
    return len(left) == len(right) and len(differing) == 2 and distance(left, right) == 1


def common_pairs(left: str, right: str) -> float:
    """The share of neighbouring pairs of characters that both texts have (Jaccard), 0 to 1."""
    ours, theirs = set(neighbouring_pairs(left)), set(neighbouring_pairs(right))
    return len(ours & theirs) / len(ours | theirs)


def neighbouring_pairs(text: str) -> list[str]:
    """The neighbouring pairs of characters of a text, in their order; a single character stands alone."""
    return [text[at : at + 2] for at in range(max(1, len(text) - 1))]


def _number_level(left: str, right: str) -> str | None:
    if not left or not right:
        return None
    if left == right:
        return "exact"
    return "typo" if distance(left, right) == 1 else "different"


def bare_text(text: str) -> str:
    """Letters, characters and digits alone, without differences of width."""
    return "".join(character for character in unicodedata.normalize("NFKC", text) if character.isalnum())


FIELDS: Mapping[str, Callable[[str, str], str | None]] = {
    "name": name_level,
    "birthday": birthday_level,
    "sex": sex_level,
    "phone": phone_level,
}
