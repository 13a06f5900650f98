"""The demo card and SAM: one made-up holder, keys that anybody can compute, marked as demo everywhere."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

import msgspec

from reference.crypto import engine
from reference.standard import Standard, load
from simulators.cards.image import CardImage, Content
from simulators.cards.memory import CardMemory
from simulators.cards.personalisation import Personalisation, personalise_card, personalise_sam
from simulators.cards.sam import SamCard
from simulators.cards.sam.content import issuer_certificate, sam_certificate, sam_signing_key
from simulators.cards.user_card import UserCard
from simulators.sources import SeededRandomness

DEMO_PIN = bytes.fromhex("1234")
DEMO_SEED = 543
VISITS = ("DDF1/DF03/EE01", "DDF1/DF03/ED01")
"""Where the holder's visits stand."""
HOSPITAL_SAM = 2


def demo_personalisation() -> Personalisation:
    """The made-up holder of `demo_holder.toml`, with a drawn photo behind its two length bytes (APP11 table 4-3).

    The issuer's certificate is the demo issuer's.
    """
    here = resources.files(__package__)
    data = tomllib.loads(here.joinpath("demo_holder.toml").read_text(encoding="utf-8"))
    photo = here.joinpath("demo_photo.jpg").read_bytes()
    data["values"]["DDF1/EF07"] = {"photo": (len(photo).to_bytes(2, "big") + photo).hex()}
    data["values"]["DDF1/EF05"]["issuer-certificate"] = issuer_certificate(load()).hex()
    return msgspec.convert(data, Personalisation)


def demo_image(standard: Standard) -> CardImage:
    """The demo card's image, its visits signed by a hospital's demo SAM; each call makes a new one."""
    image = personalise_card(standard, demo_personalisation())
    for path in VISITS:
        image.files[path] = _signed(standard, path, image.files[path].binary)
    return image


def _signed(standard: Standard, path: str, visit: bytes) -> Content:
    """The visit's file with signature and SAM certificate in their places (APP11 7.1)."""
    data = visit[: standard.element(path, "signature").offset]
    signature = sam_signing_key(HOSPITAL_SAM).sign(engine().sm3(data))
    return Content(binary=data + signature + sam_certificate(standard, HOSPITAL_SAM))


def demo_card(
    standard: Standard | None = None,
    interface: str = "contactless",
    seed: int = DEMO_SEED,
    *,
    memory: Path | None = None,
) -> UserCard:
    """A personalised user card that conforms to its profile; its memory in a file where one is named.

    Raises UnusableMemory.
    """
    standard = standard or load()
    image = demo_image(standard)
    return UserCard(standard, image, SeededRandomness(seed), interface, memory=CardMemory(image, memory))


def demo_sam(type: int = 5, standard: Standard | None = None, seed: int = DEMO_SEED) -> SamCard:
    """A SAM of one of the five types, fitting the demo card."""
    standard = standard or load()
    city = demo_personalisation().values["DDF1/EF05"]["city-code"]
    image = personalise_sam(standard, type, bytes.fromhex(city), DEMO_PIN)
    return SamCard(standard, image, SeededRandomness(seed + type))
