"""The demo card and SAM answer what fielded terminals send (fielded middleware, files of APP11 chapter 4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference.ports import Chip
from reference.standard import load
from simulators.cards import demo_card, demo_sam
from tests.golden.exchanges import HERE, Mismatch, captures, play, read, spliced, steps

EXCHANGES = sorted((HERE / "fielded").glob("*.toml"))
CASES = [(path, profile) for path in EXCHANGES for profile in read(path)["profiles"]]


@pytest.mark.parametrize("interface", ["contactless", "contact-t0"])
@pytest.mark.parametrize(("path", "profile"), CASES, ids=lambda value: getattr(value, "stem", value))
def test_the_demo_card_answers_a_fielded_terminal(
    path: Path, profile: str, interface: str, request: pytest.FixtureRequest
) -> None:
    missing = read(path).get("not_yet")
    if missing:
        request.applymarker(pytest.mark.xfail(raises=Mismatch, reason=f"the simulator has no {missing}"))
    standard = load(profile)
    chips: dict[str, Chip] = {"card": demo_card(standard, interface), "sam": demo_sam(5, standard)}
    assert play(path, chips) == len(list(steps(path)))


def test_every_part_belongs_to_an_exchange() -> None:
    parts = {path.stem for path in (HERE / "fielded" / "parts").glob("*.toml")}
    included = {step["include"] for path in EXCHANGES for step in read(path)["steps"] if "include" in step}
    assert parts == included


def test_commands_are_literal_but_for_captured_bytes() -> None:
    for path in EXCHANGES:
        for step in steps(path):
            header = step["send"].replace(" ", "")[:10]
            assert header == "reset" or len(bytes.fromhex(header)) == 5, (path.name, step)


def test_a_one_level_key_is_refused_where_the_profile_says_two_levels() -> None:
    standard = load("national-2012")
    chips: dict[str, Chip] = {"card": demo_card(standard), "sam": demo_sam(5, standard)}
    with pytest.raises(Mismatch, match="sam answered 6A86 to 80DE272A"):
        play(HERE / "fielded" / "payment_update.toml", chips)


def test_a_changed_answer_does_not_pass() -> None:
    assert captures("<a:2>9000", "01029000", {}) == {"a": "0102"}
    assert captures("<a:2>9000", "0102039000", {}) is None
    assert captures("<a>9000", "01039000", {"a": "0102"}) is None
    assert captures("61 04 | 9000", "9000", {}) == {}
    assert spliced("0082 <left^right> <left>", {"left": "00FF", "right": "000F"}) == "0082 00F0 00FF"
