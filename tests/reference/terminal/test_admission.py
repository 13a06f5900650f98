"""How a flow begins: the SAM's type is named before the card is touched, only genuine and valid cards go on."""

from __future__ import annotations

import datetime

import pytest

from reference.card.violations import ForgedCard, ReadRefused, WrongCoding
from reference.languages import say
from reference.ports import Chip, ProductUnreachable
from reference.standard import load
from reference.terminal.admission import admit, begin, need_sam, read_expiry, sam_type
from reference.terminal.card_session import CardSession
from reference.terminal.endings import CardExpired, UnknownSamType, WrongSamType
from reference.terminal.sam_session import SamRefuses, SamSession
from reference.terminal.terminal import FlowBroken, Terminal
from simulators.cards import demo_card
from simulators.cards.hollow import Always9000Card, GenerousCard, NullCard, SilentCard
from simulators.cards.memory import Held
from tests.reference.terminal.counter import TODAY, counter
from tests.reference.terminal.scripted import ListedChip

STANDARD = load()


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_the_sam_says_its_type(number: int) -> None:
    terminal, card = counter(STANDARD, number)
    assert sam_type(terminal) == number
    assert card.sent == []


def test_a_sam_without_the_key_is_refused_with_the_types_that_have_it_before_the_card_is_touched() -> None:
    terminal, card = counter(STANDARD, 3)
    with pytest.raises(
        WrongSamType, match="For reading a card a SAM of type 2, 5 is needed; this one is of type 3 and lacks UK2DF02"
    ) as fault:
        need_sam(terminal, say("reading a card"), ["RK1DF02", "UK2DF02", None])
    assert (fault.value.found, fault.value.needed, fault.value.missing) == (3, (2, 5), ("UK2DF02",))
    assert card.sent == []


@pytest.mark.parametrize("named", [0, 6, 0x35])
def test_a_sam_of_an_unknown_type_is_named(named: int) -> None:
    terminal, card = counter(STANDARD)
    content = bytes(11) + bytes((named,)) + bytes(2)
    terminal.sam.chip = ListedChip(["9000", "9000", content.hex() + "9000", "9000"])
    with pytest.raises(UnknownSamType, match=f"{named:02X}; known types are 1, 2, 3, 4, 5"):
        sam_type(terminal)
    assert card.sent == []


def test_a_chip_that_is_no_sam_is_refused_before_the_card_is_touched() -> None:
    terminal, card = counter(STANDARD)
    terminal.sam.chip = NullCard()
    with pytest.raises(SamRefuses, match="SELECT 3F00"):
        sam_type(terminal)
    assert card.sent == []


def test_a_genuine_card_is_let_in() -> None:
    terminal, card = counter(STANDARD)
    admit(terminal, TODAY)
    assert any(sent.startswith("00880000") for sent in card.sent)
    assert terminal.historical.hex().upper() == "00816B0000101512345678ABCD"


def test_a_card_with_another_key_is_forged() -> None:
    card = demo_card(STANDARD)
    card.memory.keys["IRKDDF1"] = card.memory.keys["RK1DDF1"]
    terminal, _ = counter(STANDARD, card=card)
    with pytest.raises(FlowBroken) as fault:
        begin(terminal)
    assert isinstance(fault.value.violation, ForgedCard)


@pytest.mark.parametrize("card", [NullCard(), Always9000Card(), GenerousCard()], ids=lambda card: type(card).__name__)
def test_a_hollow_card_is_not_let_in(card: Chip) -> None:
    terminal, _ = counter(STANDARD, card=card)
    with pytest.raises(FlowBroken):
        admit(terminal, TODAY)


def test_a_silent_card_is_unreachable() -> None:
    terminal, _ = counter(STANDARD, card=SilentCard())
    with pytest.raises(ProductUnreachable):
        admit(terminal, TODAY)


def test_the_card_is_valid_up_to_its_last_day() -> None:
    last = datetime.date(2032, 10, 17)
    terminal, _ = counter(STANDARD)
    admit(terminal, last)
    with pytest.raises(CardExpired, match="until 2032-10-17, today is 2032-10-18") as ending:
        admit(terminal, last + datetime.timedelta(days=1))
    assert ending.value.expiry == last


def test_the_expiry_date_is_read_where_the_profile_has_it() -> None:
    terminal, card = counter(STANDARD)
    begin(terminal)
    card.sent.clear()
    assert read_expiry(terminal) == datetime.date(2032, 10, 17)
    assert card.sent[:3] == ["00A40000023F00", "00A4000002DDF1", "00A4000002EF08"]


@pytest.mark.parametrize("coded", ["0704FFFFFFFF", "070420321340", "0704", "070420A21017"])
def test_an_expiry_date_that_is_none_breaks_the_flow(coded: str) -> None:
    card = demo_card(STANDARD)
    records = (bytes.fromhex(coded), *card.memory.files["DDF1/EF08"].records[1:])
    card.memory.write("DDF1/EF08", Held(records))
    terminal, _ = counter(STANDARD, card=card)
    with pytest.raises(FlowBroken) as fault:
        admit(terminal, TODAY)
    assert isinstance(fault.value.violation, WrongCoding)


def test_an_expiry_date_that_is_not_given_breaks_the_flow() -> None:
    card = demo_card(STANDARD)
    card.memory.write("DDF1/EF08", Held(()))
    terminal = Terminal(CardSession(card, STANDARD), SamSession(counter(STANDARD)[0].sam.chip, STANDARD))
    with pytest.raises(FlowBroken) as fault:
        admit(terminal, TODAY)
    assert isinstance(fault.value.violation, ReadRefused)
