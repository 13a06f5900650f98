"""Spool and upload of use records: kept before answered, once a serial, the same day, in batches, faults put aside."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference.ecard.verbs import Answer, Person, Reported, ReportedUse, ReportUses, Verb
from reference.front_end.carrier import PlatformAway
from reference.front_end.facts import limits
from reference.front_end.messages import TellUses
from reference.front_end.refusals import FrontEndRefusal
from reference.front_end.spool import Spool
from reference.gateway.wire import WireRefusal
from reference.store import audit
from tests.platform import DAY_MS, NOON_MS
from tests.reference.front_end.pieces import CARD, TERMINAL, UNREACHED, Bench, all_kept, bench

MALFORMED = WireRefusal("00", "", frozenset({"request.field-malformed"}))
SUSPENDED = WireRefusal("00", "", frozenset({"request.app-suspended"}))
EVENING_MS = NOON_MS + 12 * 3_600_000 - 1


def use(serial: str = "1", **fields: object) -> ReportedUse:
    return msgspec.convert(
        {"serial": serial, "card": CARD, "used_ms": NOON_MS, "step": "010101", **fields}, ReportedUse
    )


def tell(front: Bench, *uses: ReportedUse) -> Reported:
    return front.front_end.tell(TellUses(terminal=TERMINAL, uses=uses))


def refused(front: Bench, *uses: ReportedUse) -> tuple[str, str]:
    with pytest.raises(FrontEndRefusal) as caught:
        tell(front, *uses)
    return caught.value.id, caught.value.field


def uploaded(front: Bench) -> list[list[str]]:
    """The serials of each upload."""
    return [[one.serial for one in verb.uses] for verb in front.platform.asked if isinstance(verb, ReportUses)]


def test_uses_are_kept_without_the_platform_and_uploaded_when_it_is_back(front: Bench) -> None:
    front.platform.answers = [UNREACHED]
    assert tell(front, use("1"), use("2")) == Reported(kept=2, known=0)
    with pytest.raises(PlatformAway):
        front.uploader.upload()
    assert front.spool.counts()["waiting"] == 2
    front.platform.answers = [all_kept]
    front.clock.pause(limits()["away-seconds"])
    front.platform.asked.clear()
    assert front.uploader.upload() == 2
    assert uploaded(front) == [["1", "2"]]
    assert front.spool.counts() == {"waiting": 0, "uploaded": 2, "late": 0, "refused": 0}


def test_a_use_told_twice_counts_once_even_after_its_upload(front: Bench) -> None:
    front.platform.answers = [all_kept]
    assert tell(front, use("1"), use("1")) == Reported(kept=1, known=1)
    front.uploader.upload()
    assert tell(front, use("1")) == Reported(kept=0, known=1)
    assert front.uploader.upload() == 0


def test_a_serial_names_one_use_and_a_batch_is_kept_whole_or_not_at_all(front: Bench) -> None:
    tell(front, use("1"))
    assert refused(front, use("2"), use("1", step="010102")) == ("front-end.serial-reused", "serial")
    assert refused(front, use("3"), use("3", step="010102")) == ("front-end.serial-reused", "serial")
    assert front.spool.counts()["waiting"] == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"serial": ""}, "serial"),
        ({"card": ""}, "card"),
        ({"serial": "9" * 65}, "serial"),
        ({"department": "1" * 11}, "department"),
        ({"step": "019999"}, "step"),
        ({"used_ms": NOON_MS - DAY_MS}, "used_ms"),
        ({"used_ms": NOON_MS + 31_000}, "used_ms"),
    ],
)
def test_a_use_that_the_platform_would_refuse_is_refused_at_once(
    front: Bench, fields: dict[str, object], field: str
) -> None:
    assert refused(front, use("ok"), use(**{"serial": "1", **fields})) == ("front-end.use-malformed", field)  # type: ignore[arg-type]
    assert front.spool.counts()["waiting"] == 0


def test_the_registry_fills_in_where_the_card_was_used(front: Bench) -> None:
    tell(front, use("1"), use("2", terminal="T", department="0400", channel="02"))
    first, second = (one.use for one in front.spool.waiting(9, NOON_MS))
    assert (first.terminal, first.department, first.channel) == (TERMINAL, "0300", "01")
    assert (second.terminal, second.department, second.channel) == ("T", "0400", "02")


def test_batches_are_as_large_as_the_profile_takes(front: Bench) -> None:
    front.platform.answers = [all_kept]
    tell(front, *(use(str(number)) for number in range(1001)))
    assert front.uploader.upload() == 1001
    assert [len(batch) for batch in uploaded(front)] == [500, 500, 1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(faulty=st.sets(st.integers(0, 20)))
def test_faulty_records_are_found_and_put_aside_and_all_others_uploaded(
    tmp_path_factory: pytest.TempPathFactory, faulty: set[int]
) -> None:
    front = bench(tmp_path_factory.mktemp("front"))
    taken: set[str] = set()

    def platform(verb: Verb) -> Answer:
        assert isinstance(verb, ReportUses)
        if any(int(one.serial) in faulty for one in verb.uses):
            raise MALFORMED
        taken.update(one.serial for one in verb.uses)
        return Reported(kept=len(verb.uses), known=0)

    front.platform.answers = [platform]
    tell(front, *(use(str(number)) for number in range(21)))
    assert front.uploader.upload() == 21 - len(faulty)
    assert taken == {str(number) for number in range(21) if number not in faulty}
    assert front.spool.counts()["refused"] == len(faulty)
    front.spool.close()


def test_a_fault_of_the_connection_puts_no_record_aside(front: Bench) -> None:
    front.platform.answers = [SUSPENDED]
    tell(front, use("1"), use("2"))
    with pytest.raises(WireRefusal):
        front.uploader.upload()
    assert front.spool.counts()["waiting"] == 2


def test_uses_of_a_day_past_become_late_and_are_never_dropped(front: Bench) -> None:
    tell(front, use("1"))
    front.platform.answers = [all_kept]
    front.clock.at_ms = EVENING_MS + 1
    assert front.uploader.upload() == 0
    assert front.spool.counts() == {"waiting": 0, "uploaded": 0, "late": 1, "refused": 0}
    assert tell(front, use("2", used_ms=front.clock.at_ms)).kept == 1


def test_the_last_second_of_the_day_is_still_that_day(front: Bench) -> None:
    tell(front, use("1"))
    front.platform.answers = [all_kept]
    front.clock.at_ms = EVENING_MS
    assert front.uploader.upload() == 1


def test_the_contents_of_uploaded_uses_are_taken_out_and_serials_forgotten_after_days(front: Bench) -> None:
    front.platform.answers = [all_kept]
    tell(front, use("1", holder={"id_type": "01", "id_number": "990000199001010017", "name": "独特姓名"}))
    front.uploader.upload()
    front.clock.at_ms += (limits()["kept-days"] + 1) * DAY_MS
    tell(front, use("2", used_ms=front.clock.at_ms))
    front.uploader.upload()
    assert front.spool.counts()["uploaded"] == 1


def test_a_profile_without_the_service_refuses_uses_at_once(tmp_path: Path) -> None:
    front = bench(tmp_path, "guangdong")
    assert refused(front, use("1")) == ("front-end.unsupported", "uses")
    front.spool.close()


def test_qinghai_takes_physical_cards_alone_one_by_one(tmp_path: Path) -> None:
    front = bench(tmp_path, "qinghai")
    front.platform.answers = [all_kept]
    assert refused(front, use("1"))[0] == "front-end.unsupported"
    holder = Person(id_type="01", id_number="990000199001010017", name="测试乙")
    tell(front, *(use(str(number), medium="physical", holder=msgspec.to_builtins(holder)) for number in range(3)))
    assert front.uploader.upload() == 3
    assert uploaded(front) == [["0"], ["1"], ["2"]]
    front.spool.close()


def test_a_full_spool_says_so(front: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits(), "spooled", 2)
    tell(front, use("1"), use("2"))
    assert refused(front, use("3"))[0] == "front-end.spool-full"


def test_the_spool_is_readable_by_its_owner_alone_and_its_log_holds(front: Bench, tmp_path: Path) -> None:
    tell(front, use("1"))
    assert (tmp_path / "front-end.db").stat().st_mode & 0o077 == 0
    again = Spool(tmp_path / "front-end.db")
    assert again.counts()["waiting"] == 1
    with again.store.read() as connection:
        assert audit.check(connection) == 1
    again.close()
