"""Updates: soft data under the same ids, a new name or document with new ids and the old ones as aliases."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    BankCards,
    Cancel,
    Child,
    FindNewborn,
    Members,
    Person,
    Query,
    Register,
    Update,
    Who,
)
from reference.index import persons, registering
from reference.index.acts import Act
from reference.index.identity import Identity
from reference.serving import RealNameResult, Surroundings
from reference.store.account_tables import aliases
from reference.store.audit import audit_lines
from reference.store.code_tables import codes
from tests.platform import ON_SITE, ToldRealNameCheck, ask, citizen, citizen_number
from tests.reference.accounts.cards import actions, bound_bank_card, normal, refused, registered, static_code, who


def renamed(platform: Surroundings, account: Account, name: str = "测试新") -> Account:
    return ask(platform, Update(who=who(account), name=name, proof=ON_SITE), Account)


def test_soft_data_change_and_ids_stay(platform: Surroundings) -> None:
    before = registered(platform, citizen(phone="13800000000"))
    after = ask(platform, Update(who=who(before), phone="13900000000", address="某市某路1号"), Account)
    assert (after.person.phone, after.person.address, after.ecard_id) == (
        "13900000000",
        "某市某路1号",
        before.ecard_id,
    )
    with platform.store.read() as connection:
        assert persons.person(connection, before.index_id).identity.phone == "13900000000"


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"sex": "2"}, "person.sex-differs", "sex"),
        ({"birthday": "19900102"}, "person.birthday-differs", "birthday"),
        ({"phone": "<script>"}, "request.forbidden-character", "phone"),
        ({"name": "测试新"}, "request.empty-field", "proof"),
    ],
)
def test_an_update_out_of_order_changes_nothing(
    platform: Surroundings, fields: dict[str, str], reason: str, field: str
) -> None:
    before = registered(platform)
    with refused(reason, field):
        ask(platform, Update(who=who(before), **fields), Account)  # type: ignore[arg-type]
    after = ask(platform, Query(who=who(before)), AccountWithCodes).account
    assert after == msgspec.structs.replace(before, new=False)


def test_a_new_name_gives_new_ids_and_the_old_ones_lead_to_them(platform: Surroundings) -> None:
    before = normal(platform)
    after = renamed(platform, before)
    assert after.index_id != before.index_id
    assert after.ecard_id != before.ecard_id
    assert after.state == "normal"
    for old in (Who(index_id=before.index_id), Who(ecard_id=before.ecard_id)):
        assert ask(platform, Query(who=old), AccountWithCodes).account == after
    with platform.store.read() as connection:
        assert persons.current(connection, before.index_id) == after.index_id


def test_the_codes_of_the_old_card_are_dead_and_a_new_one_can_be_had(platform: Surroundings) -> None:
    before = normal(platform)
    after = renamed(platform, before)
    assert ask(platform, Query(who=who(after)), AccountWithCodes).codes == ()
    assert static_code(platform, after).ecard_id == after.ecard_id
    with platform.store.read() as connection:
        states = {row.ecard_id: row.state for row in connection.execute(select(codes.c.ecard_id, codes.c.state))}
    assert states == {before.ecard_id: "dead", after.ecard_id: "issued"}


def test_what_hangs_on_an_account_follows_its_new_id(platform: Surroundings) -> None:
    before = normal(platform)
    ask(platform, bound_bank_card(before), BankCards)
    child = Child(guardian_id_type="01", guardian_id_number=before.person.id_number)
    baby = Person(id_type="08", id_number="A000000001", name="测试之子", sex="1", birthday="20251231")
    born = ask(platform, Register(person=baby, proof=ON_SITE, child=child), Account)
    after = renamed(platform, before)
    found = ask(platform, FindNewborn(guardian=who(after)), Members)
    assert [member.account.ecard_id for member in found.members] == [born.ecard_id]
    second = bound_bank_card(after, "6222020000000000002")
    assert len(ask(platform, second, BankCards).cards) == 2


def test_a_corrected_number_is_looked_up_by_both_until_its_owner_comes(platform: Surroundings) -> None:
    before = registered(platform, citizen(1))
    right = citizen(2).id_number
    after = ask(platform, Update(who=who(before), id_number=right, proof=ON_SITE), Account)
    by_old = Who(id_type="01", id_number=before.person.id_number)
    assert ask(platform, Query(who=by_old), AccountWithCodes).account == after
    owner = registered(platform, citizen(1, "测试乙"))
    assert ask(platform, Query(who=by_old), AccountWithCodes).account.ecard_id == owner.ecard_id


def test_a_name_taken_back_gives_the_first_ids_again(platform: Surroundings) -> None:
    first = registered(platform)
    back = renamed(platform, renamed(platform, first), first.person.name)
    assert (back.index_id, back.ecard_id) == (first.index_id, first.ecard_id)
    with platform.store.read() as connection:
        kept = connection.scalars(select(aliases.c.kind).order_by(aliases.c.kind)).all()
    assert kept == ["ecard-id", "index-id"]


def test_registering_under_the_old_name_finds_the_same_account(platform: Surroundings) -> None:
    before = registered(platform)
    after = renamed(platform, before)
    assert registered(platform).ecard_id == after.ecard_id


def test_somebody_elses_number_is_refused(platform: Surroundings) -> None:
    first = registered(platform, citizen(1))
    registered(platform, citizen(2, "测试乙"))
    with refused("account.already-registered", "id_number"):
        ask(platform, Update(who=who(first), id_number=citizen(2).id_number, proof=ON_SITE), Account)


@pytest.mark.parametrize("result", [RealNameResult.DIFFERENT, RealNameResult.UNDECIDED])
def test_a_new_name_needs_a_real_name_check_that_confirms_it(
    platform: Surroundings, real_name: ToldRealNameCheck, result: RealNameResult
) -> None:
    account = registered(platform)
    real_name.says = result
    with refused("person.not-real-name"):
        renamed(platform, account)


def test_a_cancelled_account_is_not_updated(platform: Surroundings) -> None:
    account = registered(platform)
    ask(platform, Cancel(who=who(account)), Account)
    with refused("account.cancelled"):
        ask(platform, Update(who=who(account), phone="13900000000"), Account)
    with refused("account.cancelled"):
        renamed(platform, account)


def test_an_identity_that_a_hospital_has_registered_is_merged_with_the_account(platform: Surroundings) -> None:
    account = registered(platform)
    identity = Identity(id_type="01", id_number=account.person.id_number, name="测试新")
    act = Act("hospital", platform.clock.now_ms(), platform.identifier)
    with platform.store.begin() as connection:
        known = registering.register(connection, act, identity, "hospital", "P1").index_id
    after = renamed(platform, account)
    assert after.index_id == known
    with platform.store.read() as connection:
        assert persons.current(connection, account.index_id) == known


def test_a_rename_is_one_line_of_the_audit_log(platform: Surroundings) -> None:
    renamed(platform, registered(platform))
    assert actions(platform).count("account-rename") == 1


def test_the_citizen_number_of_somebody_else_brings_his_birthday_and_sex(platform: Surroundings) -> None:
    account = registered(platform)
    woman = citizen_number(2, birthday="19910203")
    after = ask(platform, Update(who=who(account), id_number=woman, proof=ON_SITE), Account)
    assert (after.person.birthday, after.person.sex) == ("19910203", "2")


def test_the_clients_number_and_time_of_a_change_are_in_the_audit_log(platform: Surroundings) -> None:
    account = registered(platform)
    for verb in (
        Update(who=who(account), address="测试路二号", change_number="A-1", change_ms=5_000),
        Update(who=who(account), name="测试新", proof=ON_SITE, change_number="A-2", change_ms=6_000),
    ):
        ask(platform, verb, Account)
    with platform.store.read() as connection:
        written = list(connection.scalars(select(audit_lines.c.details).order_by(audit_lines.c.number)))
    told = [(one["change"], one["change_ms"]) for line in written if "change" in (one := msgspec.json.decode(line))]
    assert told == [("A-1", 5_000), ("A-2", 6_000)]
    with refused("request.field-too-long", "change_number"):
        ask(platform, Update(who=who(account), address="测试路三号", change_number="x" * 65), Account)
