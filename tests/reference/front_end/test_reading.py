"""Reading codes: routing by owner, merged codes with parts of their own, the short cache, the field call, the audit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from reference.ecard.classification import CodeOwner
from reference.ecard.verbs import AccountWithCodes, Answer, Query, Temporary, Verb, Verify, VerifyTemporary
from reference.front_end.facts import limits
from reference.front_end.messages import DataType, FieldCall, ReadCode
from reference.front_end.owners import ForeignCode, OwnerAway, OwnerRefusal
from reference.front_end.refusals import FrontEndRefusal
from reference.store.audit import audit_lines, check
from tests.reference.front_end.pieces import (
    ACCOUNT,
    BLOCKED,
    CONSUMED,
    DYNAMIC,
    INSURANCE,
    LOST,
    MERGED,
    PASSING,
    STATIC,
    TERMINAL,
    UNREACHED,
    VERIFIED,
    Bench,
    bench,
)

TEMPORARY = Temporary(number="T0001", name="无名", sex="1", age=30, clinic_ms=0, expires_ms=0)


class ToldOwner:
    """An owner of codes who says what the test wants."""

    def __init__(self, says: dict[str, str] | Exception) -> None:
        self.says, self.asked = says, list[ForeignCode]()

    def validate(self, code: ForeignCode) -> dict[str, str]:
        self.asked.append(code)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


@pytest.fixture
def owners() -> dict[str, ToldOwner]:
    return {CodeOwner.MEDICAL_INSURANCE: ToldOwner({"insured": "yes"}), CodeOwner.PAYMENT: ToldOwner({"bank": "9999"})}


@pytest.fixture
def fused(tmp_path: Path, owners: dict[str, ToldOwner]) -> Iterator[Bench]:
    made = bench(tmp_path, owners=dict(owners))
    yield made
    made.spool.close()


def code(text: str, request: str = "", terminal: str = TERMINAL, step: str = "010101") -> ReadCode:
    return ReadCode(terminal=terminal, text=text, step=step, request=request)


def refused(front: Bench, asked: ReadCode) -> str:
    with pytest.raises(FrontEndRefusal) as caught:
        front.front_end.read(asked)
    return caught.value.id


def lines(front: Bench) -> list[tuple[str, str, str]]:
    with front.spool.store.read() as connection:
        check(connection)
        rows = connection.execute(select(audit_lines).order_by(audit_lines.c.number)).all()
        return [(row.actor, row.action, row.details) for row in rows]


@pytest.mark.parametrize("text", [STATIC, DYNAMIC])
def test_a_health_card_code_is_verified_by_the_platform_at_its_step(front: Bench, text: str) -> None:
    read = front.front_end.read(code(text, "R1"))
    assert (read.outcome, read.parts[0].verified) == ("ok", VERIFIED)
    assert front.platform.asked == [Verify(text=text, step="010101", request="R1")]


def test_a_temporary_card_is_read_by_its_own_service(front: Bench) -> None:
    front.platform.answers = [TEMPORARY]
    assert front.front_end.read(code("T0001")).parts[0].temporary == TEMPORARY
    assert front.platform.asked == [VerifyTemporary(number="T0001")]


@pytest.mark.parametrize(
    ("text", "owner", "form"),
    [
        (INSURANCE, CodeOwner.MEDICAL_INSURANCE, "medical-insurance"),
        ("130000000000000000", CodeOwner.PAYMENT, "wechat-pay"),
        ("6200000000000000000", CodeOwner.PAYMENT, "unionpay"),
    ],
)
def test_a_code_of_another_system_is_named_and_not_sent_to_the_platform(
    front: Bench, text: str, owner: CodeOwner, form: str
) -> None:
    read = front.front_end.read(code(text))
    assert read.outcome == "front-end.other-owner"
    assert (read.parts[0].owner, read.parts[0].form) == (owner, form)
    assert front.platform.asked == []


def test_a_code_of_nobody_is_refused_without_asking(front: Bench) -> None:
    assert refused(front, code("hello")) == "front-end.unknown-code"
    assert front.platform.asked == []


def test_an_insurance_code_goes_to_its_owner_with_the_kind_of_business(
    fused: Bench, owners: dict[str, ToldOwner]
) -> None:
    read = fused.front_end.read(code(INSURANCE, "R1", step="0101051"))
    assert (read.outcome, read.parts[0].told) == ("ok", {"insured": "yes"})
    assert [(one.business, one.request) for one in owners[CodeOwner.MEDICAL_INSURANCE].asked] == [("01301", "R1")]


def test_a_merged_code_is_validated_part_by_part_under_one_request(fused: Bench, owners: dict[str, ToldOwner]) -> None:
    read = fused.front_end.read(code(MERGED, "R1"))
    assert [(part.owner, part.outcome) for part in read.parts] == [("ehc-local", "ok"), ("payment", "ok")]
    assert owners[CodeOwner.PAYMENT].asked[0].text == "130000000000000000"
    assert owners[CodeOwner.PAYMENT].asked[0].request == "R1"


@pytest.mark.parametrize(
    ("says", "outcome"),
    [(OwnerRefusal("51", "余额不足"), "front-end.owner-refused"), (OwnerAway(), "front-end.owner-away")],
)
def test_a_failed_part_of_a_merged_code_is_shown_apart(
    fused: Bench, owners: dict[str, ToldOwner], says: Exception, outcome: str
) -> None:
    owners[CodeOwner.PAYMENT].says = says
    read = fused.front_end.read(code(MERGED))
    assert read.outcome == "front-end.partly"
    assert [part.outcome for part in read.parts] == ["ok", outcome]


def test_money_is_not_asked_for_while_the_person_is_unknown(fused: Bench, owners: dict[str, ToldOwner]) -> None:
    fused.platform.answers = [CONSUMED]
    assert fused.front_end.read(code(MERGED)).outcome == "code.consumed"
    assert owners[CodeOwner.PAYMENT].asked == []


def test_without_the_platform_a_code_is_refused_and_never_accepted_from_memory(front: Bench) -> None:
    front.front_end.read(code(STATIC, "R1"))
    front.platform.answers = [UNREACHED]
    assert refused(front, code(STATIC, "R2")) == "front-end.platform-away"


def test_a_lost_answer_is_told_as_unknown(front: Bench) -> None:
    front.platform.answers = [LOST]
    assert refused(front, code(DYNAMIC)) == "front-end.outcome-unknown"


def test_the_same_request_gets_the_same_answer_for_some_seconds(front: Bench) -> None:
    front.platform.answers = [VERIFIED, CONSUMED]
    first = front.front_end.read(code(DYNAMIC, "R1"))
    again = front.front_end.read(code(DYNAMIC, "R1"))
    assert (again.parts, again.repeated, len(front.platform.asked)) == (first.parts, True, 1)
    front.clock.pause(limits()["remembered-seconds"])
    assert front.front_end.read(code(DYNAMIC, "R1")).outcome == "code.consumed"


@pytest.mark.parametrize("other", [code(DYNAMIC, "R2"), code(DYNAMIC)])
def test_another_request_for_the_same_code_is_the_platforms_to_judge(front: Bench, other: ReadCode) -> None:
    front.platform.answers = [VERIFIED, CONSUMED]
    front.front_end.read(code(DYNAMIC, "R1"))
    assert front.front_end.read(other).outcome == "code.consumed"


def test_an_answer_is_not_remembered_beyond_the_codes_own_validity(front: Bench) -> None:
    assert VERIFIED.expires_ms is not None
    front.clock.at_ms = VERIFIED.expires_ms - 1000
    front.platform.answers = [VERIFIED, CONSUMED]
    front.front_end.read(code(DYNAMIC, "R1"))
    front.clock.pause(1)
    assert front.front_end.read(code(DYNAMIC, "R1")).outcome == "code.consumed"


def test_a_request_number_is_not_used_for_two_readings(front: Bench) -> None:
    front.front_end.read(code(DYNAMIC, "R1"))
    assert refused(front, code(STATIC, "R1")) == "front-end.request-reused"


def test_a_passing_refusal_is_not_remembered(front: Bench) -> None:
    front.platform.answers = [PASSING, PASSING, PASSING, VERIFIED]
    assert front.front_end.read(code(DYNAMIC, "R1")).outcome == "system.busy"
    assert front.front_end.read(code(DYNAMIC, "R1")).outcome == "ok"


def test_the_same_request_twice_at_one_time_is_asked_once(front: Bench) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def slow(verb: Verb) -> Answer:
        entered.set()
        assert go_on.wait(10)
        return VERIFIED

    front.platform.answers = [slow]
    outcomes: list[bool] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(front.front_end.read(code(DYNAMIC, "R1")).repeated))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    assert entered.wait(10)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert sorted(outcomes) == [False, True]
    assert len(front.platform.asked) == 1


@pytest.mark.parametrize(
    ("terminal", "reason"), [("5101000019999", "front-end.unknown-terminal"), (BLOCKED, "front-end.terminal-blocked")]
)
def test_only_terminals_in_service_may_ask(front: Bench, terminal: str, reason: str) -> None:
    assert refused(front, code(STATIC, terminal=terminal)) == reason
    assert front.platform.asked == []


def test_a_fielded_reader_searches_by_code_and_by_citizen_number(front: Bench) -> None:
    at = DataType(medSectionCode="0300", medStepCode="010102")
    call = FieldCall(STATIC, "510100001", "S1", "search", at)
    read = front.front_end.field_call(call)
    assert front.platform.asked == [Verify(text=STATIC, step="010102", request="S1")]
    assert not isinstance(read, AccountWithCodes)
    assert read.outcome == "ok"
    front.platform.answers = [AccountWithCodes(account=ACCOUNT)]
    number = ACCOUNT.person.id_number
    found = front.front_end.field_call(FieldCall(number, "510100001", "S2", "searchIdCard", at))
    assert found == AccountWithCodes(account=ACCOUNT)
    asked = front.platform.asked[-1]
    assert isinstance(asked, Query)
    assert (asked.who.id_type, asked.who.id_number) == ("01", number)


def test_every_reading_is_in_the_audit_log_without_the_code_or_the_person(front: Bench) -> None:
    front.front_end.read(code(DYNAMIC, "R1"))
    front.platform.answers = [CONSUMED]
    front.front_end.read(code(DYNAMIC, "R2"))
    front.platform.answers = [UNREACHED]
    refused(front, code(DYNAMIC, "R3"))
    written = lines(front)
    assert [(actor, action) for actor, action, _ in written] == [(TERMINAL, "code.read")] * 3
    assert "code.consumed" in written[1][2]
    assert "front-end.platform-away" in written[2][2]
    assert ACCOUNT.ecard_id not in str(written)
    assert ACCOUNT.person.name not in str(written)
