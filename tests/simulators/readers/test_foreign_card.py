"""A foreign card (vicc, the generic ISO card of the virtualsmartcard project) behind our readers."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from reference.ports import ProductUnreachable
from simulators.readers import foreign_card
from simulators.readers.card_server import LOOPBACK
from simulators.readers.foreign_card import ForeignCard
from simulators.readers.in_process import InProcessReader

GET_CHALLENGE = bytes.fromhex("0084000008")


@pytest.mark.usefixtures("vicc")
def test_a_foreign_card_answers_as_an_iso_card_that_knows_no_health_card() -> None:
    with ForeignCard() as card:
        reader = InProcessReader(card)
        assert reader.reset()[0] == 0x3B
        assert reader.transmit(bytes.fromhex("00A4000C023F00")).hex() == "9000"
        challenge = reader.transmit(GET_CHALLENGE)
        assert (len(challenge), challenge[-2:].hex()) == (10, "9000")
        assert reader.transmit(bytes.fromhex("80500000")).hex() == "6d00"


@pytest.mark.usefixtures("vicc")
def test_a_foreign_card_that_ended_is_unreachable() -> None:
    with ForeignCard() as card:
        assert card._process is not None
        card._process.kill()
        card._process.wait()
        with pytest.raises(ProductUnreachable, match="Start it again"):
            card.transmit(GET_CHALLENGE)


def test_a_card_program_that_ends_at_once_is_not_waited_for() -> None:
    card = ForeignCard()
    with (
        socket.create_server((LOOPBACK, 0)) as listener,
        pytest.raises(ProductUnreachable, match="did not connect"),
    ):
        card.start(listener, [sys.executable, "-c", "pass"])
    with pytest.raises(ProductUnreachable, match="not connected"):
        card.reset()


def test_a_missing_foreign_card_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(foreign_card, "PROGRAM", tmp_path / "vicc")
    with pytest.raises(ProductUnreachable, match="vsmartcard-vpicc"), ForeignCard():
        pass
