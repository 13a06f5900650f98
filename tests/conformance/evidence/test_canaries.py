"""No canary gets out: a card full of them is certified as real data, breaks rules, and leaves none in the open.

The public package, report page, JSON, JUnit, terminal output and the files of the run while it goes on are searched for
every personal value in every form; keys and PINs are searched for in the opened sealed part and in packages of made-up
data as well.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

import conformance.certifying
import conformance.cli
from conformance.certifying import Laboratory, certify
from conformance.engine.run import Progress
from conformance.engine.stand import Stand
from conformance.evidence.model import PlannedTest, TestResult, Verdict
from conformance.evidence.package import Package, encode, lines_of, read_package
from conformance.evidence.sealing import SEALED, Recipient
from conformance.evidence.signing import demo_signer
from conformance.evidence.unsealing import not_the_redaction, unseal
from conformance.rederiving import differences, rederive
from reference.crypto import SigningKey, derivation
from reference.crypto.keys import SecretKey
from reference.standard import Standard, load
from reports.writing import write
from simulators.cards.demo import DEMO_SEED, demo_personalisation
from simulators.cards.personalisation import personalise_card, personalise_sam
from simulators.cards.sam import SamCard
from simulators.sources import SeededRandomness
from tests.conformance.cli.conftest import call, on_the_stand
from tests.conformance.evidence.canaries import (
    PIN,
    expected,
    faulty_card,
    forms_of_bytes,
    forms_of_text,
    holder,
    leaks,
    photo,
    texts,
)
from tests.runs import demo_stand, suite_of

__all__ = ["call", "on_the_stand"]

LABORATORY = SigningKey(bytes(31) + b"\x09")
RECIPIENT = Recipient("Laboratory", LABORATORY.public_key().hex())
SESSION_KEYS = 40
PIN_SENDING = """
@requirement("card.structure.tree")
def test_a_pin_is_sent(terminal):
    terminal.sam.verify_pin(bytes.fromhex("7391846205513977"))
    terminal.sam.change_pin(bytes.fromhex("7391846205513977"), bytes.fromhex("7391846205513977"))
"""


def canary_stand(standard: Standard) -> Stand:
    """The canary card, with a SAM that has a PIN of its own."""
    city = demo_personalisation().values["DDF1/EF05"]["city-code"]
    image = personalise_sam(standard, 5, bytes.fromhex(city), PIN)
    sam = SamCard(standard, image, SeededRandomness(DEMO_SEED))
    stand = demo_stand(standard, card=faulty_card(standard), sam=sam)
    return msgspec.structs.replace(stand, data_set="real", expected=expected())


class Derived:
    """Every key that is derived while it watches: those of the card, and of every session."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.keys: set[bytes] = set()
        derive = derivation._derived

        def watched(parent: SecretKey, *rest: object) -> SecretKey:
            key = derive(parent, *rest)  # type: ignore[arg-type]
            self.keys |= {parent.secret_value, key.secret_value}
            return key

        monkeypatch.setattr(derivation, "_derived", watched)

    def searched_for(self) -> frozenset[bytes]:
        """The card's own keys, and every so many of the thousands of session keys: a search for all takes minutes."""
        own = {key.secret_value for key in personalise_card(load(), holder()).keys.values()}
        return frozenset(own | set(sorted(self.keys)[:: max(1, len(self.keys) // SESSION_KEYS)]))


class Watching(Progress):
    """Looks at the files of the run after each test: nothing is in the open even for a moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: dict[str, bytes] = {}

    def finished(self, test: PlannedTest, result: TestResult) -> None:
        files = (os.path.join(folder, name) for folder, _, names in os.walk(self.folder) for name in names)
        self.seen |= {file: Path(file).read_bytes() for file in files if file not in self.seen}


class Run(msgspec.Struct, frozen=True):
    """The canary's certification: what it left, and the keys that were derived meanwhile."""

    package: Package
    folder: Path
    keys: frozenset[bytes]
    while_it_went_on: dict[str, bytes]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("canary")
    with pytest.MonkeyPatch.context() as monkeypatch:
        derived, watching = Derived(monkeypatch), Watching(folder / "evidence.partial")
        package = certify(
            canary_stand(load()),
            "card",
            folder,
            signer=demo_signer(),
            laboratory=Laboratory("Lab", "Operator"),
            progress=watching,
            recipient=RECIPIENT,
            randomness=SeededRandomness(11),
        )
        write(package, folder)
        yield Run(package, folder, derived.searched_for(), watching.seen)


def everything_in(folder: Path) -> dict[str, bytes]:
    """The files of a folder; those of its zips unpacked, beside their names."""
    found: dict[str, bytes] = {}
    for file in sorted(folder.rglob("*")):
        if file.suffix == ".zip":
            with zipfile.ZipFile(file) as archive:
                found |= {name: name.encode() + b"\n" + archive.read(name) for name in archive.namelist()}
        elif file.is_file():
            found[file.name] = file.read_bytes()
    return found


def personal() -> dict[str, set[bytes]]:
    return {text: forms_of_text(text) for text in texts()} | {"photo": forms_of_bytes(photo())}


def secrets(keys: frozenset[bytes]) -> dict[str, set[bytes]]:
    return {key.hex(): forms_of_bytes(key) for key in keys} | {"PIN": forms_of_bytes(PIN) | {b"7391846205513977"}}


def opened_bytes(package: Package) -> dict[str, bytes]:
    """Everything that the sealed part holds, opened."""
    whole = unseal(package, LABORATORY).package
    transcripts = {test: lines_of(exchanges) for test, exchanges in whole.transcripts.items()}
    return transcripts | {"results": encode(whole.results), "expected": encode(whole.expected)}


def test_the_canary_breaks_enough_rules_to_be_quoted(run: Run) -> None:
    found = {finding.violation for result in run.package.results.tests for finding in result.findings}
    wanted = {"WrongContent", "WrongCoding", "WrongRecord", "ContentNotStored", "ReadWithoutRight"}
    assert wanted <= found
    assert run.package.manifest.data_set == "real"


def test_every_canary_is_found_where_it_should_be_so_that_the_search_is_worth_something(run: Run) -> None:
    sealed = opened_bytes(run.package)
    found = leaks(sealed, personal())
    assert [text for text in [*texts(), "photo"] if not any(leak.startswith(f"{text} in ") for leak in found)] == []


def test_no_personal_value_stands_in_package_or_reports(run: Run) -> None:
    places = everything_in(run.folder)
    assert {"report.html", "report.json", "junit.xml", "results.json", "expected.json"} <= places.keys()
    assert leaks(places, personal()) == []


def test_no_personal_value_is_on_the_disk_while_the_run_goes_on(run: Run) -> None:
    assert len(run.while_it_went_on) > 500
    assert leaks(run.while_it_went_on, personal()) == []


def test_no_key_and_no_session_key_stands_in_any_part(run: Run) -> None:
    assert len(run.keys) > SESSION_KEYS
    assert leaks(everything_in(run.folder) | opened_bytes(run.package), secrets(run.keys)) == []


def test_a_pin_stands_in_no_part_whatever_the_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conformance.certifying, "suite", lambda _: suite_of(tmp_path / "suite", PIN_SENDING))
    for data_set, recipient in (("real", RECIPIENT), ("synthetic", None)):
        package = certify(
            msgspec.structs.replace(canary_stand(load()), data_set=data_set),
            "card",
            tmp_path / data_set,
            signer=demo_signer(),
            laboratory=Laboratory(),
            progress=Progress(),
            recipient=recipient,
            randomness=SeededRandomness(3),
        )
        write(package, tmp_path / data_set)
        (exchanges,) = package.transcripts.values()
        struck = [exchange.sent for exchange in exchanges if any(row.why == "secret" for row in exchange.withheld)]
        assert struck == ["0020000008" + "**" * 8, "805E010011" + "**" * 17]
        inside = opened_bytes(package) if recipient else {}
        assert leaks(everything_in(tmp_path / data_set) | inside, secrets(frozenset())) == []


def test_what_the_command_line_says_of_real_data_holds_no_canary(
    call: Callable[..., object],
    on_the_stand: Callable[[Stand], None],
    run: Run,
    tmp_path: Path,
) -> None:
    on_the_stand(canary_stand(load()))
    seal_for, sealing_key = tmp_path / "seal-for.json", tmp_path / "key.json"
    seal_for.write_bytes(msgspec.json.encode(RECIPIENT))
    private = LABORATORY.secret_value.hex()
    sealing_key.write_text(f'{{"laboratory": "Laboratory", "private_key": "{private}"}}')
    evidence = run.folder / "evidence.zip"
    failed = next(result.test for result in run.package.results.tests if result.withheld and result.findings)
    calls = [
        ("certify", "card", "--simulated", "--seal-for", seal_for, "--out", tmp_path / "out", "-k", "elements"),
        ("verify", evidence, "--allow-demo"),
        ("verify", evidence, "--allow-demo", "--sealing-key", sealing_key),
        ("replay", evidence, failed),
        ("report", evidence, "--out", tmp_path / "report"),
    ]
    said = {" ".join(map(str, arguments)): call(*arguments) for arguments in calls}
    codes = [answer.code for answer in said.values()]  # type: ignore[attr-defined]
    assert codes == [1, 2, 0, 2, 0]
    spoken = {line: (answer.out + answer.err).encode() for line, answer in said.items()}  # type: ignore[attr-defined]
    assert leaks(spoken, personal() | secrets(run.keys)) == []
    assert leaks(everything_in(tmp_path / "out") | everything_in(tmp_path / "report"), personal()) == []


def test_with_the_sealed_part_every_verdict_of_the_canary_comes_out_again(run: Run) -> None:
    public = rederive(run.package, load())
    assert (differences(run.package, public), bool(public.closed), bool(public.results)) == ((), True, True)
    opened = unseal(run.package, LABORATORY)
    assert not_the_redaction(run.package, opened, load()) == ()
    whole = rederive(opened.package, load())
    assert (differences(opened.package, whole), whole.closed) == ((), frozenset())
    assert len(whole.results) == len(run.package.plan.tests)


def test_a_failed_test_keeps_its_verdict_violation_and_subject_in_the_open(run: Run) -> None:
    whole = {result.test: result for result in unseal(run.package, LABORATORY).package.results.tests}
    for result in run.package.results.tests:
        assert result.verdict is whole[result.test].verdict
        shown = [(finding.violation, finding.subject, finding.requirement) for finding in result.findings]
        assert shown == [(one.violation, one.subject, one.requirement) for one in whole[result.test].findings]
    assert any(result.verdict is Verdict.FAILED for result in run.package.results.tests)


def test_the_sealed_files_are_among_the_signed_digests(run: Run) -> None:
    assert run.package.sealed
    listed = {row.path for row in run.package.manifest.files}
    assert run.package.sealed.keys() <= listed
    assert read_package(run.folder / "evidence.zip").manifest.sealed_for == RECIPIENT.public_key
    assert all(path.startswith(SEALED) for path in run.package.sealed)
