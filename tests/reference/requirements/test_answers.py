"""Expected status words stand in the catalogue: each row says in its text which ones its column `answers` names."""

from __future__ import annotations

from reference.standard import load
from reference.standard.rows import Basis, Level

STANDARD = load()
WITH_ANSWERS = {id: row for id, row in STANDARD.requirements.items() if row.answers}
ERRORS = {id: row for id, row in WITH_ANSWERS.items() if id.startswith("card.error.")}


def test_every_row_on_an_error_or_a_status_word_names_its_answers() -> None:
    named = {id for id in STANDARD.requirements if id.startswith(("card.error.", "card.sw."))}
    assert WITH_ANSWERS.keys() == named


def test_the_text_says_every_status_word_in_both_languages() -> None:
    for id, row in WITH_ANSWERS.items():
        for word in row.answers:
            assert STANDARD.status_words[word].sw in row.text.en, f"{id}: {word}"
            assert STANDARD.status_words[word].sw in row.text.zh, f"{id}: {word}"


def test_no_row_names_a_status_word_twice() -> None:
    for id, row in WITH_ANSWERS.items():
        words = [STANDARD.status_words[word].sw for word in row.answers]
        assert len(words) == len(set(words)), id


def test_an_answer_can_only_warn() -> None:
    for id, row in WITH_ANSWERS.items():
        assert row.level is Level.SHOULD, id
        assert row.source.basis is Basis.SIBLING, id


def test_only_the_long_form_of_the_length_may_be_answered_with_success() -> None:
    assert [id for id, row in ERRORS.items() if "ok" in row.answers] == ["card.error.apdu.extended-length"]


def test_an_error_that_states_a_general_rule_expects_the_answer_of_that_rule() -> None:
    linked = [(row, WITH_ANSWERS[other]) for row in ERRORS.values() for other in row.same_as if other in WITH_ANSWERS]
    assert linked
    for row, general in linked:
        assert row.answers == general.answers, row.id


def test_every_error_belongs_to_a_command_of_the_card() -> None:
    commands = {row.id.removeprefix("card.") for row in STANDARD.commands.values() if row.chip == "card"}
    spoken_of = {id.split(".")[2] for id in ERRORS}
    assert spoken_of - commands == {"apdu"}
    assert commands - spoken_of <= {"activate"}, "every command but the maker's own has its errors"
