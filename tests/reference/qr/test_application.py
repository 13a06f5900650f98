"""Application: which kind a scene gets, what is refused, and that no two codes of a card share a token."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from sqlalchemy import select

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import ApplyCode, Who
from reference.keys.key_file import demo_keys
from reference.keys.software_machine import SoftwareCryptoMachine
from reference.ports import CryptoMachineUnavailable
from reference.qr import admitted, apply_code, chosen, codes_in_force, scenes
from reference.qr.selection import scenes as read_scenes
from reference.serving import Surroundings
from reference.standard import StandardError
from reference.standard.loader import SHIPPED
from reference.store import audit
from reference.store.code_tables import codes
from tests.platform import SettableClock
from tests.reference.qr.residents import (
    NATIONAL,
    SICHUAN,
    dynamic,
    ids_of,
    outcome,
    resident,
    set_state,
    state_of,
    static,
)


def test_a_static_code_has_the_national_text_and_no_limits(platform: Surroundings) -> None:
    card = resident(platform)
    code = static(platform, card)

    assert (code.text, code.kind) == (f"{card}:1", "static")
    assert (code.expires_ms, code.uses_left) == (None, None)


def test_a_dynamic_code_ends_with_the_token_of_its_last_second(platform: Surroundings, clock: SettableClock) -> None:
    clock.at_ms += 999
    code = dynamic(platform, resident(platform))

    assert code.expires_ms == (clock.at_ms // 1000 + 120) * 1000
    assert code.uses_left == 1
    assert len(code.text) == 99


def test_the_sichuan_text_carries_payment_and_issuer(small_platform: Surroundings) -> None:
    card = resident(small_platform)
    verb = ApplyCode(who=Who(ecard_id=card), kind="static", payment="abc")

    assert apply_code(small_platform, SICHUAN, verb).text == f"{card}:1:abc:{small_platform.issuer}"


def test_payment_data_are_refused_where_the_layout_has_no_place(small_platform: Surroundings) -> None:
    verb = ApplyCode(who=Who(ecard_id=resident(small_platform)), payment="abc")

    with pytest.raises(Refusal, match=r"code\.payment-unsupported"):
        apply_code(small_platform, NATIONAL, verb)


def test_payment_data_of_the_wrong_form_are_refused_and_nothing_is_issued(small_platform: Surroundings) -> None:
    card = resident(small_platform)

    with pytest.raises(Refusal, match=r"request\.field-malformed"):
        apply_code(small_platform, SICHUAN, ApplyCode(who=Who(ecard_id=card), payment="a b:c"))
    with small_platform.store.read() as connection:
        assert connection.execute(select(codes)).all() == []


def test_a_second_static_code_is_refused_and_given_again_on_request(platform: Surroundings) -> None:
    card = resident(platform)
    first = static(platform, card)

    with pytest.raises(Refusal, match=r"code\.static-exists"):
        static(platform, card)
    assert static(platform, card, again=True) == first


def test_a_dynamic_code_that_still_holds_is_given_anew_only_to_a_display(
    platform: Surroundings, clock: SettableClock
) -> None:
    card = resident(platform)
    first = dynamic(platform, card)
    assert first.expires_ms is not None

    clock.at_ms = first.expires_ms
    with pytest.raises(Refusal, match=r"code\.dynamic-still-valid"):
        dynamic(platform, card)
    clock.at_ms += 1
    assert dynamic(platform, card).text != first.text


def test_codes_asked_for_in_one_second_have_tokens_of_their_own(platform: Surroundings) -> None:
    card = resident(platform)
    issued = [dynamic(platform, card, refresh=True) for _ in range(5)]

    assert len({code.text for code in issued}) == 5
    assert [outcome(platform, code.text) for code in issued] == ["code.superseded"] * 4 + ["accepted"]


def test_refreshing_never_reaches_beyond_the_longest_validity(small_platform: Surroundings) -> None:
    card = resident(small_platform)
    limit = small_platform.tables.limits["dynamic-validity-seconds"]
    for _ in range(limit.most - limit.value + 1):
        code = dynamic(small_platform, card, refresh=True)

    assert code.expires_ms == small_platform.clock.now_ms() + limit.most * 1000
    with pytest.raises(Refusal, match=r"code\.dynamic-still-valid"):
        dynamic(small_platform, card, refresh=True)


def test_the_first_code_makes_a_certified_account_normal(platform: Surroundings) -> None:
    card = resident(platform, state="certified")
    static(platform, card)

    assert state_of(platform, card) == "normal"


@pytest.mark.parametrize(
    ("state", "reason"),
    [("cancelled", "account.cancelled"), ("suspended", "account.suspended"), ("premade", "account.not-claimed")],
)
def test_a_card_that_does_not_hold_gets_no_code(small_platform: Surroundings, state: str, reason: str) -> None:
    card = resident(small_platform, state=state)

    for apply in (static, dynamic):
        with pytest.raises(Refusal, match=reason):
            apply(small_platform, card)


def test_nobody_without_a_card_gets_a_code(small_platform: Surroundings) -> None:
    for who in (Who(ecard_id="C" * 64), Who(id_type="01", id_number="1"), Who(code="C" * 64 + ":1")):
        with pytest.raises(Refusal, match=r"account\.unregistered"):
            apply_code(small_platform, NATIONAL, ApplyCode(who=who))


def test_a_resident_may_be_named_in_every_way(small_platform: Surroundings) -> None:
    document, index, _ = ids_of(small_platform, 1)
    card = resident(small_platform)
    code = static(small_platform, card)

    for who in (Who(id_type="01", id_number=document), Who(index_id=index), Who(code=code.text)):
        given = apply_code(small_platform, NATIONAL, ApplyCode(who=who, kind="static", again=True))
        assert given.ecard_id == card


@pytest.mark.parametrize("who", [Who(), Who(ecard_id="A" * 64, index_id="B" * 64), Who(id_type="01")])
def test_whoever_is_named_not_at_all_or_in_two_ways_is_refused(small_platform: Surroundings, who: Who) -> None:
    with pytest.raises(Refusal, match=r"request\.(empty-field|field-malformed)"):
        apply_code(small_platform, NATIONAL, ApplyCode(who=who))


def test_a_lost_machine_issues_nothing(small_platform: Surroundings) -> None:
    card = resident(small_platform)

    class Lost(SoftwareCryptoMachine):
        def encrypt(self, data: bytes, factors: tuple[bytes, ...] = (), version: int = 0) -> bytes:
            raise CryptoMachineUnavailable("crypto machine", "no answer.", "Check it.")

    with pytest.raises(Refusal, match=r"system\.crypto-machine"):
        dynamic(dataclasses.replace(small_platform, machine=Lost(demo_keys())), card)
    assert dynamic(small_platform, card).kind == "dynamic"


def test_the_state_inside_the_transaction_decides_on_a_code(small_platform: Surroundings) -> None:
    card = resident(small_platform)

    class Slow(SoftwareCryptoMachine):
        def encrypt(self, data: bytes, factors: tuple[bytes, ...] = (), version: int = 0) -> bytes:
            set_state(small_platform, card, "cancelled")
            return super().encrypt(data, factors, version)

    with pytest.raises(Refusal, match=r"account\.cancelled"):
        dynamic(dataclasses.replace(small_platform, machine=Slow(demo_keys())), card)


def test_the_codes_in_force_are_those_that_would_be_accepted(platform: Surroundings, clock: SettableClock) -> None:
    card = resident(platform)
    dynamic(platform, card)
    held = (static(platform, card), dynamic(platform, card, refresh=True))

    with platform.store.read() as connection:
        assert codes_in_force(platform, connection, card, clock.at_ms, "national") == held
        assert codes_in_force(platform, connection, card, clock.at_ms + 200_000, "national") == held[:1]


def test_each_code_is_a_line_of_the_audit_log(platform: Surroundings) -> None:
    card = resident(platform)
    static(platform, card)
    dynamic(platform, card)

    with platform.store.read() as connection:
        assert audit.check(connection) == 2


def test_every_scene_prefers_a_kind_that_it_admits() -> None:
    assert all(row.preferred in row.kinds for row in scenes().values())
    assert admitted("010105") == ("dynamic",)
    assert (chosen("ward", None), chosen("", None), chosen("payment", None)) == ("static", "dynamic", "dynamic")


@pytest.mark.parametrize(("scene", "reason"), [("nowhere", "code.unknown-scene"), ("payment", "code.kind-unsuited")])
def test_a_scene_unknown_or_unfit_for_the_kind_is_refused(scene: str, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        chosen(scene, "static")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('id = "ward"', 'id = "print"', "two rows"),
        ('preferred = "static"', 'preferred = "dynamic"\n', None),
        ('id = "010101"', 'id = "010199"', "diagnosis step 010101"),
        ('kinds = ["dynamic"]\npreferred = "dynamic"', 'kinds = ["dynamic"]\npreferred = "static"', "static"),
    ],
)
def test_a_wrong_table_of_scenes_is_told_with_its_place(
    tmp_path: Path, before: str, after: str, message: str | None
) -> None:
    copy = tmp_path / "tables"
    (copy / "ecard").mkdir(parents=True)
    for file in (SHIPPED / "ecard").iterdir():
        if file.is_file():
            (copy / "ecard" / file.name).write_bytes(file.read_bytes())
    for name in ("documents.toml",):
        (copy / name).write_bytes((SHIPPED / name).read_bytes())
    table = copy / "ecard" / "scenes.toml"
    text = table.read_text(encoding="utf-8")
    assert before in text
    table.write_text(text.replace(before, after, 1), encoding="utf-8")

    if message is None:
        assert read_scenes(copy)
    else:
        with pytest.raises(StandardError, match=message):
            read_scenes(copy)
