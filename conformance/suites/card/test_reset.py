"""After reset: the form of the answer, and the directory that is selected.

Follows APP11 5.1.1 (1); the form of the answer is taken over from the social security card.
"""

from __future__ import annotations

from conformance.engine.marks import refusal, requirement
from conformance.suites.card.steps import read_first
from reference.card.apdu import OK
from reference.card.reset_answer import MalformedReset, historical_bytes
from reference.card.violations import WrongDirectoryAfterReset, WrongResetAnswer
from reference.languages import say
from reference.standard import Standard
from reference.terminal.terminal import CITY_CODE, ISSUER_FILE, Terminal


@requirement("card.reset.answer-form")
def test_the_answer_to_reset_carries_thirteen_historical_bytes(bench: Terminal, standard: Standard) -> None:
    """Reset; take the answer apart; the same again after a command."""
    wanted = say("{count} historical bytes", count=standard.limit("historical-bytes"))
    answers = [bench.card.reset()]
    bench.card.select_identifier(standard.directories[""].fid)
    answers.append(bench.card.reset())
    for answer in answers:
        try:
            count = len(historical_bytes(answer))
        except MalformedReset as fault:
            raise WrongResetAnswer(answer.hex(), wanted=wanted, found=fault.reason) from fault
        if count != standard.limit("historical-bytes") or answer != answers[0]:
            found = say("{count} historical bytes in {answer}", count=count, answer=answer.hex(" ").upper())
            raise WrongResetAnswer("ATR", wanted=wanted, found=found)


@requirement("card.general.mf-after-reset")
def test_after_reset_the_environment_is_reached_at_once(bench: Terminal, standard: Standard) -> None:
    """Go down into DF02, reset, select DDF1 by its identifier, which stands below the MF, and read its free file."""
    bench.card.reset()
    bench.select("DDF1/DF02")
    bench.card.reset()
    answer = bench.card.select_identifier(standard.directories["DDF1"].fid)
    if answer.sw != OK:
        raise WrongDirectoryAfterReset("DDF1", answer=answer.describe())
    city = standard.element(ISSUER_FILE, CITY_CODE)
    bench.card.select_identifier(standard.files[ISSUER_FILE].fid)
    answer = bench.card.read_record_tagged(city.tag or 0)
    if answer.sw != OK or answer.data[:2] != bytes((city.tag or 0, city.length)):
        raise WrongDirectoryAfterReset("DDF1", answer=answer.describe())


@requirement("card.general.mf-after-reset")
@refusal(twin="test_after_reset_the_environment_is_reached_at_once")
def test_after_reset_no_file_of_an_application_answers(bench: Terminal, standard: Standard) -> None:
    """Select the free file of DDF1, reset, and read it or select its neighbour at once: refused."""
    bench.card.reset()
    bench.select("DDF1/EF05")
    bench.card.reset()
    for answer in (
        read_first(bench.card, standard.files["DDF1/EF05"]),
        bench.card.select_identifier(standard.files["DDF1/EF05"].fid),
    ):
        if answer.granted:
            raise WrongDirectoryAfterReset("DDF1/EF05", answer=answer.describe())
