"""`healthcard card show`: what people and machines see of a card image, and how mistakes are refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from healthcard.__main__ import app
from reference import card_cli
from reference.card.image_file import save_image
from reference.card.images import CardData, Content
from reference.command_line import Exit
from reference.standard import load
from simulators.cards.demo import demo_image
from simulators.cards.image import without_keys

STANDARD = load()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The demo card's saved image."""
    path = tmp_path / "card.json"
    save_image(without_keys(demo_image(STANDARD), STANDARD), path)
    return path


def saved(path: Path, file: str, content: Content) -> Path:
    """An image with one file alone."""
    save_image(CardData(profile="national-2012", historical=bytes(13), files={file: content}), path)
    return path


def show(*options: str | Path) -> Result:
    return CliRunner().invoke(app, ["card", "show", *map(str, options)])


def on_screen(monkeypatch: pytest.MonkeyPatch, *options: str | Path) -> str:
    """What a wide terminal shows."""
    screen = Console(force_terminal=True, width=160, record=True)
    monkeypatch.setattr(card_cli, "Console", lambda: screen)
    show(*options)
    return screen.export_text()


def rows(result: Result) -> dict[tuple[str, str, str], list[str]]:
    """The lines by file, record and element."""
    cells = [line.split("\t") for line in result.stdout.splitlines()]
    return {(cell[0], cell[1], cell[3]): cell for cell in cells}


def test_it_lists_every_element_of_every_file_in_the_order_of_the_card(image: Path) -> None:
    result = show(image)
    assert result.exit_code == 0
    paths = [line.split("\t")[0] for line in result.stdout.splitlines()]
    assert list(dict.fromkeys(paths)) == list(STANDARD.files)
    assert paths.count("DDF1/DF03/EE02") == 149
    assert paths.count("DDF1/DF02/EF08") == 10 * 2


@pytest.mark.parametrize(
    ("file", "record", "element", "tag", "en", "zh"),
    [
        ("DDF1/EF05", "", "issuer-name", "03", "示范省卫生厅", "示范省卫生厅"),
        ("DDF1/EF05", "", "issue-date", "06", "2012-10-18", "2012-10-18"),
        ("DDF1/EF06", "", "sex", "0C", "02 female", "02 女"),
        ("DDF1/EF06", "", "ethnic-group", "0D", "01 Han", "01 汉族"),
        ("DDF1/EF07", "", "photo", "", r"image of \d+ bytes", r"图像，\d+ 字节"),
        ("DDF1/DF02/EF05", "", "heart-disease", "2C", "yes", "是"),
        ("DDF1/DF02/EF05", "", "asthma", "2B", "no", "否"),
        ("DDF1/DF02/EF07", "1", "substance", "", "青霉素", "青霉素"),
        ("DDF1/DF02/EF07", "3", "reaction", "", "打喷嚏", "打喷嚏"),
        ("DDF1/DF03/EF05", "1", "flag", "", "00 record valid", "00 记录有效"),
        ("DDF1/DF03/EF06", "5", "flag", "", "FF no valid record", "FF 记录无效"),
        ("DDF1/DF03/EE01", "", "total-fee", "", r"3,571\.10 yuan", r"3,571\.10 元"),
        ("DDF1/DF03/EE01", "", "signature", "", r"[0-9A-F]{48}… \(64\)", r"[0-9A-F]{48}… \(64\)"),
        ("DDF1/DF03/ED01", "", "visit-time", "", "2013-01-15 08:30:00", "2013-01-15 08:30:00"),
        ("DDF1/DF03/ED02", "", "institution-name", "", "–", "–"),
    ],
)
def test_a_value_is_shown_readably(
    image: Path, file: str, record: str, element: str, tag: str, en: str, zh: str
) -> None:
    for lang, value in (("en", en), ("zh", zh)):
        line = rows(show(image, "--lang", lang))[(file, record, element)]
        assert line[2] == tag
        assert line[4] == STANDARD.element(file, element).title.inside(lang)
        assert re.fullmatch(value, line[5])


def test_one_file_is_shown_alone(image: Path) -> None:
    assert {key[0] for key in rows(show(image, "--file", "DDF1/DF02/EF05"))} == {"DDF1/DF02/EF05"}


def test_on_a_terminal_it_draws_files_below_their_directories(monkeypatch: pytest.MonkeyPatch, image: Path) -> None:
    shown = on_screen(monkeypatch, image, "--lang", "zh")
    order = ["DDF1  居民健康卡应用环境", "DDF1/EF05  发卡机构基本数据", "DDF1/DF02  基础健康信息区", "门诊信息 1"]
    assert sorted(order, key=shown.index) == order
    assert re.search(r"0C +性别 +02 女", shown)
    assert "记录 10" in shown
    assert re.search(r"fee-9 … fee-20 +–", shown)
    assert "历史字节 00816B0000101512345678ABCD" in shown


def test_a_cyclic_file_without_records_is_shown_as_empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    image = saved(tmp_path / "card.json", "DDF1/DF02/EF07", Content())
    assert on_screen(monkeypatch, image).rstrip().endswith("–")


def test_it_writes_json_with_raw_bytes_values_and_meanings(image: Path) -> None:
    shown = json.loads(show(image, "--json", "--file", "DDF1/EF06").stdout)
    assert (shown["profile"], shown["historical"]) == ("national-2012", "00816B0000101512345678ABCD")
    [file] = shown["files"]
    assert (file["path"], file["kind"], len(file["values"])) == ("DDF1/EF06", "variable-records", 1)
    by_id = {element["id"]: element for element in file["values"][0]}
    assert by_id["sex"] == {
        "id": "sex",
        "tag": 12,
        "title": {"en": "sex", "zh": "性别"},
        "raw": "02",
        "value": "02",
        "meaning": {"en": "female", "zh": "女"},
        "fault": None,
    }
    assert by_id["birth-date"]["value"] == "1949-12-31"


def test_json_has_amounts_flags_bytes_and_absence(image: Path) -> None:
    [file] = json.loads(show(image, "--json", "--file", "DDF1/DF03/EE01").stdout)["files"]
    values = {element["id"]: element["value"] for element in file["values"][0]}
    assert values["total-fee"] == "3571.10"
    assert values["follow-up-flag"] is True
    assert values["fee-20.amount"] is None
    assert len(values["signature"]) == 128


@pytest.mark.parametrize("terminal", [False, True])
def test_bytes_that_are_no_value_are_shown_in_hex_with_the_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, terminal: bool
) -> None:
    record = b"BCG".ljust(20, b"\x00") + bytes.fromhex("20130230")
    image = saved(tmp_path / "card.json", "DDF1/DF02/EF08", Content(records=[record]))
    shown = on_screen(monkeypatch, image) if terminal else show(image).stdout
    assert "20130230: 20130230 is not a date YYYYMMDD" in shown
    [file] = json.loads(show(image, "--json").stdout)["files"]
    assert file["values"][0][1]["value"] is None
    assert file["values"][0][1]["fault"]["zh"]


def test_a_card_cannot_write_on_the_screen_beyond_its_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    record = b"\x1b[2J[red]x".ljust(20, b"\x00") + "[bold]皮疹".encode("gb18030").ljust(100, b"\x00")
    image = saved(tmp_path / "card.json", "DDF1/DF02/EF07", Content(records=[record]))
    shown = on_screen(monkeypatch, image)
    assert "1B5B324A5B7265645D78" in shown
    assert "[bold]皮疹" in shown
    assert "\x1b[2J" not in show(image).stdout


def test_an_unknown_code_is_shown_as_such(tmp_path: Path) -> None:
    records = [bytes.fromhex("220121"), bytes.fromhex("23011F"), bytes.fromhex("2403322020")]
    image = saved(tmp_path / "card.json", "DDF1/DF01/EF07", Content(records=records))
    assert rows(show(image))[("DDF1/DF01/EF07", "", "education")][5] == "21 (not in the code table education)"


def test_an_image_is_read_under_the_profile_that_is_named(image: Path) -> None:
    fees = ("DDF1/DF03/EE01", "", "bed-fee")
    assert rows(show(image))[fees][5] == "210.00 yuan"
    assert rows(show(image, "--profile", "field-2013"))[fees][5] == "21,000.00 yuan"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--file", "DDF1/EF09"), "The image has no file DDF1/EF09. Use one of: DDF1/DF01/EF05"),
        (("--profile", "mars-2099"), "mars-2099: there is no such profile."),
    ],
)
def test_a_mistake_in_the_call_is_refused_on_one_line(image: Path, options: tuple[str, ...], says: str) -> None:
    result = show(image, *options)
    assert result.exit_code == Exit.USAGE
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_broken_image_is_refused_in_the_language_asked_for(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text("{")
    result = show(tmp_path / "card.json", "--lang", "zh")
    assert result.exit_code == Exit.USAGE
    assert "不是有效的 JSON" in result.stderr


def test_help_speaks_both_languages_and_gives_an_example() -> None:
    shown = CliRunner().invoke(app, ["card", "show", "--help"], env={"COLUMNS": "200"}).output
    assert "显示卡映像的内容" in shown
    assert "healthcard card show card.json --file DDF1/DF02/EF05" in shown
