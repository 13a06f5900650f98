"""Uses told afterwards, and health colours."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import func, select

from reference.ecard.moments import DAY, HOUR
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, Person, ReportedUse, ReportUses, SetColour, Who
from reference.index.identity import Identity, canonical
from reference.qr import report_uses, set_colour
from reference.serving import Surroundings
from reference.store.code_tables import reported_uses
from tests.platform import NOON_MS, SettableClock, citizen_number
from tests.reference.qr.residents import NATIONAL, dynamic, resident


def use(serial: str, used_ms: int = NOON_MS, **fields: str) -> ReportedUse:
    """One use as an institution tells it."""
    return ReportedUse(serial=serial, card="A" * 64, used_ms=used_ms, **fields)  # type: ignore[arg-type]


def kept(surroundings: Surroundings) -> int:
    """How many reported uses the platform has."""
    with surroundings.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(reported_uses)).scalar_one())


def test_each_serial_of_an_institution_is_kept_once(platform: Surroundings) -> None:
    other = Caller(profile="sichuan", institution="510100009")

    first = report_uses(platform, NATIONAL, ReportUses(uses=(use("1"), use("2"), use("2"))))
    again = report_uses(platform, NATIONAL, ReportUses(uses=(use("2"), use("3"))))
    elsewhere = report_uses(platform, other, ReportUses(uses=(use("1"),)))

    assert [(told.kept, told.known) for told in (first, again, elsewhere)] == [(2, 1), (1, 1), (1, 0)]
    assert kept(platform) == 4


def test_500_uses_are_taken_and_501_are_not(platform: Surroundings) -> None:
    batch = tuple(use(str(number)) for number in range(501))

    with pytest.raises(Refusal, match=r"request\.batch-too-large"):
        report_uses(platform, NATIONAL, ReportUses(uses=batch))
    assert kept(platform) == 0
    assert report_uses(platform, NATIONAL, ReportUses(uses=batch[:500])).kept == 500


@pytest.mark.parametrize(
    ("used_ms", "taken"),
    [
        (NOON_MS - 12 * HOUR, True),
        (NOON_MS - 12 * HOUR - 1, False),
        (NOON_MS + 30_000, True),
        (NOON_MS + 30_001, False),
        (NOON_MS - DAY, False),
    ],
)
def test_uses_are_told_on_their_day_in_china(small_platform: Surroundings, used_ms: int, taken: bool) -> None:
    told = ReportUses(uses=(use("1"), use("2", used_ms)))
    if taken:
        assert report_uses(small_platform, NATIONAL, told).kept == 2
    else:
        with pytest.raises(Refusal, match=r"request\.not-same-day"):
            report_uses(small_platform, NATIONAL, told)
        assert kept(small_platform) == 0


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (use(""), "request.empty-field"),
        (use("s" * 65), "request.field-malformed"),
        (use("1", step="777"), "code.unknown-scene"),
        (use("1", terminal="\x00"), "request.field-malformed"),
    ],
)
def test_a_use_of_the_wrong_form_keeps_the_whole_batch_out(
    small_platform: Surroundings, told: ReportedUse, reason: str
) -> None:
    with pytest.raises(Refusal, match=reason):
        report_uses(small_platform, NATIONAL, ReportUses(uses=(use("0"), told)))
    assert kept(small_platform) == 0


def test_whoever_tells_uses_must_be_somebody(small_platform: Surroundings) -> None:
    with pytest.raises(Refusal, match=r"request\.empty-field"):
        report_uses(small_platform, Caller(profile="sichuan"), ReportUses(uses=(use("1"),)))


def test_codes_take_the_colour_of_their_holder(platform: Surroundings, clock: SettableClock) -> None:
    card = resident(platform)
    clock.advance(seconds=5)

    account = set_colour(platform, NATIONAL, SetColour(who=Who(ecard_id=card), colour=2))

    assert (account.colour, account.updated_ms) == (2, clock.at_ms)
    assert dynamic(platform, card).colour == 2


def test_a_colour_that_is_none_or_of_a_cancelled_card_is_refused(small_platform: Surroundings) -> None:
    card, gone = resident(small_platform, 1), resident(small_platform, 2, state="cancelled")

    with pytest.raises(Refusal, match=r"person\.unknown-code"):
        set_colour(small_platform, NATIONAL, SetColour(who=Who(ecard_id=card), colour=4))
    with pytest.raises(Refusal, match=r"account\.cancelled"):
        set_colour(small_platform, NATIONAL, SetColour(who=Who(ecard_id=gone), colour=1))


@pytest.mark.parametrize(
    ("id_type", "number"), [("01", "110101900101101"), ("01", citizen_number(1)), ("03", "E12345678")]
)
def test_what_a_physical_card_tells_is_kept_but_of_its_holder_the_index_id_alone(
    platform: Surroundings, id_type: str, number: str
) -> None:
    holder = Person(id_type=id_type, id_number=number, name="测试老", address="测试路一号")
    told = use("1", medium="physical", city="6301000", reset_number="3B6D000012345678")
    report_uses(platform, NATIONAL, ReportUses(uses=(msgspec.structs.replace(told, holder=holder),)))
    unknown = msgspec.structs.replace(use("2"), holder=Person(id_type="01", id_number="1", name="测试老"))
    report_uses(platform, NATIONAL, ReportUses(uses=(unknown,)))

    with platform.store.read() as connection:
        first, second = connection.execute(select(reported_uses).order_by(reported_uses.c.serial)).mappings()
    own = canonical(Identity(id_type=id_type, id_number=holder.id_number, name=holder.name))
    assert (first["city"], first["reset_number"], first["holder_index_id"]) == (
        "6301000",
        "3B6D000012345678",
        own.index_id,
    )
    assert second["holder_index_id"] == ""
    assert not {holder.id_number, own.id_number, holder.name, holder.address} & set(map(str, first.values()))
