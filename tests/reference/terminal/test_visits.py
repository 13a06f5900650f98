"""Recording and settling visits: right SAM, free record, signature, flags; and every way in which the flows end."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest

from reference.languages import Text
from reference.standard import Standard, load
from reference.standard.rows import Protection
from reference.terminal.endings import (
    CardExpired,
    CommandRefused,
    NoFreeVisitRecord,
    NoVisitToSettle,
    SignatureNotAccepted,
    WrongPin,
    WrongSamType,
)
from reference.terminal.signatures import SignedVisit
from reference.terminal.visits import (
    INPATIENT,
    OUTPATIENT,
    VisitFiles,
    read_visit,
    record_visit,
    settle_visit,
    visit_data,
)
from simulators.cards.memory import Held
from simulators.cards.user_card import UserCard
from tests.reference.terminal.counter import PIN, TODAY, back_end, card_without_visits, counter, some_data

STANDARD = load()
KINDS = pytest.mark.parametrize("kind", [INPATIENT, OUTPATIENT], ids=["inpatient", "outpatient"])


class Accepting:
    """A back end that believes everything and remembers it."""

    def __init__(self) -> None:
        self.asked: list[SignedVisit] = []

    def fault(self, visit: SignedVisit) -> Text | None:
        """No fault."""
        self.asked.append(visit)
        return None


def switched(**switches: str) -> Standard:
    """The default profile with some switches set otherwise."""
    named = {name.replace("_", "-"): value for name, value in switches.items()}
    profile = msgspec.structs.replace(STANDARD.profile, switches=STANDARD.profile.switches | named)
    return dataclasses.replace(STANDARD, profile=profile)


def flags(card: UserCard, kind: VisitFiles) -> str:
    """The index as it stands."""
    return b"".join(card.memory.files[kind.index].records).hex().upper()


@KINDS
@pytest.mark.parametrize("profile", ["national-2012", "field-2013"])
@pytest.mark.parametrize("interface", ["contactless", "contact-t0"])
def test_a_visit_is_recorded_and_settled(kind: VisitFiles, profile: str, interface: str) -> None:
    standard = load(profile)
    card = card_without_visits(standard, interface)
    terminal, _ = counter(standard, 5, card)
    data = some_data(standard, kind)
    recorded = record_visit(terminal, kind, data, PIN, TODAY)
    assert (recorded.number, recorded.file) == (1, kind.path(1))
    held = card.memory.files[recorded.file].binary
    assert held == data + recorded.visit.signature + recorded.visit.certificate
    assert flags(card, kind).startswith("00FF")
    settled = settle_visit(terminal, kind, back_end(standard), TODAY)
    assert settled == recorded
    assert set(flags(card, kind)) == {"F"}
    assert card.memory.files[recorded.file].binary == held, "settling leaves the record's content"


@KINDS
def test_the_first_free_record_is_taken(kind: VisitFiles) -> None:
    card = card_without_visits(STANDARD)
    terminal, _ = counter(STANDARD, 2, card)
    count = STANDARD.files[kind.index].records
    numbers = [record_visit(terminal, kind, some_data(STANDARD, kind, n), PIN, TODAY).number for n in range(count)]
    assert numbers == list(range(1, count + 1))
    before = dict(card.memory.files)
    with pytest.raises(NoFreeVisitRecord, match=kind.index):
        record_visit(terminal, kind, some_data(STANDARD, kind), PIN, TODAY)
    assert card.memory.files == before
    terminal, _ = counter(STANDARD, 5, card)
    assert settle_visit(terminal, kind, back_end(STANDARD), TODAY).number == 1
    assert record_visit(terminal, kind, some_data(STANDARD, kind), PIN, TODAY).number == 1


@pytest.mark.parametrize("number", [1, 4])
def test_recording_needs_a_sam_of_type_2_3_or_5(number: int) -> None:
    terminal, card = counter(STANDARD, number)
    with pytest.raises(WrongSamType) as fault:
        record_visit(terminal, INPATIENT, some_data(STANDARD, INPATIENT), PIN, TODAY)
    assert fault.value.needed == (2, 3, 5)
    assert card.sent == []


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_settling_needs_a_sam_of_type_5(number: int) -> None:
    terminal, card = counter(STANDARD, number)
    with pytest.raises(WrongSamType) as fault:
        settle_visit(terminal, OUTPATIENT, Accepting(), TODAY)
    assert fault.value.needed == (5,)
    assert card.sent == []


def test_a_wrong_pin_ends_the_flow_before_anything_is_written() -> None:
    card = card_without_visits(STANDARD)
    terminal, watched = counter(STANDARD, 3, card)
    before = dict(card.memory.files)
    for tries in (2, 1, 0):
        with pytest.raises(WrongPin) as ending:
            record_visit(terminal, INPATIENT, some_data(STANDARD, INPATIENT), b"\x00\x00", TODAY)
        assert ending.value.tries == tries
    with pytest.raises(WrongPin, match="6983") as ending:
        record_visit(terminal, INPATIENT, some_data(STANDARD, INPATIENT), PIN, TODAY)
    assert ending.value.tries is None
    assert card.memory.files == before
    assert not any(sent.startswith("00D6") for sent in watched.sent)


def test_an_expired_card_takes_no_visit_and_settles_none() -> None:
    terminal, card = counter(STANDARD)
    late = TODAY.replace(year=2040)
    with pytest.raises(CardExpired):
        record_visit(terminal, INPATIENT, some_data(STANDARD, INPATIENT), PIN, late)
    with pytest.raises(CardExpired):
        settle_visit(terminal, INPATIENT, Accepting(), late)
    assert not any(sent[:4] in ("00D6", "84D2", "840C") for sent in card.sent)


@KINDS
def test_without_a_recorded_visit_there_is_nothing_to_settle(kind: VisitFiles) -> None:
    back = Accepting()
    with pytest.raises(NoVisitToSettle, match=kind.index):
        settle_visit(counter(STANDARD, 5, card_without_visits(STANDARD))[0], kind, back, TODAY)
    assert back.asked == []


@KINDS
@pytest.mark.parametrize("part", ["data", "signature", "certificate"])
def test_a_visit_changed_on_the_card_is_not_settled(kind: VisitFiles, part: str) -> None:
    card = card_without_visits(STANDARD)
    terminal, _ = counter(STANDARD, 5, card)
    recorded = record_visit(terminal, kind, some_data(STANDARD, kind), PIN, TODAY)
    held = bytearray(card.memory.files[recorded.file].binary)
    held[{"data": 7, "signature": -200, "certificate": -1}[part]] ^= 1
    card.memory.write(recorded.file, Held(binary=bytes(held)))
    with pytest.raises(SignatureNotAccepted, match=kind.path(1)):
        settle_visit(terminal, kind, back_end(STANDARD), TODAY)
    assert flags(card, kind).startswith("00")


def test_the_parts_are_written_one_after_the_other_in_blocks() -> None:
    terminal, card = counter(STANDARD)
    record_visit(terminal, INPATIENT, some_data(STANDARD, INPATIENT), PIN, TODAY)
    writes = [(int(sent[4:8], 16), int(sent[8:10], 16)) for sent in card.sent if sent.startswith("00D6")]
    blocks = [(at, 0x80) for at in range(0, 12 * 0x80, 0x80)] + [(12 * 0x80, 0x67)]
    assert writes == [*blocks, (1639, 64), (1703, 0x80), (1703 + 0x80, 62)]
    order = [sent[:4] for sent in card.sent if sent[:4] in ("00D6", "84D2")]
    assert order[-1] == "84D2"
    assert order.count("84D2") == 1


def test_updates_carry_a_mac_where_the_profile_asks_for_it() -> None:
    standard = STANDARD.replacing(
        files={
            path: msgspec.structs.replace(file, protection=Protection.MAC)
            for path, file in STANDARD.files.items()
            if path.startswith(("DDF1/DF03/EE", "DDF1/DF03/ED"))
        }
    )
    terminal, card = counter(standard, 5, card_without_visits(standard))
    recorded = record_visit(terminal, INPATIENT, some_data(standard, INPATIENT), PIN, TODAY)
    assert not any(sent.startswith("00D6") for sent in card.sent)
    assert read_visit(terminal, INPATIENT, 1) == recorded.visit


def test_a_refused_write_leaves_the_index_as_it_was() -> None:
    card = card_without_visits(STANDARD)
    card.memory.write("DDF1/DF03/EE01", Held(binary=bytes(1800)))
    terminal, _ = counter(STANDARD, 5, card)
    with pytest.raises(CommandRefused, match=r"UPDATE BINARY \(DDF1/DF03/EE01 1703\): 6B00"):
        record_visit(terminal, INPATIENT, some_data(STANDARD, INPATIENT), PIN, TODAY)
    assert set(flags(card, INPATIENT)) == {"F"}


@KINDS
def test_middleware_that_overwrites_takes_the_oldest_visit(kind: VisitFiles) -> None:
    standard = switched(no_free_visit_record="overwrite-oldest")
    card = card_without_visits(standard)
    terminal, _ = counter(standard, 3, card)
    element = next(e for e in standard.elements(kind.path(1)) if e.content in ("date", "date-time"))
    years = [2014, 2012, 2013, 2015, 2016][: standard.files[kind.index].records]
    for year in years:
        data = bytearray(some_data(standard, kind))
        data[element.offset : element.offset + 4] = bytes.fromhex(f"{year}0101")
        record_visit(terminal, kind, bytes(data), PIN, TODAY)
    assert record_visit(terminal, kind, some_data(standard, kind), PIN, TODAY).number == 2


def test_where_only_flagged_records_may_be_written_the_first_flagged_one_is() -> None:
    standard = switched(visit_record_to_write="flagged-valid")
    card = card_without_visits(standard)
    card.memory.write(INPATIENT.index, Held((b"\xff", b"\x00", b"\x00")))
    terminal, _ = counter(standard, 3, card)
    assert record_visit(terminal, INPATIENT, some_data(standard, INPATIENT), PIN, TODAY).number == 2


@pytest.mark.parametrize("order", ["either", "right-first", "index-first"])
def test_a_visit_is_settled_in_either_order_of_right_and_selection(order: str) -> None:
    standard = switched(settlement_order=order)
    card = card_without_visits(standard)
    terminal, watched = counter(standard, 5, card)
    record_visit(terminal, INPATIENT, some_data(standard, INPATIENT), PIN, TODAY)
    settle_visit(terminal, INPATIENT, back_end(standard), TODAY)
    assert set(flags(card, INPATIENT)) == {"F"}
    tail = [sent for sent in watched.sent if sent.startswith(("00A4000002EF05", "00820086"))][-2:]
    assert tail[0].startswith("0082") is (order == "right-first")


@KINDS
def test_data_of_another_length_never_reach_the_card(kind: VisitFiles) -> None:
    terminal, card = counter(STANDARD)
    with pytest.raises(ValueError, match="bytes, not"):
        record_visit(terminal, kind, b"short", PIN, TODAY)
    assert card.sent == []


def test_data_are_made_of_values() -> None:
    data = visit_data(STANDARD, INPATIENT, {"institution-code": "410100001"})
    assert len(data) == 1639
    assert data[70:80] == b"410100001\x00"
    with pytest.raises(ValueError, match="no element signature"):
        visit_data(STANDARD, INPATIENT, {"signature": bytes(64)})


@KINDS
def test_the_demo_holders_own_visit_is_settled(kind: VisitFiles) -> None:
    settled = settle_visit(counter(STANDARD)[0], kind, back_end(STANDARD), TODAY)
    assert settled.file == kind.path(1)
