"""A user's mistakes, each: its exit code, one line that names the thing and the next step, and no traceback."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.adapters import pcsc as adapter
from conformance.certifying import PACKAGE, PARTIAL
from conformance.engine.stand import Stand
from conformance.evidence.model import Overall, Verdict
from conformance.evidence.package import read_package
from reference.command_line import Exit
from reference.standard.loader import SHIPPED
from simulators.cards import demo_card
from tests.chips import FixedChip
from tests.conformance.cli.conftest import Call
from tests.runs import LostAfter, demo_stand

CARD = ("certify", "card", "--simulated", "--in-process")
READER = ("certify", "card", "--reader", "No such", "--sam-reader", "No such")
STATEMENT = 'name = "Card"\nvendor = "V"\nversion = "1"\nsample = "s-1"\n'


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("certify",), "certify"),
        (("certify", "card", "--no-such-option"), "--no-such-option"),
        (("no-such-command",), "no-such-command"),
        (("verify",), "package"),
        (("replay",), "package"),
        (("explain",), "id"),
        (("certify", "card", "--lang", "fr"), "fr"),
        (("certify", "card"), "--simulated"),
        ((*CARD, "--reader", "x"), "--reader"),
        (("certify", "card", "--reader", "x"), "--sam-reader"),
        (READER, "--capabilities"),
        ((*CARD, "--capabilities", "card.toml"), "--reader"),
        ((*CARD, "--profile", "no-such-profile"), "national-2012"),
        (("plan", "card", "--profile", "no-such-profile"), "no-such-profile"),
        (("explain", "x", "--profile", "no-such.toml"), "no-such.toml"),
        ((*CARD, "--tables", "no-such-folder"), "no-such-folder"),
        (("explain", "card.df02.ef05.abx"), "card.df02.ef05.abo"),
        (("explain", "nonsense"), "healthcard requirements"),
        (("verify", "no-such.zip"), "evidence.zip"),
        (("replay", "no-such.zip", "x"), "no-such.zip"),
    ],
)
def test_a_mistaken_call_exits_with_64_and_names_it(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    called = call(*arguments)
    assert called.code == Exit.USAGE
    assert says in called.said
    assert not (tmp_path / "out").exists()


def test_a_simulated_card_is_not_certified_under_a_cipher_that_it_does_not_speak(call: Call, tmp_path: Path) -> None:
    profile = tmp_path / "own.toml"
    shipped = (SHIPPED / "profiles/national-2012.toml").read_text(encoding="utf-8")
    profile.write_text(shipped.replace('cipher = "sm4"', 'cipher = "sm1"'), encoding="utf-8")
    called = call(*CARD, "--profile", profile, "--out", tmp_path / "out")
    assert called.code == Exit.USAGE
    assert "sm1, which exists in chips only" in called.said
    assert not (tmp_path / "out").exists()


def test_a_mistake_is_explained_in_chinese_too(call: Call) -> None:
    said = call("explain", "nonsense", "--lang", "zh").said
    assert "nonsense" in said
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("id = [", "not TOML"),
        ('title = 1\nstandard = "x"\nswitches = {}', "title"),
        (
            '[title]\nen = "T"\nzh = "T"\n[standard]\nen = "S"\nzh = "S"\n[switches]\nno-such-switch = "x"',
            "no-such-switch",
        ),
        ('[title]\nen = "T"\nzh = "T"\n[standard]\nen = "S"\nzh = "S"\n[switches]\n', "leaves out"),
    ],
)
def test_a_broken_profile_file_is_named_with_the_mistake(call: Call, tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "mine.toml").write_text(content, encoding="utf-8")
    called = call(*CARD, "--profile", tmp_path / "mine.toml", "--out", tmp_path / "out")
    assert called.code == Exit.USAGE
    assert "mine.toml" in called.said
    assert says in called.said


def bad_toml(tables: Path) -> None:
    (tables / "card/files.toml").write_text("[[file]\n", encoding="utf-8")


def unknown_column(tables: Path) -> None:
    path = tables / "card/files.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("[[file]]", "[[file]]\ncolour = 'red'", 1), encoding="utf-8"
    )


def missing_file(tables: Path) -> None:
    (tables / "card/files.toml").unlink()


def not_utf8(tables: Path) -> None:
    (tables / "card/files.toml").write_bytes(b"\xff\xfe\x00")


@pytest.mark.parametrize(
    ("break_tables", "says"),
    [(bad_toml, "not TOML"), (unknown_column, "colour"), (missing_file, "missing"), (not_utf8, "UTF-8")],
)
def test_broken_tables_are_named_with_the_mistake(
    call: Call, tmp_path: Path, break_tables: Callable[[Path], None], says: str
) -> None:
    """Trap 8: there is one copy of the tables, and a wrong one is refused before the product is touched."""
    shutil.copytree(SHIPPED, tmp_path / "tables", ignore=shutil.ignore_patterns("*.py", "__pycache__", "schemas"))
    break_tables(tmp_path / "tables")
    called = call(*CARD, "--tables", tmp_path / "tables", "--out", tmp_path / "out")
    assert called.code == Exit.USAGE
    assert "card/files.toml" in called.said
    assert says in called.said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "Check the path"),
        ("name = ", "TOML"),
        (STATEMENT + "colour = 'red'", "colour"),
        (STATEMENT.replace('"Card"', "7"), "name"),
        (STATEMENT + "[capabilities]\ndf03 = 'yes'", "capabilities"),
        ('name = "Card"', "vendor"),
        ("\xff", "name, vendor"),
    ],
)
@pytest.mark.parametrize("command", [("plan", "card"), READER])
def test_an_unusable_capability_statement_is_named_with_what_it_must_hold(
    call: Call, tmp_path: Path, content: str | None, says: str, command: tuple[str, ...]
) -> None:
    path = tmp_path / "card.toml"
    if content is not None:
        path.write_text(content, encoding="latin-1")
    called = call(*command, "--capabilities", path)
    assert called.code == Exit.USAGE
    assert "card.toml" in called.said
    assert says in called.said


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('[values."DDF1/EF99"]\nname = "x"', "DDF1/EF99"),
        ('[values."DDF1/EF99"]\n', "DDF1/EF99"),
        ('[values."DDF1/EF06"]\nshoe-size = "43"', "shoe-size"),
        ('[value."DDF1/EF06"]\nname = "x"', "values"),
        ("", "values"),
        ('[values."DDF1/EF06"]\nname = 7', "`str`"),
    ],
)
def test_a_personalisation_of_something_unknown_is_named(call: Call, tmp_path: Path, content: str, says: str) -> None:
    """Trap 10: a file that names nothing known would leave nothing compared."""
    (tmp_path / "card.toml").write_text(STATEMENT, encoding="utf-8")
    (tmp_path / "order.toml").write_text(content, encoding="utf-8")
    called = call(*READER, "--capabilities", tmp_path / "card.toml", "--personalisation", tmp_path / "order.toml")
    assert called.code == Exit.USAGE
    assert "order.toml" in called.said
    assert says in called.said


def test_an_unknown_reader_is_answered_with_those_present(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "readers", lambda: ["Desk reader", "Wall reader"])
    (tmp_path / "card.toml").write_text(STATEMENT, encoding="utf-8")
    called = call(*READER, "--capabilities", tmp_path / "card.toml")
    assert called.code == Exit.USAGE
    assert "No such" in called.said
    assert "Desk reader" in called.said


def test_a_machine_without_pyscard_is_told_how_to_get_it(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "smartcard", None)
    (tmp_path / "card.toml").write_text(STATEMENT, encoding="utf-8")
    called = call(*READER, "--capabilities", tmp_path / "card.toml")
    assert called.code == Exit.UNREACHABLE
    assert "pyscard" in called.said
    assert "pip install" in called.said


@pytest.mark.parametrize("content", ["", '{"signer": "Lab"}'])
def test_an_unusable_signing_key_is_named_before_the_run(call: Call, tmp_path: Path, content: str) -> None:
    (tmp_path / "key.json").write_text(content, encoding="utf-8")
    called = call(*CARD, "--signing-key", tmp_path / "key.json", "--out", tmp_path / "out")
    assert called.code == Exit.USAGE
    assert "key.json" in called.said
    assert "private_key" in called.said
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_named_with_the_way_out(call: Call, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way", encoding="utf-8")
    called = call(*CARD, "--out", tmp_path / "out")
    assert called.code == Exit.USAGE
    assert str(tmp_path / "out") in called.said
    assert "--out" in called.said
    assert (tmp_path / "out").read_text(encoding="utf-8") == "in the way"


@pytest.mark.parametrize(("selection", "code"), [("bad (", Exit.USAGE), ("no_such_test", Exit.INCOMPLETE)])
def test_a_selection_that_cannot_be_read_or_finds_nothing(
    call: Call, tmp_path: Path, selection: str, code: Exit
) -> None:
    called = call(*CARD, "-k", selection, "--out", tmp_path)
    assert called.code == code
    assert ("cannot be read" in called.said) == (code is Exit.USAGE)


@pytest.mark.parametrize(("test", "says"), [("zzz", "0 tests"), ("read_rights", "name one")])
def test_a_test_that_is_not_there_or_not_one_is_named(call: Call, short_zip: Path, test: str, says: str) -> None:
    called = call("replay", short_zip, test)
    assert called.code == Exit.USAGE
    assert says in called.said


def test_a_fault_of_the_harness_exits_with_70_and_never_with_a_verdict(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import healthcard.__main__

    monkeypatch.setattr("conformance.explaining_cli.environment", lambda: 1 / 0)
    monkeypatch.setattr("sys.argv", ["healthcard", "doctor"])
    with pytest.raises(SystemExit) as ended:
        healthcard.__main__.main()
    assert ended.value.code == Exit.INTERNAL
    assert "ZeroDivisionError" in capsys.readouterr().err


# -- products that go wrong while a run goes on ----------------------------------------------------------------


@pytest.mark.parametrize("commands", [0, 40, 3000])
def test_a_reader_that_vanishes_leaves_readable_evidence(
    call: Call, tmp_path: Path, on_the_stand: Callable[[Stand], None], commands: int
) -> None:
    on_the_stand(demo_stand(card=LostAfter(demo_card(), commands)))
    called = call(*CARD, "--out", tmp_path)
    assert called.code == Exit.UNREACHABLE
    assert "Reader 7" in called.said
    package = read_package(tmp_path / PACKAGE)
    verdicts = [result.verdict for result in package.results.tests]
    lost = verdicts.index(Verdict.ERROR)
    assert set(verdicts[:lost]) <= {Verdict.PASSED}
    assert set(verdicts[lost + 1 :]) == {Verdict.SKIPPED}
    assert package.transcript(package.results.tests[lost].test)[-1].kind == "lost"
    assert package.results.overall is Overall.INCOMPLETE
    assert not (tmp_path / PARTIAL).exists()


@pytest.mark.parametrize("answer", [b"", b"\x90"])
def test_a_card_that_answers_garbage_is_not_conformant(
    call: Call, tmp_path: Path, on_the_stand: Callable[[Stand], None], answer: bytes
) -> None:
    on_the_stand(demo_stand(card=FixedChip(answer, demo_card().reset())))
    called = call(*CARD, "--out", tmp_path, "-k", "read_rights")
    assert called.code == Exit.NOT_CONFORMANT
    assert "no response APDU" in called.said
    assert read_package(tmp_path / PACKAGE).results.overall is Overall.NOT_CONFORMANT


def test_what_was_done_is_kept_when_the_harness_fails_in_mid_run(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from conformance.evidence.package import PackageWriter

    kept = PackageWriter.keep_transcript

    def until_the_disk_is_full(self: PackageWriter, test: str, exchanges: tuple[object, ...]) -> None:
        if len(self.files) > 20:
            raise OSError(28, "No space left on device")
        kept(self, test, exchanges)  # type: ignore[arg-type]

    monkeypatch.setattr(PackageWriter, "keep_transcript", until_the_disk_is_full)
    called = call(*CARD, "--out", tmp_path)
    assert called.code != Exit.CONFORMANT
    assert called.code != Exit.NOT_CONFORMANT
    assert "No space left" in called.said
    assert len(list((tmp_path / PARTIAL / "transcripts").iterdir())) >= 10
