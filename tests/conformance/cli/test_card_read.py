"""`healthcard card read`: the simulated card, cards in readers, and every way in which there is no card to read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import conformance.card_cli
from reference.card.image_file import load_image
from reference.card_cli import app
from reference.command_line import Exit
from reference.ports import Chip
from reference.standard import load
from simulators.cards import demo_card, demo_sam
from simulators.cards.demo import demo_image
from simulators.cards.hollow import Always9000Card, NullCard
from simulators.cards.image import without_keys
from simulators.readers.foreign_card import ForeignCard
from simulators.readers.virtual import VirtualReaders
from tests.pcsc import pcsc, vicc
from tests.reference.terminal.counter import TODAY

__all__ = ["pcsc", "vicc"]


@pytest.fixture(autouse=True)
def steady_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day on which the commands run."""
    monkeypatch.setattr(conformance.card_cli, "today", lambda: TODAY)


def called(*arguments: str) -> tuple[int, str, str]:
    """Exit code, output and messages of ``card read``."""
    result = CliRunner().invoke(app, ["card", "read", *arguments])
    return result.exit_code, result.stdout, result.stderr


def read_over_pcsc(card: Chip | None, sam: Chip | None, *arguments: str) -> tuple[int, str, str]:
    """The same with chips in virtual readers."""
    with VirtualReaders(card, sam) as readers:
        return called("--reader", readers.card_reader, "--sam-reader", readers.sam_reader, *arguments)


def test_the_simulated_cards_holder_is_shown() -> None:
    code, shown, told = called("--simulated")
    assert (code, told) == (0, "")
    assert "DDF1/EF06\t\t0B\tname\tname of the holder\t示范人" in shown
    assert "2032-10-17" in shown


def test_chinese_is_spoken_on_demand() -> None:
    code, shown, told = called("--simulated", "--sam-type", "4", "--lang", "zh")
    assert code == 0
    assert "发卡机构" in shown
    assert "未读出：DDF1/EF06 持卡人基本信息：SAM卡中没有密钥 RK1DDF1；1, 2, 3, 5 类SAM卡才有" in told


def test_what_was_read_is_saved_as_an_image_and_given_as_json(tmp_path: Path) -> None:
    saved = tmp_path / "card.json"
    code, shown, told = called("--simulated", "--save", str(saved), "--json")
    assert (code, told) == (0, f"Saved: {saved}\n")
    assert load_image(saved) == without_keys(demo_image(load()), load())
    whole = json.loads(shown)
    assert (whole["sam_type"], whole["unread"]) == (5, [])
    assert len(whole["files"]) == len(load().files)


def test_json_names_what_was_not_read() -> None:
    _, shown, _ = called("--simulated", "--sam-type", "4", "--json")
    whole = json.loads(shown)
    assert {one["missing_key"] for one in whole["unread"]} == {"RK1DDF1", "RK1DF01", "RK1DF02", "RK1DF03"}
    assert [file["path"] for file in whole["files"]] == ["DDF1/EF05"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Name the card"),
        (["--simulated", "--reader", "one"], "Name the card"),
        (["--reader", "one"], "--sam-reader"),
        (["--simulated", "--sam-reader", "one"], "--sam-reader"),
        (["--simulated", "--profile", "none"], "no such profile"),
        (["--simulated", "--save", "/nowhere/card.json"], "/nowhere/card.json: cannot be written"),
    ],
)
def test_a_mistake_in_the_call_is_explained(arguments: list[str], told: str) -> None:
    code, _, messages = called(*arguments)
    assert (code, told in messages) == (Exit.USAGE, True), messages


def test_a_memory_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "memory"
    file.write_text("no memory", encoding="utf-8")
    code, _, told = called("--simulated", "--memory", str(file))
    assert code == Exit.USAGE
    assert f"{file} is no card memory" in told


def test_an_expired_card_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conformance.card_cli, "today", lambda: TODAY.replace(year=2040))
    code, shown, told = called("--simulated")
    assert (code, shown) == (Exit.INCOMPLETE, "")
    assert "The card was valid until 2032-10-17" in told


@pytest.mark.usefixtures("pcsc")
@pytest.mark.parametrize("interface", ["contactless", "contact-t0"])
def test_a_card_in_a_reader_is_read_as_the_simulated_one(interface: str) -> None:
    assert read_over_pcsc(demo_card(interface=interface), demo_sam(1)) == called("--simulated", "--sam-type", "1")


@pytest.mark.usefixtures("pcsc")
@pytest.mark.parametrize(
    ("card", "sam", "code", "told"),
    [
        (None, demo_sam(1), Exit.UNREACHABLE, "that a card is in the reader"),
        (demo_card(), None, Exit.UNREACHABLE, "that a card is in the reader"),
        (demo_card(), demo_card(), Exit.USAGE, "Check that a SAM for residents health cards is in the SAM's reader."),
        (NullCard(), demo_sam(1), Exit.NOT_CONFORMANT, "cannot be used as a residents health card"),
        (Always9000Card(), demo_sam(1), Exit.NOT_CONFORMANT, "cannot be used as a residents health card"),
    ],
    ids=["no card", "no SAM", "a card in the SAM's reader", "null card", "always 9000"],
)
def test_without_a_health_card_the_reason_is_told(card: Chip | None, sam: Chip | None, code: Exit, told: str) -> None:
    found, shown, messages = read_over_pcsc(card, sam)
    assert (found, shown) == (code, "")
    assert told in messages


@pytest.mark.usefixtures("pcsc", "vicc")
def test_a_foreign_card_is_refused_with_the_reason() -> None:
    with ForeignCard() as foreign:
        found, shown, told = read_over_pcsc(foreign, demo_sam(1))
    assert (found, shown) == (Exit.NOT_CONFORMANT, "")
    assert "cannot be used as a residents health card" in told


@pytest.mark.usefixtures("pcsc")
def test_a_reader_that_is_not_there_is_named_with_those_that_are() -> None:
    with VirtualReaders(demo_card(), demo_sam(1)) as readers:
        code, _, told = called("--reader", "Nowhere", "--sam-reader", readers.sam_reader)
    assert code == Exit.USAGE
    assert 'No reader fits "Nowhere"' in told
    assert readers.card_reader in told
