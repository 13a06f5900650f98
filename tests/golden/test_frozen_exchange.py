"""An exchange without an open byte: catches changes made to simulators and cryptography alike."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from gmssl.sm4 import SM4_ENCRYPT, CryptSM4

from reference.ports import Chip
from reference.standard import load
from simulators.cards.demo import DEMO_PIN, demo_image, demo_personalisation
from simulators.cards.personalisation import personalise_sam
from simulators.cards.sam import SamCard
from simulators.cards.user_card import UserCard
from tests.golden.exchanges import HERE, play, read

FROZEN = sorted((HERE / "frozen").glob("*.toml"))
CASES = [(path, profile) for path in FROZEN for profile in read(path)["profiles"]]


class ListedRandomness:
    """Gives the listed values, each once."""

    def __init__(self, values: Iterable[str]) -> None:
        self.values = [bytes.fromhex(value) for value in values]

    def bytes(self, length: int) -> bytes:
        """The next listed value, which has this length."""
        value = self.values.pop(0)
        assert len(value) == length
        return value


@pytest.mark.parametrize(("path", "profile"), CASES, ids=lambda value: getattr(value, "stem", value))
def test_the_frozen_exchange_still_runs(path: Path, profile: str) -> None:
    standard, exchange = load(profile), read(path)
    card_random = ListedRandomness(exchange["card_random"])
    sam_random = ListedRandomness(exchange["sam_random"])
    city = bytes.fromhex(demo_personalisation().values["DDF1/EF05"]["city-code"])
    chips: dict[str, Chip] = {
        "card": UserCard(standard, demo_image(standard), card_random),
        "sam": SamCard(standard, personalise_sam(standard, 5, city, DEMO_PIN), sam_random),
    }
    assert play(path, chips) == len(exchange["steps"])
    assert card_random.values == sam_random.values == []


@pytest.mark.parametrize("path", FROZEN, ids=lambda path: path.stem)
def test_gmssl_alone_leads_to_the_frozen_bytes(path: Path) -> None:
    exchange = read(path)
    sent_and_answered = "".join(step["send"] + step["answer"] for step in exchange["steps"]).replace(" ", "")
    for row in exchange["computations"]:
        cipher = CryptSM4(SM4_ENCRYPT, padding_mode=None)
        cipher.set_key(bytes.fromhex(row["key"]), SM4_ENCRYPT)
        assert cipher.crypt_ecb(bytes.fromhex(row["input"])).hex().upper() == row["output"], row["what"]
        if "block" in row["what"] or "record" in row["what"]:
            shown = row["output"][:8] if "MAC, last" in row["what"] else row["output"]
            assert shown in sent_and_answered or "MAC, first" in row["what"], row["what"]


@pytest.mark.parametrize("path", FROZEN, ids=lambda path: path.stem)
def test_the_frozen_exchange_has_no_open_byte(path: Path) -> None:
    text = "".join(step["send"] + step["answer"] for step in read(path)["steps"])
    assert "<" not in text
    assert set(text.replace("reset", "")) <= set("0123456789ABCDEF ")
