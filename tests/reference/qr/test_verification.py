"""Verification: every reason for a refusal, the edges of validity, and the use log that each leaves behind."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest
from sqlalchemy import insert, update

from reference.crypto import SecretKey
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import ApplyCode, Caller, RevokeCode, Verified, Verify, Who
from reference.keys.key_file import demo_keys
from reference.keys.software_machine import SoftwareCryptoMachine
from reference.ports import CryptoMachineUnavailable
from reference.qr import apply_code, check_uses, kill_codes, revoke_code, uses_of_card, verify, verify_group
from reference.qr.use_log import BrokenUseLog
from reference.serving import Surroundings
from reference.store import audit
from reference.store.account_tables import accounts, aliases
from reference.store.code_tables import codes, uses
from tests.platform import SettableClock
from tests.reference.qr.residents import (
    NATIONAL,
    PAY,
    REGISTER,
    SICHUAN,
    dynamic,
    outcome,
    outcomes,
    resident,
    set_state,
    static,
    token,
)


def test_a_dynamic_code_is_accepted_once(platform: Surroundings) -> None:
    card = resident(platform)
    code = dynamic(platform, card)

    answer = verify(platform, NATIONAL, Verify(text=code.text, step=PAY))

    assert (answer.account.ecard_id, answer.kind, answer.uses_left) == (card, "dynamic", 0)
    assert answer.expires_ms == code.expires_ms
    assert outcome(platform, code.text, PAY) == "code.consumed"
    assert outcomes(platform) == ["accepted", "code.consumed"]


def test_a_static_code_is_accepted_again_and_again_where_it_identifies(platform: Surroundings) -> None:
    code = static(platform, resident(platform))

    assert [outcome(platform, code.text, REGISTER) for _ in range(3)] == ["accepted"] * 3


@pytest.mark.parametrize("step", ["010105", "0101051", "0101081", "payment", "records"])
def test_a_static_code_neither_pays_nor_opens_records(small_platform: Surroundings, step: str) -> None:
    code = static(small_platform, resident(small_platform))

    assert outcome(small_platform, code.text, step) == "code.kind-unsuited"


def test_a_caller_may_admit_fewer_kinds_than_the_step_does(small_platform: Surroundings) -> None:
    code = static(small_platform, resident(small_platform))

    with pytest.raises(Refusal, match=r"code\.kind-unsuited"):
        verify(small_platform, NATIONAL, Verify(text=code.text, kinds=("dynamic",)))


def test_a_code_holds_up_to_its_last_moment_and_not_a_millisecond_longer(
    platform: Surroundings, clock: SettableClock
) -> None:
    first, second = resident(platform, 1), resident(platform, 2)
    one, other = dynamic(platform, first), dynamic(platform, second)
    assert one.expires_ms is not None

    clock.at_ms = one.expires_ms
    assert outcome(platform, one.text) == "accepted"
    clock.at_ms = one.expires_ms + 1
    assert outcome(platform, other.text) == "code.expired"


def test_a_token_grafted_onto_another_card_is_refused(platform: Surroundings) -> None:
    victim, thief = resident(platform, 1), resident(platform, 2)
    code = dynamic(platform, thief)

    assert outcome(platform, code.text.replace(thief, victim)) == "code.grafted"
    assert outcome(platform, code.text) == "accepted"


def test_two_cards_may_have_equal_tokens_each_of_its_own(platform: Surroundings) -> None:
    one, other = dynamic(platform, resident(platform, 1)), dynamic(platform, resident(platform, 2))

    assert one.text[64:] == other.text[64:]
    assert [outcome(platform, code.text) for code in (one, other, one, other)] == [
        "accepted",
        "accepted",
        "code.consumed",
        "code.consumed",
    ]


def test_a_token_that_nobody_issued_for_the_card_is_grafted(small_platform: Surroundings, clock: SettableClock) -> None:
    card = resident(small_platform)

    assert outcome(small_platform, f"{card}:0:{token(small_platform, clock.at_ms + 60_000)}") == "code.grafted"


def test_a_token_that_holds_no_time_cannot_be_read(small_platform: Surroundings) -> None:
    card = resident(small_platform)

    assert outcome(small_platform, f"{card}:0:{'0123456789ABCDEF' * 2}") == "code.time-unreadable"


def test_a_replaced_code_is_superseded_and_the_new_one_holds(platform: Surroundings) -> None:
    card = resident(platform)
    old, new = dynamic(platform, card), dynamic(platform, card, refresh=True)

    assert outcome(platform, old.text) == "code.superseded"
    assert outcome(platform, new.text) == "accepted"


def test_a_code_never_issued_a_revoked_one_and_one_dead_with_its_card_have_their_own_reasons(
    platform: Surroundings,
) -> None:
    card = resident(platform)
    assert outcome(platform, f"{card}:1") == "code.not-issued"
    code = static(platform, card)
    revoke_code(platform, NATIONAL, RevokeCode(who=Who(ecard_id=card), reason="lost"))
    assert outcome(platform, code.text) == "code.revoked"

    fresh = dynamic(platform, card)
    with platform.store.begin() as connection:
        assert kill_codes(platform, connection, card) == 1
    assert outcome(platform, fresh.text) == "code.revoked"


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("cancelled", "account.cancelled"),
        ("suspended", "account.suspended"),
        ("awaiting-audit", "account.unaudited"),
        ("audit-failed", "account.audit-failed"),
        ("premade", "account.not-claimed"),
        ("alias", "code.superseded"),
    ],
)
def test_codes_of_a_card_that_does_not_hold_are_refused_by_its_state(
    small_platform: Surroundings, state: str, reason: str
) -> None:
    card = resident(small_platform)
    code = dynamic(small_platform, card)
    set_state(small_platform, card, state)

    assert outcome(small_platform, code.text) == reason
    set_state(small_platform, card, "normal")
    assert outcome(small_platform, code.text) == "accepted"


def test_an_unknown_card_is_foreign_and_a_former_one_superseded(platform: Surroundings) -> None:
    card, unknown, former = resident(platform), "A" * 64, "B" * 64
    with platform.store.begin() as connection:
        connection.execute(
            insert(aliases).values(kind="ecard-id", value=former, index_id=card, since_ms=1, reason="update")
        )

    assert outcome(platform, f"{unknown}:1") == "code.foreign"
    assert outcome(platform, f"{former}:1") == "code.superseded"


def test_the_code_of_another_platform_is_foreign_even_for_a_card_of_ours(small_platform: Surroundings) -> None:
    code = static(small_platform, resident(small_platform), caller=SICHUAN)

    assert code.text.endswith(small_platform.issuer)
    assert outcome(small_platform, code.text, caller=SICHUAN) == "accepted"
    assert outcome(small_platform, code.text[:-9] + "4403B0002", caller=SICHUAN) == "code.foreign"


def test_payment_data_that_was_changed_is_forged(small_platform: Surroundings) -> None:
    card = resident(small_platform)
    verb = ApplyCode(who=Who(ecard_id=card), kind="dynamic", payment="PAY123")
    code = apply_code(small_platform, SICHUAN, verb)

    assert outcome(small_platform, code.text.replace("PAY123", "PAY124"), caller=SICHUAN) == "code.forged"
    assert outcome(small_platform, code.text, caller=SICHUAN) == "accepted"


def test_a_card_id_that_does_not_decipher_to_its_person_is_forged(platform: Surroundings) -> None:
    card = resident(platform)
    code = dynamic(platform, card)
    with platform.store.begin() as connection:
        connection.execute(update(accounts).where(accounts.c.ecard_id == card).values(id_number="99000019900101999X"))

    assert outcome(platform, code.text) == "code.forged"


def test_a_row_whose_time_was_changed_does_not_prolong_its_token(small_platform: Surroundings) -> None:
    code = dynamic(small_platform, resident(small_platform))
    with small_platform.store.begin() as connection:
        connection.execute(update(codes).values(expires_ms=codes.c.expires_ms + 60_000))

    assert outcome(small_platform, code.text) == "code.forged"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "code.garbled"),
        ("x" * 5000, "code.garbled"),
        ("\x00" * 66, "code.garbled"),
        ("'; DROP TABLE uses; --", "code.garbled"),
        ("A" * 64 + ":7", "code.garbled"),
        ("A" * 64 + ":0:", "code.time-unreadable"),
        ("12345678", "code.garbled"),
    ],
)
def test_texts_that_are_no_codes_are_refused_and_still_in_the_use_log(
    platform: Surroundings, text: str, reason: str
) -> None:
    assert outcome(platform, text) == reason
    assert outcomes(platform) == [reason]


def test_an_unknown_step_is_refused(small_platform: Surroundings) -> None:
    code = dynamic(small_platform, resident(small_platform))

    assert outcome(small_platform, code.text, "999999") == "code.unknown-scene"
    assert outcome(small_platform, code.text) == "accepted"


def test_fields_that_no_column_keeps_do_not_spoil_the_group(platform: Surroundings) -> None:
    good = dynamic(platform, resident(platform))
    bad = [
        Verify(text=good.text, step="0" * 50),
        Verify(text=good.text, request="\x00"),
        Verify(text=good.text, request="\ud800"),
        Verify(text=good.text, request="r" * 65),
    ]

    answers = verify_group(platform, [*((NATIONAL, one) for one in bad), (NATIONAL, Verify(text=good.text))])

    assert [answer.id for answer in answers if isinstance(answer, Refusal)] == ["request.field-malformed"] * 4
    assert isinstance(answers[-1], Verified)
    assert len(outcomes(platform)) == 5


def test_a_single_use_has_one_winner_within_a_group(platform: Surroundings) -> None:
    code = dynamic(platform, resident(platform))

    answers = verify_group(platform, [(NATIONAL, Verify(text=code.text))] * 10)

    assert [isinstance(answer, Verified) for answer in answers] == [True] + [False] * 9
    assert {answer.id for answer in answers if isinstance(answer, Refusal)} == {"code.consumed"}


def test_a_code_for_several_uses_counts_them_down(small_platform: Surroundings) -> None:
    limits = small_platform.tables.limits
    row = limits["dynamic-code-uses"]
    tables = dataclasses.replace(
        small_platform.tables, limits={**limits, "dynamic-code-uses": msgspec.structs.replace(row, value=3)}
    )
    platform = dataclasses.replace(small_platform, tables=tables)
    code = dynamic(platform, resident(platform))

    answers = verify_group(platform, [(NATIONAL, Verify(text=code.text))] * 4)

    assert [answer.uses_left for answer in answers if isinstance(answer, Verified)] == [2, 1, 0]
    assert isinstance(answers[3], Refusal)


def test_the_machine_is_asked_before_the_transaction_and_the_state_inside_it_counts(platform: Surroundings) -> None:
    card = resident(platform)
    code = dynamic(platform, card)

    class Slow(SoftwareCryptoMachine):
        def decrypt(self, data: bytes, factors: tuple[bytes, ...] = (), version: int = 0) -> bytes:
            set_state(platform, card, "cancelled")
            return super().decrypt(data, factors, version)

    slow = dataclasses.replace(platform, machine=Slow(demo_keys()))

    assert outcome(slow, code.text) == "account.cancelled"


def test_a_lost_machine_refuses_what_it_would_have_to_check_and_nothing_is_used_up(platform: Surroundings) -> None:
    code = dynamic(platform, resident(platform))

    class Lost(SoftwareCryptoMachine):
        def decrypt(self, data: bytes, factors: tuple[bytes, ...] = (), version: int = 0) -> bytes:
            raise CryptoMachineUnavailable("crypto machine", "no answer.", "Check it.")

    assert outcome(dataclasses.replace(platform, machine=Lost(demo_keys())), code.text) == "system.crypto-machine"
    assert outcome(platform, code.text) == "accepted"


def test_a_code_outlives_a_roll_over_of_the_keys(small_platform: Surroundings) -> None:
    code = dynamic(small_platform, resident(small_platform))
    machine = small_platform.machine
    assert isinstance(machine, SoftwareCryptoMachine)

    machine.take_keys(demo_keys().rolled_over(SecretKey(b"S" * 16), SecretKey(b"P" * 16)))

    assert outcome(small_platform, code.text) == "accepted"


def test_the_use_log_says_who_what_and_where(platform: Surroundings) -> None:
    card = resident(platform)
    code = dynamic(platform, card, caller=SICHUAN)
    verify(platform, SICHUAN, Verify(text=code.text, step=PAY, request="r-1"))

    with platform.store.read() as connection:
        (use,) = uses_of_card(connection, card)

    assert (use.ecard_id, use.step, use.request, use.outcome) == (card, PAY, "r-1", "accepted")
    assert (use.app, use.institution, use.terminal) == (SICHUAN.app, SICHUAN.institution, SICHUAN.terminal)
    assert (use.channel, use.used_ms) == ("01", platform.clock.now_ms())


@pytest.mark.parametrize("spoil", ["change", "remove", "add"])
def test_a_use_changed_taken_out_or_put_in_is_found(platform: Surroundings, spoil: str) -> None:
    code = dynamic(platform, resident(platform))
    verify_group(platform, [(NATIONAL, Verify(text=code.text))] * 3)
    verify_group(platform, [(NATIONAL, Verify(text=code.text))] * 2)
    with platform.store.read() as connection:
        assert check_uses(connection) == 5
        assert audit.check(connection) > 0

    with platform.store.begin() as connection:
        if spoil == "change":
            connection.execute(update(uses).where(uses.c.use_id == 2).values(outcome="accepted"))
        elif spoil == "remove":
            connection.execute(uses.delete().where(uses.c.use_id == 5))
        else:
            connection.execute(insert(uses).values(ecard_id="", used_ms=1, outcome="accepted", group_id=7))

    with platform.store.read() as connection, pytest.raises(BrokenUseLog):
        check_uses(connection)


def test_a_caller_without_wire_profile_reads_the_codes_of_all(small_platform: Surroundings) -> None:
    code = static(small_platform, resident(small_platform), caller=SICHUAN)

    assert outcome(small_platform, code.text, caller=Caller(profile="console")) == "accepted"
