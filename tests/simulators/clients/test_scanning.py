"""Scanning as cameras see it: any angle and size, noise, blur, light on dark; and images that hold no one code."""

from __future__ import annotations

import random
from io import BytesIO

import pytest
from PIL import Image, ImageFile, ImageFilter, ImageOps

from reference.qr.images import png
from simulators.clients.scanning import UnreadableImage, scan

CARD = "99CEAF7217DCFBA97402465CA54C7877980A3C1785B14EFAE41A1A2258206025"
STATIC = f"{CARD}:1"
DYNAMIC = f"{CARD}:0:{'92FD69141DFE1553A42251E2B0196148'}"
LONGEST = f"{DYNAMIC}:130000000000000000:5101A0001"
TEXTS = (STATIC, DYNAMIC, LONGEST)


def picture(text: str, side: int = 400) -> Image.Image:
    return Image.open(BytesIO(png(text, 0, side))).convert("L")


def filed(image: Image.Image, form: str = "PNG") -> bytes:
    out = BytesIO()
    image.save(out, form)
    return out.getvalue()


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("colour", [0, 1, 2, 3])
def test_the_standard_image_is_read_in_every_colour(text: str, colour: int) -> None:
    assert scan(png(text, colour, 200)) == text


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("angle", [7, 30, 45, 90, 135, 180, 270, 333])
def test_a_turned_code_is_read(text: str, angle: int) -> None:
    assert (
        scan(filed(picture(text).rotate(angle, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC))) == text
    )


@pytest.mark.parametrize("side", [130, 200, 333, 1000, 2000])
def test_a_code_of_any_size_is_read(side: int) -> None:
    assert scan(filed(picture(DYNAMIC, 800).resize((side, side), Image.Resampling.LANCZOS))) == DYNAMIC


@pytest.mark.parametrize("share", [0.01, 0.05, 0.1])
def test_a_noisy_code_is_read(share: float) -> None:
    image, chance = picture(DYNAMIC), random.Random(1)
    for _ in range(int(image.width * image.height * share)):
        image.putpixel((chance.randrange(image.width), chance.randrange(image.height)), chance.choice((0, 255)))
    assert scan(filed(image)) == DYNAMIC


def test_a_blurred_dim_inverted_or_distant_code_is_read() -> None:
    image = picture(DYNAMIC, 600)
    assert scan(filed(image.filter(ImageFilter.GaussianBlur(3)))) == DYNAMIC
    assert scan(filed(image.point(lambda grey: 90 + grey // 6))) == DYNAMIC
    assert scan(filed(ImageOps.invert(image))) == DYNAMIC
    scene = Image.new("L", (1600, 1200), 180)
    scene.paste(image.resize((250, 250)), (1200, 100))
    assert scan(filed(scene, "JPEG")) == DYNAMIC


def test_a_part_of_the_code_may_be_dirty() -> None:
    image = picture(DYNAMIC)
    image.paste(0, (180, 180, 205, 205))
    assert scan(filed(image)) == DYNAMIC


def test_two_codes_in_one_image_are_not_guessed_at() -> None:
    scene = Image.new("L", (900, 420), 255)
    scene.paste(picture(STATIC), (10, 10))
    scene.paste(picture(DYNAMIC), (480, 10))
    with pytest.raises(UnreadableImage, match="several codes"):
        scan(filed(scene))


@pytest.mark.parametrize("image", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"{}", png(STATIC, 0, 200)[:150]])
@pytest.mark.parametrize("lenient", [False, True])
def test_what_is_no_image_is_told(image: bytes, lenient: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient)
    with pytest.raises(UnreadableImage, match="no image"):
        scan(image)


def test_an_image_without_code_and_one_too_large_are_told() -> None:
    with pytest.raises(UnreadableImage, match="no QR code"):
        scan(filed(Image.new("L", (200, 200), 255)))
    with pytest.raises(UnreadableImage, match="too large"):
        scan(filed(Image.new("1", (7000, 6000))))
